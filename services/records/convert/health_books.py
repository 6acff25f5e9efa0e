"""The health book as messages."""

from collections.abc import Iterable

from google.protobuf.duration_pb2 import Duration

from kcb.tables import code_names
from lientuyen.records.v1 import health_book_pb2 as pb
from lientuyen.records.v1 import health_book_service_pb2 as service_pb
from lientuyen.type.v1.date_pb2 import Date

from ..model.clinical_history import local
from ..model.health_books import (
    Booking,
    FoundEncounter,
    FoundMedicine,
    FoundResult,
    FoundService,
    FoundSummary,
    Pharmacy,
    Source,
)
from ..model.result_reuse import NEVER_REUSED, NONE_FOUND, NOT_SEARCHED, TOO_OLD, Choice
from .names import coding, dossier_name, facility_name, timestamp

WHY_NOT = {
    "": service_pb.ReuseAnswer.WHY_NOT_UNSPECIFIED,
    NONE_FOUND: service_pb.ReuseAnswer.WHY_NOT_NONE_FOUND,
    TOO_OLD: service_pb.ReuseAnswer.WHY_NOT_TOO_OLD,
    NOT_SEARCHED: service_pb.ReuseAnswer.WHY_NOT_NOT_SEARCHED,
    NEVER_REUSED: service_pb.ReuseAnswer.WHY_NOT_NEVER_REUSED,
}

# Why not, in Vietnamese and English.
WORDS = {
    "": ("Có thể dùng lại kết quả.", "The result may be reused."),
    NONE_FOUND: ("Chưa có kết quả.", "No such result is known."),
    TOO_OLD: ("Kết quả đã quá thời hạn dùng lại.", "The latest result is too old."),
    NOT_SEARCHED: (
        "Cơ sở chưa có kết quả; chưa tra cứu kết quả của cơ sở khác.",
        "There is none of the caller's own, and others' were not looked at.",
    ),
    NEVER_REUSED: ("Loại xét nghiệm này không dùng lại kết quả.", "Tests of this kind are never reused."),
}


def origin(source: Source) -> dict[str, str]:
    return {"dossier": dossier_name(source.dossier), "facility": facility_name(source.facility)}


def meaning(system: str, code: str) -> str:
    return code_names().get(system, {}).get(code, "")


def encounter_to_pb(found: FoundEncounter) -> pb.Encounter:
    """Return an encounter as a message."""
    it = found.encounter
    return pb.Encounter(
        **origin(found.source),
        form_of_care=coding("MA_LOAI_KCB", it.form_of_care, meaning("MA_LOAI_KCB", it.form_of_care)),
        arrival_time=timestamp(it.arrival_time),
        discharge_time=timestamp(it.discharge_time),
        reason=it.reason,
        admission_diagnosis=it.admission_diagnosis,
        discharge_diagnosis=it.discharge_diagnosis,
        diagnoses=[
            pb.Diagnosis(coding=coding("ICD-10", code), main=position == 0)
            for position, code in enumerate(found.diagnoses)
        ],
        treatment=it.treatment,
        outcome=coding("KET_QUA_DTRI", it.outcome, meaning("KET_QUA_DTRI", it.outcome)),
        discharge_type=coding("MA_LOAI_RV", it.discharge_type, meaning("MA_LOAI_RV", it.discharge_type)),
        note=it.note,
    )


def result_to_pb(found: FoundResult) -> pb.Result:
    """Return a result as a message."""
    it = found.result
    return pb.Result(
        name=f"results/{found.id}",
        **origin(found.source),
        service=coding("MA_DICH_VU", it.service_code, it.service_name),
        indicator=coding("MA_CHI_SO", it.indicator_code, it.indicator_name),
        value=it.value,
        unit=it.unit,
        description=it.description,
        conclusion=it.conclusion,
        result_time=timestamp(it.result_time),
    )


def medicine_to_pb(found: FoundMedicine) -> pb.Medicine:
    """Return a medicine as a message."""
    it = found.medicine
    return pb.Medicine(
        **origin(found.source),
        drug=coding("MA_THUOC", it.drug_code, it.drug_name),
        strength=it.strength,
        quantity=it.quantity,
        unit=it.unit,
        dosage=it.dosage,
        instructions=it.instructions,
        route=coding("DUONG_DUNG", it.route),
        registration_number=it.registration_number,
        order_time=timestamp(it.order_time),
    )


def procedure_to_pb(found: FoundService) -> pb.Procedure:
    """Return an operation or a procedure as a message."""
    it = found.service
    return pb.Procedure(
        **origin(found.source),
        service=coding("MA_DICH_VU", it.service_code, it.service_name),
        group=coding("MA_NHOM", it.group_code, meaning("MA_NHOM", it.group_code)),
        order_time=timestamp(it.order_time),
        perform_time=timestamp(it.perform_time),
    )


def summary_to_pb(found: FoundSummary) -> pb.RecordSummary:
    """Return a record summary as a message."""
    data, issued = found.data, local(found.data.get("NGAY_CT", ""))
    return pb.RecordSummary(
        **origin(found.source),
        course=data.get("QT_BENHLY", ""),
        results=data.get("TOMTAT_KQ", ""),
        treatment=data.get("PP_DIEUTRI", ""),
        discharge_diagnosis=data.get("CHAN_DOAN_RV", ""),
        note=data.get("GHI_CHU", ""),
        issue_date=Date(year=issued.year, month=issued.month, day=issued.day) if issued else None,
    )


def dispensed_to_pb(found: Pharmacy) -> pb.DispensedMedicine:
    """Return what a pharmacy handed out as a message."""
    return pb.DispensedMedicine(
        dispensing=found.dispensing,
        pharmacy=found.pharmacy,
        dispense_time=timestamp(found.dispense_time),
        drug_name=found.drug_name,
        registration_number=found.registration_number,
        quantity=found.quantity,
        unit=found.unit,
        lot=found.lot,
    )


def booking_to_pb(found: Booking) -> pb.BookedAppointment:
    """Return an appointment as a message."""
    year, month, day = found.day
    system, code, display = found.diagnosis
    return pb.BookedAppointment(
        appointment=found.appointment,
        facility=found.facility,
        day=Date(year=year, month=month, day=day),
        diagnosis=coding(system, code, display),
        state=found.state,
    )


def answer_to_pb(choice: Choice, results: Iterable[FoundResult]) -> service_pb.ReuseAnswer:
    """Return what is known about one order as a message; *results* are all that were found."""
    answer = service_pb.ReuseAnswer(
        order=service_pb.OrderedTest(
            service_code=choice.order.service_code, indicator_code=choice.order.indicator_code
        ),
        reusable=bool(choice.found) and not choice.why_not,
        results=[result_to_pb(found) for found in results if found.id in choice.found],
        rule=choice.rule.name,
        why_not=WHY_NOT[choice.why_not],
        message_vi=WORDS[choice.why_not][0],
        message_en=WORDS[choice.why_not][1],
    )
    if choice.age is not None:
        answer.age.CopyFrom(Duration(seconds=int(choice.age.total_seconds())))
    if choice.rule.days is not None:
        answer.allowed_age.CopyFrom(Duration(seconds=choice.rule.days * 86_400))
    return answer
