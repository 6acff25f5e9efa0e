"""Prescriptions."""

from datetime import datetime
from uuid import UUID

from common.values import date_to_pb, timestamp_from_pb, timestamp_to_pb
from lientuyen.pharmacy.v1 import prescription_pb2 as pb
from lientuyen.type.v1 import coding_pb2

from ..model.prescriptions import (
    Child,
    Diagnosis,
    Line,
    Prescription,
    State,
    Tranche,
    Type,
    expire_time,
    prescription_name,
    state_of,
)
from .drugs import medicine_from_pb, medicine_to_pb
from .values import quantity_to_pb, whole_day_from_pb

TYPES = {
    Type.NARCOTIC: pb.Prescription.TYPE_NARCOTIC,
    Type.PSYCHOTROPIC: pb.Prescription.TYPE_PSYCHOTROPIC,
    Type.COMMON: pb.Prescription.TYPE_COMMON,
    Type.TRADITIONAL: pb.Prescription.TYPE_TRADITIONAL,
    Type.DECOCTION: pb.Prescription.TYPE_DECOCTION,
}


def prescription_from_pb(
    message: pb.Prescription, *, id_: UUID, facility: str, now: datetime
) -> Prescription:
    tranches = tuple(tranche_from_pb(tranche, index) for index, tranche in enumerate(message.tranches))
    prescribe_time = timestamp_from_pb(message.prescribe_time)
    return Prescription(
        id=id_,
        code=message.code,
        facility=facility,
        practitioner=message.practitioner,
        person=message.person,
        prescribe_time=prescribe_time,
        expire_time=expire_time(prescribe_time, tranches),
        lines=tuple(line_from_pb(line, number) for number, line in enumerate(message.lines, 1)),
        diagnoses=tuple(
            Diagnosis(diagnosis.system, diagnosis.code, diagnosis.display) for diagnosis in message.diagnoses
        ),
        treatment_form=int(message.treatment_form),
        chronic=message.chronic,
        tranches=tranches,
        advice=message.advice,
        follow_up_days=message.follow_up_days,
        child=child_from_pb(message.child) if message.HasField("child") else None,
        create_time=now,
    )


def line_from_pb(message: pb.PrescriptionLine, number: int) -> Line:
    return Line(
        number=number,
        drug=medicine_from_pb(message.drug),
        unit=message.unit,
        prescribed=message.quantity.thousandths,
        dose=message.dose,
        quantity_words=message.quantity_words,
        days=message.days,
        tranche=message.tranche,
    )


def tranche_from_pb(message: pb.Tranche, index: int) -> Tranche:
    path = f"prescription.tranches[{index}]"
    return Tranche(
        message.number,
        whole_day_from_pb(message.start_day, f"{path}.start_day"),
        whole_day_from_pb(message.end_day, f"{path}.end_day"),
    )


def child_from_pb(message: pb.Child) -> Child:
    return Child(message.age_months, message.weight_grams)


def prescription_to_pb(prescription: Prescription, now: datetime) -> pb.Prescription:
    return pb.Prescription(
        name=prescription.name,
        code=prescription.code,
        type=TYPES[prescription.type],
        state=state_to_pb(state_of(prescription, now)),
        facility=prescription.facility,
        practitioner=prescription.practitioner,
        person=prescription.person,
        treatment_form=pb.Prescription.TreatmentForm.Name(prescription.treatment_form),
        diagnoses=[
            coding_pb2.Coding(system=diagnosis.system, code=diagnosis.code, display=diagnosis.display)
            for diagnosis in prescription.diagnoses
        ],
        chronic=prescription.chronic,
        prescribe_time=timestamp_to_pb(prescription.prescribe_time),
        expire_time=timestamp_to_pb(prescription.expire_time),
        lines=[line_to_pb(line) for line in prescription.lines],
        tranches=[tranche_to_pb(tranche) for tranche in prescription.tranches],
        advice=prescription.advice,
        follow_up_days=prescription.follow_up_days,
        child=child_to_pb(prescription.child),
        replaces=prescription_name(prescription.replaces),
        replaced_by=prescription_name(prescription.replaced_by),
        create_time=timestamp_to_pb(prescription.create_time),
        etag=prescription.etag,
    )


def state_to_pb(state: State) -> str:
    return f"STATE_{state.name}"


def line_to_pb(line: Line) -> pb.PrescriptionLine:
    return pb.PrescriptionLine(
        number=line.number,
        drug=medicine_to_pb(line.drug),
        unit=line.unit,
        quantity=quantity_to_pb(line.prescribed),
        quantity_words=line.quantity_words,
        dose=line.dose,
        days=line.days,
        tranche=line.tranche,
        dispensed=quantity_to_pb(line.dispensed),
        remaining=quantity_to_pb(line.remaining),
    )


def tranche_to_pb(tranche: Tranche) -> pb.Tranche:
    return pb.Tranche(
        number=tranche.number, start_day=date_to_pb(tranche.start_day), end_day=date_to_pb(tranche.end_day)
    )


def child_to_pb(child: Child | None) -> pb.Child | None:
    if child is None:
        return None
    return pb.Child(age_months=child.age_months, weight_grams=child.weight_grams)
