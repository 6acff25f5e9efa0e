"""The health book and the answers about reusable results as messages."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from common.names import RECORDS, facility_name
from common.values import coding_to_pb, date_to_pb, is_future, timestamp_to_pb
from kcb.tables import code_names
from lientuyen.records.v1 import health_book_pb2 as pb
from lientuyen.records.v1 import health_book_service_pb2 as service_pb
from lientuyen.type.v1.coding_pb2 import Coding

from ..model.clinical_history import Result, TimeBasis, instant_of
from ..model.health_books import (
    BookedAppointment,
    DispensedMedicine,
    EncounterEntry,
    MedicineEntry,
    ProcedureEntry,
    ResultEntry,
    Source,
    SummaryEntry,
)
from ..model.result_reuse import NEVER_REUSED, NONE_FOUND, NOT_SEARCHED, TIME_UNKNOWN, TOO_OLD, ReuseChoice
from .book_history import reexamination_dates
from .names import dossier_name

# Why not: as the contract has it, in Vietnamese, in English.
WHY_NOT = {
    "": (service_pb.ReuseAnswer.WHY_NOT_UNSPECIFIED, "Có thể dùng lại kết quả.", "The result may be reused."),
    NONE_FOUND: (service_pb.ReuseAnswer.WHY_NOT_NONE_FOUND, "Chưa có kết quả.", "No such result is known."),
    TOO_OLD: (
        service_pb.ReuseAnswer.WHY_NOT_TOO_OLD,
        "Kết quả đã quá thời hạn dùng lại.",
        "The latest result is too old.",
    ),
    NOT_SEARCHED: (
        service_pb.ReuseAnswer.WHY_NOT_NOT_SEARCHED,
        "Cơ sở chưa có kết quả; chưa tra cứu kết quả của cơ sở khác.",
        "There is none of the caller's own, and others' were not looked at.",
    ),
    NEVER_REUSED: (
        service_pb.ReuseAnswer.WHY_NOT_NEVER_REUSED,
        "Loại xét nghiệm này không dùng lại kết quả.",
        "Tests of this kind are never reused.",
    ),
    TIME_UNKNOWN: (
        service_pb.ReuseAnswer.WHY_NOT_TIME_UNKNOWN,
        "Không xác định được thời điểm thực hiện của kết quả.",
        "Nobody knows when the result was made.",
    ),
}

TIME_BASES = {
    TimeBasis.PERFORMED: pb.Result.TIME_BASIS_PERFORMED,
    TimeBasis.GIVEN: pb.Result.TIME_BASIS_RESULT,
    TimeBasis.UNKNOWN: pb.Result.TIME_BASIS_UNKNOWN,
}

SECONDS_A_DAY = 86_400


class SourceFields(TypedDict):
    dossier: str
    facility: str


def source_fields(source: Source) -> SourceFields:
    return {"dossier": dossier_name(source.dossier), "facility": facility_name(source.facility)}


def listed_coding(code_list: str, code: str) -> Coding | None:
    return coding_to_pb(code_list, code, code_names().get(code_list, {}).get(code, ""))


def encounter_to_pb(entry: EncounterEntry) -> pb.Encounter:
    encounter = entry.encounter
    return pb.Encounter(
        **source_fields(entry.source),
        form_of_care=listed_coding("MA_LOAI_KCB", encounter.form_of_care),
        arrival_time=timestamp_to_pb(encounter.arrival_time),
        discharge_time=timestamp_to_pb(encounter.discharge_time),
        reason=encounter.reason,
        admission_diagnosis=encounter.admission_diagnosis,
        discharge_diagnosis=encounter.discharge_diagnosis,
        diagnoses=[
            pb.Diagnosis(coding=coding_to_pb("ICD-10", code), main=position == 0)
            for position, code in enumerate(entry.diagnoses)
        ],
        treatment=encounter.treatment,
        outcome=listed_coding("KET_QUA_DTRI", encounter.outcome),
        discharge_type=listed_coding("MA_LOAI_RV", encounter.discharge_type),
        note=encounter.note,
        weight=encounter.weight,
        blood_group=encounter.blood_group,
        reexamination_dates=reexamination_dates(encounter.reexamination) if encounter.reexamination else (),
    )


def results_to_pb(entries: Iterable[ResultEntry], now: datetime) -> Iterable[pb.Result]:
    """Return the messages of many results; those of one dossier come from one source."""
    sources: dict[UUID, SourceFields] = {}
    for entry in entries:
        source = sources.get(entry.source.dossier)
        if source is None:
            source = sources[entry.source.dossier] = source_fields(entry.source)
        yield result_to_pb(entry, now, source)


def result_to_pb(entry: ResultEntry, now: datetime, source: SourceFields | None = None) -> pb.Result:
    """Return the message; a time that nobody knows, or that lies in the future, is left out."""
    result = entry.result
    return pb.Result(
        name=f"{RECORDS}results/{entry.id}",
        **(source or source_fields(entry.source)),
        service=coding_to_pb("MA_DICH_VU", result.service_code, result.service_name),
        indicator=coding_to_pb("MA_CHI_SO", result.indicator_code, result.indicator_name),
        value=result.value,
        unit=result.unit,
        description=result.description,
        conclusion=result.conclusion,
        result_time=past_time_to_pb(given_time(result), now),
        perform_time=past_time_to_pb(result.perform_time, now),
        time_basis=TIME_BASES[result.time_basis(now)],
    )


def past_time_to_pb(time: datetime | None, now: datetime) -> Timestamp | None:
    return None if is_future(time, now) else timestamp_to_pb(time)


def given_time(result: Result) -> datetime | None:
    """Return when a result was given; of a row of the first release, which had one time, that."""
    return result.given_time if result.perform_time else result.known_time


def medicine_to_pb(entry: MedicineEntry) -> pb.Medicine:
    medicine = entry.medicine
    return pb.Medicine(
        **source_fields(entry.source),
        drug=coding_to_pb("MA_THUOC", medicine.drug_code, medicine.drug_name),
        strength=medicine.strength,
        quantity=medicine.quantity,
        unit=medicine.unit,
        dosage=medicine.dosage,
        instructions=medicine.instructions,
        route=coding_to_pb("DUONG_DUNG", medicine.route),
        registration_number=medicine.registration_number,
        order_time=timestamp_to_pb(medicine.order_time),
    )


def procedure_to_pb(entry: ProcedureEntry) -> pb.Procedure:
    service = entry.service
    return pb.Procedure(
        **source_fields(entry.source),
        service=coding_to_pb("MA_DICH_VU", service.service_code, service.service_name),
        group=listed_coding("MA_NHOM", service.group_code),
        order_time=timestamp_to_pb(service.order_time),
        perform_time=timestamp_to_pb(service.perform_time),
    )


def summary_to_pb(entry: SummaryEntry) -> pb.RecordSummary:
    fields = entry.fields
    return pb.RecordSummary(
        **source_fields(entry.source),
        course=fields.get("QT_BENHLY", ""),
        results=fields.get("TOMTAT_KQ", ""),
        treatment=fields.get("PP_DIEUTRI", ""),
        discharge_diagnosis=fields.get("CHAN_DOAN_RV", ""),
        note=fields.get("GHI_CHU", ""),
        issue_date=date_to_pb(instant_of(fields.get("NGAY_CT", ""))),
        admission_diagnosis=fields.get("CHAN_DOAN_VAO", ""),
        outcome=listed_coding("KET_QUA_DTRI", fields.get("KET_QUA_DTRI", "")),
        practitioner=fields.get("MA_TTDV", ""),
    )


def dispensed_medicine_to_pb(medicine: DispensedMedicine) -> pb.DispensedMedicine:
    return pb.DispensedMedicine(
        dispensing=medicine.dispensing,
        pharmacy=medicine.pharmacy,
        dispense_time=timestamp_to_pb(medicine.dispense_time),
        drug_name=medicine.drug_name,
        registration_number=medicine.registration_number,
        quantity=medicine.quantity,
        unit=medicine.unit,
        lot=medicine.lot,
    )


def appointment_to_pb(appointment: BookedAppointment) -> pb.BookedAppointment:
    return pb.BookedAppointment(
        appointment=appointment.appointment,
        facility=appointment.facility,
        day=date_to_pb(appointment.day),
        diagnosis=coding_to_pb(*appointment.diagnosis),
        state=appointment.state,
    )


def reuse_answer_to_pb(
    choice: ReuseChoice, entries: Iterable[ResultEntry], now: datetime
) -> service_pb.ReuseAnswer:
    why_not, message_vi, message_en = WHY_NOT[choice.why_not]
    answer = service_pb.ReuseAnswer(
        order=service_pb.OrderedTest(
            service_code=choice.order.service_code, indicator_code=choice.order.indicator_code
        ),
        reusable=bool(choice.results) and not choice.why_not,
        results=[result_to_pb(entry, now) for entry in entries if entry.id in choice.results],
        rule=choice.rule.name,
        why_not=why_not,
        message_vi=message_vi,
        message_en=message_en,
    )
    if choice.age is not None:
        answer.age.CopyFrom(Duration(seconds=int(choice.age.total_seconds())))
    if choice.rule.days is not None:
        answer.allowed_age.CopyFrom(Duration(seconds=choice.rule.days * SECONDS_A_DAY))
    return answer
