"""Prescriptions."""

from datetime import datetime
from uuid import UUID

from lientuyen.pharmacy.v1 import prescription_pb2 as pb
from lientuyen.type.v1 import coding_pb2

from ..model import prescriptions as model
from ..model.prescriptions import Child, Diagnosis, Line, Prescription, Tranche
from .values import date_to_pb, instant, medicine, medicine_to_pb, quantity, timestamp, whole_day

TYPES = {
    model.Type.NARCOTIC: pb.Prescription.TYPE_NARCOTIC,
    model.Type.PSYCHOTROPIC: pb.Prescription.TYPE_PSYCHOTROPIC,
    model.Type.COMMON: pb.Prescription.TYPE_COMMON,
    model.Type.TRADITIONAL: pb.Prescription.TYPE_TRADITIONAL,
    model.Type.DECOCTION: pb.Prescription.TYPE_DECOCTION,
}


def prescription(message: pb.Prescription, *, id_: UUID, facility: str, now: datetime) -> Prescription:
    """Return the prescription that *facility* wants to issue; what is output only is ignored."""
    tranches = tuple(tranche(one, index) for index, one in enumerate(message.tranches))
    prescribe_time = instant(message.prescribe_time)
    return Prescription(
        id=id_,
        code=message.code,
        facility=facility,
        practitioner=message.practitioner,
        person=message.person,
        prescribe_time=prescribe_time,
        expire_time=model.expire_time(prescribe_time, tranches),
        lines=tuple(line(one, number) for number, one in enumerate(message.lines, 1)),
        diagnoses=tuple(Diagnosis(one.system, one.code, one.display) for one in message.diagnoses),
        treatment_form=int(message.treatment_form),
        chronic=message.chronic,
        tranches=tranches,
        advice=message.advice,
        follow_up_days=message.follow_up_days,
        child=child(message.child) if message.HasField("child") else None,
        create_time=now,
    )


def line(message: pb.PrescriptionLine, number: int) -> Line:
    return Line(
        number=number,
        drug=medicine(message.drug),
        unit=message.unit,
        prescribed=message.quantity.thousandths,
        dose=message.dose,
        quantity_words=message.quantity_words,
        days=message.days,
        tranche=message.tranche,
    )


def tranche(message: pb.Tranche, index: int) -> Tranche:
    path = f"prescription.tranches[{index}]"
    return Tranche(
        message.number,
        whole_day(message.start_day, f"{path}.start_day"),
        whole_day(message.end_day, f"{path}.end_day"),
    )


def child(message: pb.Child) -> Child:
    return Child(message.age_months, message.weight_grams)


def prescription_to_pb(it: Prescription, now: datetime) -> pb.Prescription:
    """Return the message for *it* as it is at *now*."""
    return pb.Prescription(
        name=it.name,
        code=it.code,
        type=TYPES[it.type],
        state=state_to_pb(model.state_of(it, now)),
        facility=it.facility,
        practitioner=it.practitioner,
        person=it.person,
        treatment_form=pb.Prescription.TreatmentForm.Name(it.treatment_form),
        diagnoses=[
            coding_pb2.Coding(system=one.system, code=one.code, display=one.display) for one in it.diagnoses
        ],
        chronic=it.chronic,
        prescribe_time=timestamp(it.prescribe_time),
        expire_time=timestamp(it.expire_time),
        lines=[line_to_pb(one) for one in it.lines],
        tranches=[tranche_to_pb(one) for one in it.tranches],
        advice=it.advice,
        follow_up_days=it.follow_up_days,
        child=child_to_pb(it.child),
        replaces=name_or_nothing(it.replaces),
        replaced_by=name_or_nothing(it.replaced_by),
        create_time=timestamp(it.create_time),
        etag=it.etag,
    )


def state_to_pb(state: model.State) -> str:
    """Return the name of the enum value, which protobuf takes for the value."""
    return f"STATE_{state.name}"


def line_to_pb(it: Line) -> pb.PrescriptionLine:
    return pb.PrescriptionLine(
        number=it.number,
        drug=medicine_to_pb(it.drug),
        unit=it.unit,
        quantity=quantity(it.prescribed),
        quantity_words=it.quantity_words,
        dose=it.dose,
        days=it.days,
        tranche=it.tranche,
        dispensed=quantity(it.dispensed),
        remaining=quantity(it.remaining),
    )


def tranche_to_pb(it: Tranche) -> pb.Tranche:
    return pb.Tranche(number=it.number, start_day=date_to_pb(it.start_day), end_day=date_to_pb(it.end_day))


def child_to_pb(it: Child | None) -> pb.Child | None:
    return pb.Child(age_months=it.age_months, weight_grams=it.weight_grams) if it is not None else None


def name_or_nothing(id_: UUID | None) -> str:
    return f"prescriptions/{id_}" if id_ is not None else ""
