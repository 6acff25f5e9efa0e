"""ImportCoverages: one batch of insurance cards."""

from collections.abc import Collection, Sequence
from uuid import UUID

from chassis import call_context, clock
from chassis.db import Transaction
from lientuyen.identity.v1 import eligibility_service_pb2 as pb

from ..convert.coverage_rows import coverage_columns, coverage_row
from ..model.columns import coverage_suspects
from ..model.person_rows import COVERAGE_COLUMNS, coverage_faults, differ, duplicate, owner_of, unknown_person
from ..store import staged_coverages as coverage_imports
from .register_importer import Batch, Columns, Store, Turn, read_rows

_KEY, _PERSONAL_ID, _INSURANCE = (
    COVERAGE_COLUMNS.index(name) for name in ("source_key", "personal_id", "insurance_number")
)
_CARD, _BEGINS = COVERAGE_COLUMNS.index("card_number"), COVERAGE_COLUMNS.index("valid_from")


class _Coverages:
    """How rows of cards are read and judged."""

    columns = staticmethod(coverage_columns)
    read = staticmethod(coverage_row)
    faults = staticmethod(coverage_faults)

    @staticmethod
    def suspects(rows: Sequence[pb.CoverageRow], columns: Sequence[Columns]) -> Collection[int]:
        return coverage_suspects(columns)

    @staticmethod
    def differ(rows: Sequence[Columns]) -> bool:
        # Nearly always the numbers alone tell.
        return differ(row[_CARD] for row in rows) or differ(map(_card, rows))

    @staticmethod
    def keys(columns: Columns) -> Sequence[tuple[str, object]]:
        return (("card_number", _card(columns)),)


def _card(columns: Columns) -> Columns:
    """Return what tells a card from the others of a batch."""
    owner = columns[_KEY] or columns[_PERSONAL_ID] or columns[_INSURANCE]
    return owner, columns[_CARD], columns[_BEGINS]


async def read_batch(request: pb.ImportCoveragesRequest) -> Store[pb.ImportCoveragesResponse]:
    """Check the cards of one batch; return what finds whose they are and writes them."""
    read = Batch(request.request_id, request.first_row, len(request.rows))
    good, _ = await read_rows(read, request.rows, _Coverages())
    staged = [(place, *row) for place, row in good.items()]
    # Looked up in the order of the index.
    staged.sort(key=lambda row: row[1 + _PERSONAL_ID])
    keyed = any(row[_KEY] for row in good.values())
    distinct = differ((row[_CARD], row[_BEGINS]) for row in good.values())

    async def store(tx: Transaction, turn: Turn) -> pb.ImportCoveragesResponse:
        batch = read.copy()
        await coverage_imports.stage(tx, staged)
        await turn.to_write()
        source = str(call_context.caller())
        owned = await coverage_imports.find_by_key(tx, source) if keyed else 0
        if owned < len(good):
            owned += await coverage_imports.find_alone(tx)
        if owned < len(good):
            await find_by_number(tx, batch, good)
        if not distinct:
            await refuse_doubled(tx, batch)
        await coverage_imports.write(tx, source, clock.now())
        return pb.ImportCoveragesResponse(progress=batch.progress())

    return store


async def find_by_number(tx: Transaction, batch: Batch, good: dict[int, Columns]) -> None:
    """Find the owners that no key tells; refuse the cards whose owner is not known or in doubt."""
    holders = await coverage_imports.candidates(tx)
    owners = {place: owner_of(several) for place, several in holders.items()}
    found: dict[int, UUID] = {place: owner for place, owner in owners.items() if owner}
    refused = [place for place in await coverage_imports.unowned(tx) if place not in found]
    for place in refused:
        field = "personal_id" if good[place][_PERSONAL_ID] else "card_number"
        batch.refuse(place, [unknown_person(field)])
    await coverage_imports.settle(tx, found, refused)


async def refuse_doubled(tx: Transaction, batch: Batch) -> None:
    """Refuse the cards that an earlier row of the batch says, of the same owner told otherwise."""
    doubled = await coverage_imports.doubled(tx)
    for place in doubled:
        batch.refuse(place, [duplicate("card_number")])
    await coverage_imports.settle(tx, {}, doubled)
