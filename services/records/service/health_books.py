"""The health book, results, and which of them may be reused."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC
from functools import reduce
from operator import or_
from typing import TypeVar
from uuid import UUID

import grpc

from chassis import audit, clock
from chassis.db import Database
from chassis.errors import ServiceError
from chassis.pagination import Paginator, from_micros, to_micros
from lientuyen.records.v1 import health_book_pb2, health_book_service_pb2_grpc
from lientuyen.records.v1 import health_book_service_pb2 as pb
from lientuyen.type.v1.access_pb2 import AccessContext

from ..convert import health_books as convert
from ..convert.names import facility_name
from ..model.classes import classes_of, mask_of
from ..model.health_books import Booking, FoundResult, Pharmacy
from ..model.result_reuse import KnownResult, Order, choose, codes
from ..peers import Dispensings, Routing
from ..store import health_books as store
from .dossiers import BEGINNING, END_OF_TIME, LAST_ID
from .read_policy import Readers, Scope, denied

Context = grpc.aio.ServicerContext[object, object]
T = TypeVar("T")

# Encounters in one health book: by default, and at most.
DEFAULT_ENCOUNTERS, MAX_ENCOUNTERS = 50, 200


class HealthBookService(health_book_service_pb2_grpc.HealthBookServiceServicer):
    """Shows what is known of a person."""

    def __init__(
        self, db: Database, paginator: Paginator, readers: Readers, dispensings: Dispensings, routing: Routing
    ) -> None:
        self._db = db
        self._paginator = paginator
        self._readers = readers
        self._dispensings = dispensings
        self._routing = routing

    async def GetHealthBook(
        self, request: pb.GetHealthBookRequest, context: Context
    ) -> pb.GetHealthBookResponse:
        access = request.access
        scope = await self._readers.scope(request.person, access)
        if scope.denial:
            raise denied(request.person, scope.denial)
        dispensed, booked, missing = await self._peers_part(request.person, access, scope)
        told = union(map(kinds_of, dispensed)) | union(map(kinds_of, booked))
        book, scope = await self._own_part(request, scope, told)
        book.dispensed_medicines.extend(
            convert.dispensed_to_pb(one) for one in dispensed if shown(scope, one)
        )
        book.appointments.extend(convert.booking_to_pb(one) for one in booked if shown(scope, one))
        return pb.GetHealthBookResponse(health_book=book, unreachable=sorted({*missing, *scope.unreachable}))

    async def _peers_part(
        self, person: str, access: AccessContext, scope: Scope
    ) -> tuple[list[Pharmacy], list[Booking], list[str]]:
        """Return what pharmacy and routing hold of a book, of every kind, and who was not heard.

        They hand it to us for whoever asks.  So while nobody has said that the reader may see
        others' records, they are not asked, and their parts are missing.
        """
        if scope.own:
            return [], [], ["pharmacy", "routing"]
        missing: list[str] = []
        dispensed, booked = await asyncio.gather(
            heard("pharmacy", lambda: self._dispensings.of_person(person, access), missing),
            heard("routing", lambda: self._routing.appointments(person, access), missing),
        )
        return dispensed, booked, missing

    async def _own_part(
        self, request: pb.GetHealthBookRequest, scope: Scope, told: int
    ) -> tuple[health_book_pb2.HealthBook, Scope]:
        """Return what records itself holds of the book, and the scope in which all of it is shown.

        *told* is the mask of the restricted kinds that the parts of others tell of.
        """
        limit = min(request.encounter_limit or DEFAULT_ENCOUNTERS, MAX_ENCOUNTERS)
        before = request.arrived_before.ToDatetime(UTC) if request.HasField("arrived_before") else END_OF_TIME
        async with self._db.connection() as tx:
            mask = told | await store.classes_of(tx, scope.persons)
        if not scope.own:
            scope = await self._readers.widen(scope, request.person, request.access, mask)
        persons = scope.persons
        async with self._db.connection() as tx:  # the row first: nothing is read without one
            await audit.record(tx, subject=request.person, access=request.access, flagged=scope.flagged)
        async with self._db.snapshot() as tx:
            found = await store.list_encounters(
                tx,
                scope.persons,
                hidden=scope.hidden,
                reader=scope.reader,
                own=scope.own,
                before=before,
                limit=limit + 1,
            )
            dossiers = [one.source.dossier for one in found[:limit]]
            book = health_book_pb2.HealthBook(
                person=request.person,
                encounters=map(convert.encounter_to_pb, found[:limit]),
                results=map(convert.result_to_pb, await store.results_of(tx, persons, dossiers)),
                medicines=map(convert.medicine_to_pb, await store.medicines_of(tx, persons, dossiers)),
                procedures=map(convert.procedure_to_pb, await store.procedures_of(tx, persons, dossiers)),
                summaries=map(convert.summary_to_pb, await store.summaries_of(tx, persons, dossiers)),
                older_encounters=len(found) > limit,
            )
        return book, scope

    async def ListResults(self, request: pb.ListResultsRequest, context: Context) -> pb.ListResultsResponse:
        position = self._paginator.position(request.page_token, request)
        size = self._paginator.size(request.page_size)
        scope = await self._widened(request.person, request.access)
        async with self._db.transaction() as tx:
            found = await store.list_results(
                tx,
                scope.persons,
                hidden=scope.hidden,
                reader=scope.reader,
                own=scope.own,
                service=request.service_code,
                indicator=request.indicator_code,
                since=request.since.ToDatetime(UTC) if request.HasField("since") else BEGINNING,
                before=from_micros(position[0]) if position else END_OF_TIME,
                before_id=UUID(str(position[1])) if position else LAST_ID,
                limit=size + 1,
            )
            await audit.record(tx, subject=request.person, access=request.access, flagged=scope.flagged)
        page, following = self._paginator.cut(
            found, size, lambda one: [to_micros(one.result.result_time), str(one.id)], request
        )
        return pb.ListResultsResponse(
            results=map(convert.result_to_pb, page),
            next_page_token=following,
            own_records_only=bool(scope.own),
            unreachable=scope.unreachable,
        )

    async def FindReusableResults(
        self, request: pb.FindReusableResultsRequest, context: Context
    ) -> pb.FindReusableResultsResponse:
        orders = [Order(one.service_code, one.indicator_code) for one in request.orders]
        scope = await self._readers.scope(request.person, request.access)
        found, scope = await self._latest(orders, request, scope)
        known, now = [known_result(one) for one in found], clock.now()
        choices = [choose(order, known, now, searched_all=not scope.own) for order in orders]
        return pb.FindReusableResultsResponse(
            answers=[convert.answer_to_pb(choice, found) for choice in choices],
            own_records_only=bool(scope.own),
            denial=scope.denial,
            unreachable=scope.unreachable,
        )

    async def _latest(
        self, orders: Sequence[Order], request: pb.FindReusableResultsRequest, scope: Scope
    ) -> tuple[list[FoundResult], Scope]:
        """Return the latest results that may be seen: one indexed query, in the transaction of the audit row.

        Restricted kinds are asked about only if there are any among them, and left out unless allowed.
        """
        services, indicators = codes(orders)
        async with self._db.transaction() as tx:
            found = await store.latest_results(
                tx,
                scope.persons,
                hidden=0,
                reader=scope.reader,
                own=scope.own,
                services=services,
                indicators=indicators,
            )
            await audit.record(tx, subject=request.person, access=request.access, flagged=scope.flagged)
        mask = 0
        for one in found:
            mask |= one.source.classes
        scope = await self._readers.widen(scope, request.person, request.access, mask)
        return [one for one in found if may_see(scope, one)], scope

    async def _widened(self, name: str, access: AccessContext) -> Scope:
        """Return what the caller may see, the restricted kinds that there are included if allowed."""
        scope = await self._readers.scope(name, access)
        if scope.own:
            return scope
        async with self._db.connection() as tx:
            mask = await store.classes_of(tx, scope.persons)
        return await self._readers.widen(scope, name, access, mask)


async def heard(
    name: str, ask: Callable[[], Awaitable[tuple[list[T], Sequence[str]]]], missing: list[str]
) -> list[T]:
    """Return what a peer holds; one that is silent or refuses is noted in *missing*, and gives nothing.

    So is whom the peer itself could not ask.
    """
    try:
        held, unreachable = await ask()
    except ServiceError:
        missing.append(name)
        return []
    missing += unreachable
    return held


def kinds_of(part: Pharmacy | Booking) -> int:
    """Return the mask of the restricted kinds that a part of another service tells of."""
    return part.classes if isinstance(part, Pharmacy) else mask_of(classes_of([part.diagnosis[1]]))


def union(masks: Iterable[int]) -> int:
    """Return the mask of all that is in any of *masks*."""
    return reduce(or_, masks, 0)


def shown(scope: Scope, part: Pharmacy | Booking) -> bool:
    """Whether a reader is shown a part of another service: its own booking, or of no hidden kind."""
    own = isinstance(part, Booking) and part.facility == facility_name(scope.reader)
    return own or not kinds_of(part) & scope.hidden


def may_see(scope: Scope, found: FoundResult) -> bool:
    """Whether a reader may see a result: its own, or one of no hidden kind."""
    return found.source.facility == scope.reader or not found.source.classes & scope.hidden


def known_result(found: FoundResult) -> KnownResult:
    it = found.result
    return KnownResult(
        found.id,
        found.source.dossier,
        it.service_code,
        it.service_name,
        it.indicator_code,
        it.indicator_name,
        it.result_time,
    )
