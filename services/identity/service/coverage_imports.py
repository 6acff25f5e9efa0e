"""ImportCoverages: one batch of insurance cards."""

from collections.abc import Sequence
from uuid import UUID

from chassis import call, clock
from chassis.db import Transaction
from lientuyen.identity.v1 import eligibility_service_pb2 as pb

from ..convert.eligibility import coverage_row
from ..model.identifiers import Kind
from ..model.imports import CoverageRow, Holder, coverage_faults, duplicate, unknown_person
from ..store import coverages, person_imports
from .imports import Batch, checked


async def import_batch(request: pb.ImportCoveragesRequest, tx: Transaction) -> pb.ImportCoveragesResponse:
    """Check the cards of one batch, find whose they are, and write them."""
    batch = Batch(request.request_id, request.first_row, len(request.rows))
    rows = (coverage_row(row) for row in request.rows)
    good = await checked(batch, rows, coverage_faults, row_key, duplicate)
    source = str(call.caller())
    owned = await owners(tx, source, batch, good)
    await coverages.put_coverages(tx, source, clock.now(), owned)
    return pb.ImportCoveragesResponse(progress=batch.progress())


def row_key(row: CoverageRow) -> tuple[str, object]:
    """Return what tells a card of a batch from the others."""
    owner = row.source_key or row.personal_id or row.insurance_number
    return "card_number", (owner, row.card_number, row.valid_from)


async def owners(
    tx: Transaction, source: str, batch: Batch, good: dict[int, CoverageRow]
) -> list[tuple[UUID, CoverageRow]]:
    """Return each good card with its owner; refuse those whose owner is not known or in doubt."""
    keys = [row.source_key for row in good.values() if row.source_key]
    personal_ids = [row.personal_id for row in good.values() if row.personal_id]
    insurance = [row.insurance_number for row in good.values() if row.insurance_number]
    known = await person_imports.known(tx, source, keys, personal_ids)
    insured = await person_imports.holders_of(tx, Kind.SOCIAL_INSURANCE_NUMBER, insurance)
    found: dict[object, tuple[UUID, CoverageRow]] = {}
    for place, row in good.items():
        holders = known.by_personal_id.get(row.personal_id) or insured.get(row.insurance_number, [])
        who = known.by_key.get(row.source_key) or sole(holders)
        if who is None:
            batch.refuse(place, [unknown_person("personal_id" if row.personal_id else "card_number")])
        elif (who, row.card_number, row.valid_from) in found:
            batch.refuse(place, [duplicate("card_number")])
        else:
            found[who, row.card_number, row.valid_from] = (who, row)
    return list(found.values())


def sole(holders: Sequence[Holder]) -> UUID | None:
    """Return the one who has a number; None when nobody has it, or several do."""
    return holders[0].person_id if len(holders) == 1 else None
