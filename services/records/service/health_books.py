"""The health book, results, and which of them may be reused."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import grpc

from chassis import audit, call_context, clock
from chassis.db import Database
from chassis.pagination import NEWEST, Cursor, Paginator
from common.names import last_part
from common.values import latest_time, timestamp_from_pb
from lientuyen.records.v1 import health_book_pb2, health_book_service_pb2_grpc
from lientuyen.records.v1 import health_book_service_pb2 as pb

from ..convert import health_books as convert
from ..convert.result_reuse import reuse_answer_to_pb
from ..model.health_books import BookedAppointment, DispensedMedicine, ResultEntry
from ..model.read_scope import ReadScope
from ..model.result_reuse import OrderedTest, choose_results, codes_of
from ..peers import Pharmacy, Routing
from ..store import health_books as store
from .book_history import add_history
from .book_pages import BookPage, open_page, read_received
from .dossiers import EARLIEST
from .past_results import PastResults
from .patient_summaries import PatientSummaries
from .peer_parts import part_of
from .prevention import Prevention
from .read_policy import ReadPolicy, access_denied

Context = grpc.aio.ServicerContext[object, object]


class HealthBookService(health_book_service_pb2_grpc.HealthBookServiceServicer):
    def __init__(
        self,
        db: Database,
        paginator: Paginator,
        read_policy: ReadPolicy,
        pharmacy: Pharmacy,
        routing: Routing,
        prevention: Prevention,
        past_results: PastResults,
        summaries: PatientSummaries,
    ) -> None:
        self._db = db
        self._paginator = paginator
        self._read_policy = read_policy
        self._pharmacy = pharmacy
        self._routing = routing
        self._prevention = prevention
        self._summaries = summaries
        self._past_results = past_results

    async def GetHealthBook(
        self, request: pb.GetHealthBookRequest, context: Context
    ) -> pb.GetHealthBookResponse:
        now = clock.now()
        page = open_page(self._paginator, request, now)
        scope = await self._read_policy.scope(request.person, request.access)
        if scope.denial:
            raise access_denied(request.person, scope.denial)
        medicines, appointments, unreachable = (
            await self._ask_peers(request, scope) if page.is_first else ([], [], [])
        )
        book, next_page_token = await self._own_part(request, scope, page, now)
        book.dispensed_medicines.extend(
            convert.dispensed_medicine_to_pb(medicine)
            for medicine in page.received(medicines)
            if scope.shows(medicine.classes)
        )
        book.appointments.extend(
            convert.appointment_to_pb(appointment)
            for appointment in page.booked(appointments)
            if scope.shows(appointment.classes, last_part(appointment.facility))
        )
        return pb.GetHealthBookResponse(
            health_book=book,
            unreachable=sorted({*unreachable, *scope.unreachable}),
            next_page_token=next_page_token,
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
            part_of(
                "pharmacy",
                lambda: self._pharmacy.list_dispensed_medicines(person, access, scope.hidden),
                unreachable,
            ),
            part_of("routing", lambda: self._routing.list_appointments(person, access), unreachable),
        )
        return medicines, appointments, unreachable

    async def _own_part(
        self, request: pb.GetHealthBookRequest, scope: ReadScope, page: BookPage, now: datetime
    ) -> tuple[health_book_pb2.HealthBook, str]:
        """Return what records itself holds of the book, and the token of the next page."""
        latest, persons = latest_time(now), scope.persons
        async with self._db.connection() as tx:  # the row first: nothing is read without one
            await audit.record(tx, subject=request.person, access=request.access, flagged=scope.flagged)
        async with self._db.snapshot() as tx:
            received = await read_received(tx, scope, page)
            entries, next_page_token = page.close(
                await store.list_encounters(
                    tx, scope, before=page.before, left_out=received.later, limit=page.page.limit
                )
            )
            dossiers = [entry.source.dossier for entry in entries]
            book = health_book_pb2.HealthBook(
                person=request.person,
                encounters=map(convert.encounter_to_pb, entries),
                results=convert.results_to_pb(await store.results_of(tx, persons, dossiers, latest), now),
                medicines=map(
                    convert.medicine_to_pb, await store.medicines_of(tx, persons, dossiers, latest)
                ),
                procedures=map(
                    convert.procedure_to_pb, await store.procedures_of(tx, persons, dossiers, latest)
                ),
                older_encounters=bool(next_page_token),
            )
            if page.is_first:
                before = min(page.before.time, page.end)
                await self._prevention.add_to(book, tx, scope, before=before, limit=page.page.limit - 1)
            await add_history(tx, book, scope, page, received, dossiers)
        return book, next_page_token

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
        listed, next_page_token = page.close(
            list(zip(entries, convert.results_to_pb(entries, now), strict=True)),
            key=lambda each: (each[0].result.result_time, each[0].id),
            bytes_of=lambda each: each[1].ByteSize(),
        )
        return pb.ListResultsResponse(
            results=[message for _, message in listed],
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

    async def GetPatientSummary(
        self, request: pb.GetPatientSummaryRequest, context: Context
    ) -> pb.GetPatientSummaryResponse:
        return await self._summaries.summary_of(request.person, request.access)

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
