"""Which part of a health book (sổ sức khỏe điện tử) is asked for: a page, of a day; and what it lacks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Transaction
from chassis.pagination import Cursor, Page, Paginator
from common.values import date_from_pb, end_of, latest_time, timestamp_from_pb
from lientuyen.records.v1 import health_book_service_pb2 as pb

from ..model.health_books import (
    DEFAULT_ENCOUNTERS,
    MAX_ENCOUNTERS,
    BookedAppointment,
    DispensedMedicine,
    EncounterEntry,
)
from ..model.missing_encounters import EncounterKey, MissingEncounters, missing_encounters
from ..model.read_scope import ReadScope
from ..store import missing_encounters as store

FIRST_ID = UUID(int=0)


@dataclass(frozen=True, slots=True)
class BookPage:
    """
    A page of a book.

    *page* tells how many encounters and what comes next, *before* where they begin.  *end* is the instant
    before which everything in the book had been received; *as_of*: it is the end of a day that was asked for,
    else that of now.
    """

    page: Page
    before: Cursor
    end: datetime
    as_of: bool
    is_first: bool

    def received(self, medicines: Iterable[DispensedMedicine]) -> list[DispensedMedicine]:
        return [each for each in medicines if not self.as_of or each.dispense_time < self.end]

    def booked(self, appointments: Iterable[BookedAppointment]) -> list[BookedAppointment]:
        return [each for each in appointments if not self.as_of or each.create_time < self.end]

    def close(self, entries: list[EncounterEntry]) -> tuple[list[EncounterEntry], str]:
        """Return the encounters of the page, and the token of the next one, which is empty at the end."""
        return self.page.close(
            entries, key=lambda entry: (entry.encounter.arrival_time, entry.source.dossier)
        )


@dataclass(frozen=True, slots=True)
class Received:
    """What had been received when: the dossiers that came later, and what is missing."""

    later: tuple[UUID, ...] = ()
    missing: tuple[MissingEncounters, ...] = ()


def open_page(paginator: Paginator, request: pb.GetHealthBookRequest, now: datetime) -> BookPage:
    """Return the page that *request* asks for; InvalidArgument for a token that is not its own."""
    size = min(request.page_size or request.encounter_limit or DEFAULT_ENCOUNTERS, MAX_ENCOUNTERS)
    page, latest = paginator.open(request, size=size), latest_time(now)
    day = date_from_pb(request.as_of) if request.HasField("as_of") else None
    before = Cursor(latest, FIRST_ID)
    if request.HasField("arrived_before"):
        before = min(before, Cursor(timestamp_from_pb(request.arrived_before), FIRST_ID))
    return BookPage(
        page=page,
        before=min(before, page.before),
        end=min(end_of(day), latest) if day else latest,
        as_of=day is not None,
        is_first=not page.position,
    )


def knows_missing(scope: ReadScope) -> bool:
    """Whether the reader is told of the encounters of every facility that are missing.

    Not when restricted kinds are withheld: that a dossier was awaited and that it does not come would tell
    that it is of such a kind.  So it rests on what the reader may see, whatever there is (docs/adr/0071).
    """
    return not scope.hidden and not scope.confined_to


async def read_received(tx: Transaction, scope: ReadScope, page: BookPage) -> Received:
    """Return what came after the page's day and, for the first page, what the book lacks."""
    later = await store.received_later(tx, scope.persons, page.end) if page.as_of else []
    dossiers = tuple(dossier for dossier, _ in later)
    if not page.is_first:
        return Received(dossiers)
    check_ins = await store.list_check_ins(tx, scope.persons, page.end)
    withdrawn = await store.list_withdrawn(tx, scope.persons)
    keys: set[EncounterKey] = {each.key for each in check_ins} | {*withdrawn} | {key for _, key in later}
    if not knows_missing(scope):  # before more is asked: a statement more would tell that there is some
        keys = {key for key in keys if key.facility == scope.reader}
    versions = await store.list_versions(tx, keys)
    known = [each for each in check_ins if each.key in keys]
    return Received(dossiers, tuple(missing_encounters(known, versions, page.end)))
