"""The health book, results, and which of them may be reused."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import grpc

from chassis import audit, call_context, clock
from chassis.db import Database
from chassis.deadline import leaving_time
from chassis.errors import ServiceError
from chassis.pagination import NEWEST, Cursor, Paginator
from common.names import last_part
from common.values import latest_time, timestamp_from_pb
from lientuyen.records.v1 import health_book_pb2, health_book_service_pb2_grpc
from lientuyen.records.v1 import health_book_service_pb2 as pb

from ..convert import health_books as convert
from ..convert.result_reuse import reuse_answer_to_pb
from ..model.health_books import (
    DEFAULT_ENCOUNTERS,
    MAX_ENCOUNTERS,
    BookedAppointment,
    DispensedMedicine,
    ResultEntry,
)
from ..model.read_scope import ReadScope
from ..model.result_reuse import OrderedTest, choose_results, codes_of
from ..peers import Pharmacy, Routing
from ..store import health_books as store
from .dossiers import EARLIEST
from .past_results import PastResults
from .read_policy import ReadPolicy, access_denied

Context = grpc.aio.ServicerContext[object, object]
T = TypeVar("T")


class HealthBookService(health_book_service_pb2_grpc.HealthBookServiceServicer):
    def __init__(
        self,
        db: Database,
        paginator: Paginator,
        read_policy: ReadPolicy,
        pharmacy: Pharmacy,
        routing: Routing,
        past_results: PastResults,
    ) -> None:
        self._db = db
        self._paginator = paginator
        self._read_policy = read_policy
        self._pharmacy = pharmacy
        self._routing = routing
        self._past_results = past_results

    async def GetHealthBook(
        self, request: pb.GetHealthBookRequest, context: Context
    ) -> pb.GetHealthBookResponse:
        scope = await self._read_policy.scope(request.person, request.access)
        if scope.denial:
            raise access_denied(request.person, scope.denial)
        medicines, appointments, unreachable = await self._ask_peers(request, scope)
        book = await self._own_part(request, scope)
        book.dispensed_medicines.extend(
            convert.dispensed_medicine_to_pb(medicine)
            for medicine in medicines
            if scope.shows(medicine.classes)
        )
        book.appointments.extend(
            convert.appointment_to_pb(appointment)
            for appointment in appointments
            if scope.shows(appointment.classes, last_part(appointment.facility))
        )
        return pb.GetHealthBookResponse(
            health_book=book, unreachable=sorted({*unreachable, *scope.unreachable})
        )

    async def _ask_peers(
        self, request: pb.GetHealthBookRequest, scope: ReadScope
    ) -> tuple[list[DispensedMedicine], list[BookedAppointment], list[str]]:
        """Return what pharmacy and routing hold of a book, and who was not heard.

        They hand it to us for whoever asks.  So while nobody has said that the reader may see
        others' records, they are not asked, and their parts are missing.
        """
        if scope.confined_to:
            return [], [], ["pharmacy", "routing"]
        person, access, unreachable = request.person, request.access, list[str]()
        medicines, appointments = await asyncio.gather(
            _ask(
                "pharmacy",
                lambda: self._pharmacy.list_dispensed_medicines(person, access, scope.hidden),
                unreachable,
            ),
            _ask("routing", lambda: self._routing.list_appointments(person, access), unreachable),
        )
        return medicines, appointments, unreachable

    async def _own_part(
        self, request: pb.GetHealthBookRequest, scope: ReadScope
    ) -> health_book_pb2.HealthBook:
        """Return what records itself holds of the book."""
        limit = min(request.encounter_limit or DEFAULT_ENCOUNTERS, MAX_ENCOUNTERS)
        now = clock.now()
        latest = latest_time(now)
        before = timestamp_from_pb(request.arrived_before) if request.HasField("arrived_before") else latest
        before = min(before, latest)
        persons = scope.persons
        async with self._db.connection() as tx:  # the row first: nothing is read without one
            await audit.record(tx, subject=request.person, access=request.access, flagged=scope.flagged)
        async with self._db.snapshot() as tx:
            entries = await store.list_encounters(tx, scope, before=before, limit=limit + 1)
            dossiers = [entry.source.dossier for entry in entries[:limit]]
            return health_book_pb2.HealthBook(
                person=request.person,
                encounters=map(convert.encounter_to_pb, entries[:limit]),
                results=[
                    convert.result_to_pb(entry, now)
                    for entry in await store.results_of(tx, persons, dossiers, latest)
                ],
                medicines=map(
                    convert.medicine_to_pb, await store.medicines_of(tx, persons, dossiers, latest)
                ),
                procedures=map(
                    convert.procedure_to_pb, await store.procedures_of(tx, persons, dossiers, latest)
                ),
                summaries=map(convert.summary_to_pb, await store.summaries_of(tx, persons, dossiers)),
                older_encounters=len(entries) > limit,
            )

    async def ListResults(self, request: pb.ListResultsRequest, context: Context) -> pb.ListResultsResponse:
        page, now = self._paginator.open(request), clock.now()
        scope = await self._read_policy.scope(request.person, request.access)
        async with self._db.transaction() as tx:
            entries = await store.list_results(
                tx,
                scope,
                service_code=request.service_code,
                indicator_code=request.indicator_code,
                since=timestamp_from_pb(request.since) if request.HasField("since") else EARLIEST,
                before=min(page.before, Cursor(latest_time(now), NEWEST.id)),
                limit=page.limit,
            )
            await audit.record(tx, subject=request.person, access=request.access, flagged=scope.flagged)
        entries, next_page_token = page.close(entries, key=lambda entry: (entry.result.result_time, entry.id))
        return pb.ListResultsResponse(
            results=[convert.result_to_pb(entry, now) for entry in entries],
            next_page_token=next_page_token,
            own_records_only=bool(scope.confined_to),
            unreachable=scope.unreachable,
        )

    async def FindReusableResults(
        self, request: pb.FindReusableResultsRequest, context: Context
    ) -> pb.FindReusableResultsResponse:
        orders = [OrderedTest(order.service_code, order.indicator_code) for order in request.orders]
        scope = await self._read_policy.scope(request.person, request.access)
        entries = await self._latest_results(orders, request, scope)
        now = clock.now()
        results, silent = await self._past_results.judge(entries, call_context.caller().code or "", now)
        choices = [
            choose_results(order, results, now, searched_all=not scope.confined_to) for order in orders
        ]
        return pb.FindReusableResultsResponse(
            answers=[reuse_answer_to_pb(choice, entries, now) for choice in choices],
            own_records_only=bool(scope.confined_to),
            denial=scope.denial,
            unreachable=sorted({*scope.unreachable, *silent}),
        )

    async def _latest_results(
        self, orders: Sequence[OrderedTest], request: pb.FindReusableResultsRequest, scope: ReadScope
    ) -> list[ResultEntry]:
        """Return the latest results that may be seen: one indexed query, beside the audit row."""
        service_codes, indicator_codes = codes_of(orders)
        async with self._db.transaction() as tx:
            entries = await store.latest_results(
                tx,
                scope,
                service_codes=service_codes,
                indicator_codes=indicator_codes,
                latest=latest_time(clock.now()),
            )
            await audit.record(tx, subject=request.person, access=request.access, flagged=scope.flagged)
        return entries


async def _ask(
    name: str, ask: Callable[[], Awaitable[tuple[list[T], Sequence[str]]]], unreachable: list[str]
) -> list[T]:
    """Return what a peer holds; one that is silent or refuses is noted in *unreachable*, and gives nothing.

    So is whom the peer itself could not ask.
    """
    try:
        with leaving_time():
            parts, not_heard = await ask()
    except ServiceError:
        unreachable.append(name)
        return []
    unreachable += not_heard
    return parts
