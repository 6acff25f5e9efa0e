"""
ImportPersons: one batch of a register.

Nearly all streams bring only people who are known, or only people who are not.  Where nobody of
the batch before was known, the next is written at once, while that one still is.  When its turn
has come it looks: if it names anybody who is known, it is taken back and goes the usual way.
"""

import secrets
from collections.abc import Collection, Sequence
from uuid import UUID

from chassis import call_context, clock
from chassis.db import Transaction
from common.values import PartialDate
from lientuyen.identity.v1 import person_service_pb2 as pb

from ...model.faults import Fault
from ..convert.person_rows import person_columns, person_row, with_history
from ..model.columns import person_suspects
from ..model.person_rows import (
    PERSON_COLUMNS,
    RANDOM,
    Holder,
    differ,
    duplicate,
    ordered_ids,
    person_faults,
    resolve_person,
)
from ..store import staged_persons as person_imports
from .register_importer import Batch, Columns, Store, Turn, read_rows

_KEY, _PERSONAL_ID = PERSON_COLUMNS.index("source_key"), PERSON_COLUMNS.index("personal_id")
_BIRTH = PERSON_COLUMNS.index("birth_year")


class _Persons:
    """How rows of persons are read and judged."""

    columns = staticmethod(person_columns)
    read = staticmethod(person_row)
    faults = staticmethod(person_faults)

    @staticmethod
    def suspects(rows: Sequence[pb.PersonRow], columns: Sequence[Columns]) -> Collection[int]:
        return person_suspects(columns) | with_history(rows)

    @staticmethod
    def differ(rows: Sequence[Columns]) -> bool:
        return all(differ(row[at] for row in rows) for at in (_PERSONAL_ID, _KEY))

    @staticmethod
    def keys(columns: Columns) -> Sequence[tuple[str, object]]:
        return ("personal_id", columns[_PERSONAL_ID]), ("source_key", columns[_KEY])


async def read_batch(request: pb.ImportPersonsRequest) -> Store[pb.ImportPersonsResponse]:
    """Check the rows of one batch; return what finds whom they are about and writes them."""
    read = Batch(request.request_id, request.first_row, len(request.rows))
    good, judged = await read_rows(read, request.rows, _Persons())
    history = {place: row.identifiers for place, row in judged.items() if place in good and row.identifiers}
    ids = ordered_ids(int(clock.now().timestamp() * 1000), secrets.token_bytes(len(good) * RANDOM // 2))
    staged = [(place, id_, *row) for (place, row), id_ in zip(good.items(), ids, strict=True)]
    # Looked up in the order of the index.
    staged.sort(key=lambda row: row[2 + _PERSONAL_ID])
    keyed = any(row[_KEY] for row in good.values())

    async def store(tx: Transaction, turn: Turn) -> pb.ImportPersonsResponse:
        batch, source = read.copy(), str(call_context.caller())
        await person_imports.stage(tx, staged)
        early = turn.course.all_new
        if early:
            await person_imports.write_early(tx)
        await turn.to_write()
        await person_imports.lock_imports(tx)
        if early and await person_imports.any_known(tx, source, keyed):
            await person_imports.take_back(tx)
            await person_imports.lock_imports(tx)
            early = False
        if not early:
            new = await find_and_write(tx, source, batch, good)
            turn.course.all_new = new == len(good)
        if keyed:
            await person_imports.write_keys(tx, source)
        await person_imports.write_history(tx, history)
        return pb.ImportPersonsResponse(progress=batch.progress())

    return store


async def find_and_write(tx: Transaction, source: str, batch: Batch, good: dict[int, Columns]) -> int:
    """Find whom the rows are about, and write them; those in doubt are refused in *batch*.

    Returns how many are about nobody known.
    """
    known = await resolve(tx, source, batch, good)
    new = batch.received - len(batch.refused) - known
    await person_imports.write(tx, clock.today(), known, new)
    return new


async def resolve(tx: Transaction, source: str, batch: Batch, good: dict[int, Columns]) -> int:
    """Find whom the rows are about, and refuse those in doubt; return how many are about somebody known."""
    known = await person_imports.find_by_key(tx, source)
    found: dict[int, UUID] = {}
    refused: list[int] = []
    for place, holders in (await person_imports.candidates(tx)).items():
        who = about(good[place], holders)
        if isinstance(who, Fault):
            batch.refuse(place, [who])
            refused.append(place)
        elif who is not None:
            found[place] = who
    await person_imports.settle(tx, found, refused)
    known += len(found)
    doubled = await person_imports.doubled(tx) if known > 1 else []
    for place in doubled:
        batch.refuse(place, [duplicate("personal_id")])
    await person_imports.leave_out(tx, doubled)
    return known - len(doubled)


def about(row: Columns, holders: Sequence[Holder]) -> UUID | Fault | None:
    """Return whom a row is about whose number *holders* have."""
    year, month, day = row[_BIRTH : _BIRTH + 3]
    birth = PartialDate(year, month, day) if year else None
    return resolve_person(bool(row[_KEY]), birth, holders)
