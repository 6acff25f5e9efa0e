"""The health book as messages."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from common.names import RECORDS, facility_name
from common.values import coding_to_pb, date_to_pb, is_future, timestamp_to_pb
from kcb.tables import code_names
from lientuyen.records.v1 import health_book_pb2 as pb
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
from .book_history import reexamination_dates
from .names import dossier_name

TIME_BASES = {
    TimeBasis.PERFORMED: pb.Result.TIME_BASIS_PERFORMED,
    TimeBasis.GIVEN: pb.Result.TIME_BASIS_RESULT,
    TimeBasis.UNKNOWN: pb.Result.TIME_BASIS_UNKNOWN,
}


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
        study=result.study,
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
