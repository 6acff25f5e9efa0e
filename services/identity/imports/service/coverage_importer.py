"""ImportCoverages: one batch of a register of insurance cards."""

from collections.abc import Mapping
from uuid import UUID

from chassis import call_context, clock
from chassis.db import Transaction
from chassis.idempotency import Idempotency
from lientuyen.identity.v1 import eligibility_service_pb2 as pb

from ..convert.coverage_rows import coverage_row_from_pb
from ..model.coverage_rows import CoverageRow, coverage_faults
from ..model.duplicate_rows import duplicate_fault
from ..model.person_resolution import owner_of, unknown_person
from ..store import staged_coverages
from .batch_progress import Batch
from .register_importer import RegisterImporter
from .row_validation import read_rows, valid_rows


def coverage_importer(idempotency: Idempotency) -> RegisterImporter[CoverageRow, pb.ImportCoveragesResponse]:
    return RegisterImporter(idempotency, pb.ImportCoveragesResponse, read_coverages, write_coverages)


async def read_coverages(request: pb.ImportCoveragesRequest, batch: Batch) -> dict[int, CoverageRow]:
    rows = read_rows(request.rows, coverage_row_from_pb)
    return await valid_rows(batch, rows, coverage_faults, card_key)


def card_key(row: CoverageRow) -> tuple[str, object]:
    return "card_number", (row.owner_key, row.card_number, row.valid_from)


async def write_coverages(tx: Transaction, batch: Batch, rows: Mapping[int, CoverageRow]) -> None:
    """Find whose the cards are, and write them; refuse in *batch* those of whom that is not known."""
    source = str(call_context.caller())
    await staged_coverages.stage(tx, rows)
    owned = 0
    if any(row.source_key for row in rows.values()):
        owned = await staged_coverages.find_by_key(tx, source)
    if owned < len(rows):
        owned += await staged_coverages.find_sole_holder(tx)
    if owned < len(rows):
        await find_by_number(tx, batch, rows)
    if len({(row.card_number, row.valid_from) for row in rows.values()}) < len(rows):
        await refuse_same_card(tx, batch)
    await staged_coverages.upsert(tx, source, clock.now())


async def find_by_number(tx: Transaction, batch: Batch, rows: Mapping[int, CoverageRow]) -> None:
    """Find the owners that no key tells; refuse the cards whose owner is not known or in doubt."""
    holders = await staged_coverages.list_candidates(tx)
    owners: dict[int, UUID] = {
        index: owner for index, row_holders in holders.items() if (owner := owner_of(row_holders))
    }
    unowned = [index for index in await staged_coverages.list_unowned(tx) if index not in owners]
    for index in unowned:
        batch.refuse(index, unknown_person("personal_id" if rows[index].personal_id else "card_number"))
    await staged_coverages.settle(tx, owners)
    await staged_coverages.leave_out(tx, unowned)


async def refuse_same_card(tx: Transaction, batch: Batch) -> None:
    """Refuse the cards that an earlier row of the batch tells of, its owner told otherwise."""
    repeated = await staged_coverages.list_same_card(tx)
    for index in repeated:
        batch.refuse(index, duplicate_fault("card_number"))
    await staged_coverages.leave_out(tx, repeated)
