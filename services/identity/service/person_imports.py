"""ImportPersons: one batch of a register."""

from uuid import UUID, uuid4

from chassis import call
from chassis.db import Transaction
from lientuyen.identity.v1 import person_service_pb2 as pb

from ..convert.persons import person_row
from ..model.faults import Fault
from ..model.imports import PersonRow, duplicate, person_faults, resolve_person
from ..store import person_imports
from .imports import Batch, checked


async def import_batch(request: pb.ImportPersonsRequest, tx: Transaction) -> pb.ImportPersonsResponse:
    """Check the rows of one batch, find whom they are about, and write them."""
    batch = Batch(request.request_id, request.first_row, len(request.rows))
    rows = ((person_row(row), list[Fault]()) for row in request.rows)
    good = await checked(batch, rows, person_faults, row_key, duplicate)
    source = str(call.caller())
    await person_imports.lock_imports(tx)
    await person_imports.put_persons(tx, source, await resolved(tx, source, batch, good))
    return pb.ImportPersonsResponse(progress=batch.progress())


async def resolved(
    tx: Transaction, source: str, batch: Batch, good: dict[int, PersonRow]
) -> list[tuple[UUID, PersonRow]]:
    """Return each good row with the person it is about, known or new; refuse those in doubt."""
    keys = [row.source_key for row in good.values() if row.source_key]
    personal_ids = [row.personal_id for row in good.values() if row.personal_id]
    known = await person_imports.known(tx, source, keys, personal_ids)
    found: dict[UUID, PersonRow] = {}
    for place, row in good.items():
        who = resolve_person(row, known)
        if isinstance(who, UUID) and who in found:
            who = duplicate("personal_id")
        if isinstance(who, Fault):
            batch.refuse(place, [who])
        else:
            found[who or uuid4()] = row
    return list(found.items())


def row_key(row: PersonRow) -> tuple[str, object]:
    """Return what tells a row of a batch from the others."""
    return ("personal_id", row.personal_id) if row.personal_id else ("source_key", ("key", row.source_key))
