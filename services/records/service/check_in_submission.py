"""Accepting a checked check-in (XML0): its rows and the file, in one transaction."""

from uuid import UUID, uuid4

from chassis import audit, clock
from chassis.db import Transaction
from chassis.encryption import Encryptor
from common.names import person_name
from kcb.report import Row

from ..model.clinical_history import instant_of
from ..model.dossiers import CheckIn
from ..store.check_ins import insert_check_ins
from .originals import keep_original
from .submission_checks import CheckedFile


async def accept_check_in(tx: Transaction, encryptor: Encryptor, file: CheckedFile) -> list[CheckIn]:
    check_ins = [
        new_check_in(row, file.report.facility, person)
        for row, person in zip(file.report.rows("XML0"), file.persons, strict=True)
    ]
    first = check_ins[0]
    await insert_check_ins(tx, check_ins)
    await keep_original(tx, encryptor, first.person, first.id, file.compressed)
    for person in dict.fromkeys(file.persons):
        await audit.record(tx, subject=person_name(person), access=None)
    return check_ins


def new_check_in(row: Row, facility: str, person: UUID) -> CheckIn:
    arrival_time = instant_of(row.get("NGAY_VAO"))
    assert arrival_time is not None, "an accepted check-in has NGAY_VAO"
    return CheckIn(
        id=uuid4(),
        facility=facility,
        link_key=row.get("MA_LK"),
        person=person,
        form_of_care=row.get("MA_LOAI_KCB"),
        care_category=row.get("MA_DOITUONG_KCB"),
        arrival_time=arrival_time,
        receive_time=clock.now(),
    )
