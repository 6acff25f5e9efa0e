"""ImportPersons: one batch of a register of persons."""

import secrets
from collections.abc import Mapping
from uuid import UUID

from chassis import call_context, clock
from chassis.db import Transaction
from chassis.idempotency import Idempotency
from common.faults import Fault
from lientuyen.identity.v1 import person_service_pb2 as pb

from ..convert.person_rows import person_row_from_pb
from ..model.duplicate_rows import duplicate_fault
from ..model.person_resolution import resolve_person
from ..model.person_rows import PersonRow, person_faults
from ..model.uuid7 import RANDOM_BYTES, uuid7s
from ..store import person_writes, staged_persons
from .batch_progress import Batch
from .register_importer import RegisterImporter
from .row_validation import read_rows, valid_rows


def person_importer(idempotency: Idempotency) -> RegisterImporter[PersonRow, pb.ImportPersonsResponse]:
    return RegisterImporter(idempotency, pb.ImportPersonsResponse, read_persons, write_persons)


async def read_persons(request: pb.ImportPersonsRequest, batch: Batch) -> dict[int, PersonRow]:
    rows, now = read_rows(request.rows, person_row_from_pb), clock.now()
    return await valid_rows(batch, rows, lambda row: person_faults(row, now), personal_id_key, source_key)


def personal_id_key(row: PersonRow) -> tuple[str, object]:
    return "personal_id", row.personal_id


def source_key(row: PersonRow) -> tuple[str, object]:
    return "source_key", row.source_key


async def write_persons(tx: Transaction, batch: Batch, rows: Mapping[int, PersonRow]) -> None:
    """Find whom the rows are about, and write them; refuse in *batch* those of whom that is in doubt."""
    source = str(call_context.caller())
    has_keys = any(row.source_key for row in rows.values())
    random = secrets.token_bytes(len(rows) * RANDOM_BYTES)
    await staged_persons.stage(tx, rows, uuid7s(int(clock.now().timestamp() * 1000), random))
    await staged_persons.lock_imports(tx)
    known = await staged_persons.find_by_key(tx, source) if has_keys else 0
    known += await find_by_number(tx, batch, rows)
    if known > 1:
        known -= await refuse_same_person(tx, batch)
    if batch.stored > known:
        await person_writes.insert_new(tx)
    if known:
        await person_writes.update_known(tx, clock.today())
    if has_keys:
        await person_writes.insert_keys(tx, source)
    history = {index: row.identifiers for index, row in rows.items() if row.identifiers}
    await person_writes.upsert_history(tx, history)


async def find_by_number(tx: Transaction, batch: Batch, rows: Mapping[int, PersonRow]) -> int:
    """Find whom the rows are about that no key decided; return how many are known.

    Those in doubt are refused.
    """
    known: dict[int, UUID] = {}
    in_doubt: list[int] = []
    for index, holders in (await staged_persons.list_candidates(tx)).items():
        row = rows[index]
        person = resolve_person(bool(row.source_key), row.birth, holders, row.full_name)
        if isinstance(person, Fault):
            batch.refuse(index, person)
            in_doubt.append(index)
        elif person is not None:
            known[index] = person
    await staged_persons.settle(tx, known)
    await staged_persons.leave_out(tx, in_doubt)
    return len(known)


async def refuse_same_person(tx: Transaction, batch: Batch) -> int:
    """Refuse the rows about somebody whom an earlier row is about, too; return how many they are."""
    repeated = await staged_persons.list_same_person(tx)
    for index in repeated:
        batch.refuse(index, duplicate_fault("personal_id"))
    await staged_persons.leave_out(tx, repeated)
    return len(repeated)
