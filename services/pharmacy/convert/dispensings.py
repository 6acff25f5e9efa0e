"""Dispensings."""

from lientuyen.pharmacy.v1 import dispensing_pb2 as pb
from lientuyen.pharmacy.v1 import dispensing_service_pb2 as rpc

from ..model.classes import DataClass
from ..model.dispensings import Dispensing, Handed, Wanted
from ..model.prescriptions import Prescription
from .values import date_to_pb, last_day, medicine, medicine_to_pb, quantity, timestamp


def wanted(message: pb.DispenseLine, index: int) -> Wanted:
    """Return what a pharmacy wants to hand over; *index* is its place in the request."""
    expiry = message.lot_expiry if message.HasField("lot_expiry") else None
    return Wanted(
        line=message.line,
        quantity=message.quantity.thousandths,
        drug=medicine(message.drug) if message.HasField("drug") else None,
        buyer_agreed=message.buyer_agreed,
        lot_number=message.lot_number,
        lot_expiry=last_day(expiry, f"lines[{index}].lot_expiry") if expiry is not None else None,
    )


def dispensing_to_pb(it: Dispensing, *, inside: bool = False) -> pb.Dispensing:
    """Return the message; *inside* the exchange it says what kinds of restricted data it tells of."""
    reversed_ = it.reverse_time is not None
    restricted = [f"RESTRICTED_CLASS_{one.name}" for one in sorted(it.classes - {DataClass.CARE})]
    return pb.Dispensing(
        name=it.name,
        prescription=f"prescriptions/{it.prescription}",
        pharmacy=it.pharmacy,
        person=it.person,
        pharmacist=it.pharmacist,
        invoice_number=it.invoice_number,
        dispense_time=timestamp(it.dispense_time),
        state=pb.Dispensing.STATE_REVERSED if reversed_ else pb.Dispensing.STATE_DISPENSED,
        reverse_time=timestamp(it.reverse_time),
        lines=[line_to_pb(one) for one in it.lines],
        restricted_classes=restricted if inside else [],
    )


def line_to_pb(it: Handed) -> pb.DispensingLine:
    return pb.DispensingLine(
        line=it.line,
        drug=medicine_to_pb(it.drug),
        prescribed=medicine_to_pb(it.prescribed),
        quantity=quantity(it.quantity),
        unit=it.unit,
        dose=it.dose,
        lot_number=it.lot_number,
        lot_expiry=date_to_pb(it.lot_expiry),
        substituted=it.substituted,
    )


def remainders_to_pb(it: Prescription) -> list[rpc.Remainder]:
    return [rpc.Remainder(line=line.number, remaining=quantity(line.remaining)) for line in it.lines]
