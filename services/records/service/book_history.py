"""What a health book holds beside its encounters: summaries, vital signs, history, and what it lacks."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Transaction
from lientuyen.records.v1.health_book_pb2 import HealthBook

from ..convert import book_history as convert
from ..convert.health_books import summary_to_pb
from ..model.book_history import allergies_of
from ..model.read_scope import ReadScope
from ..store import book_history as store
from .book_pages import BookPage, Received, knows_missing


async def add_history(
    tx: Transaction,
    book: HealthBook,
    scope: ReadScope,
    page: BookPage,
    received: Received,
    dossiers: Sequence[UUID],
) -> None:
    """Put into *book* the notes of *dossiers* and, when it is the first page, what is of a life."""
    later = received.later
    notes = await store.notes_of(tx, scope, dossiers, left_out=later, everywhere=page.is_first)
    book.summaries.extend(map(summary_to_pb, notes.summaries))
    book.vital_signs.extend(map(convert.vital_signs_to_pb, notes.vital_signs))
    book.missing_known = knows_missing(scope)
    if not page.is_first:
        return
    conditions = await store.list_conditions(tx, scope, latest=page.end, left_out=later)
    allergies = allergies_of(conditions, [*notes.summaries, *notes.elsewhere])
    book.history.CopyFrom(convert.history_to_pb(conditions, allergies))
    book.missing_encounters.extend(map(convert.missing_to_pb, received.missing))
