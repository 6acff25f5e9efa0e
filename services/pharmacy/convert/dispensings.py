"""Dispensings."""

from common.restricted import DataClass
from common.values import date_to_pb, timestamp_to_pb
from lientuyen.pharmacy.v1 import dispensing_pb2 as pb
from lientuyen.pharmacy.v1 import dispensing_service_pb2 as rpc

from ..model.dispensings import DispensedLine, Dispensing, RequestedLine
from ..model.prescriptions import Prescription, prescription_name
from .drugs import medicine_from_pb, medicine_to_pb
from .values import last_day_from_pb, quantity_to_pb


def requested_line_from_pb(message: pb.DispenseLine, index: int) -> RequestedLine:
    expiry = message.lot_expiry if message.HasField("lot_expiry") else None
    return RequestedLine(
        line=message.line,
        quantity=message.quantity.thousandths,
        drug=medicine_from_pb(message.drug) if message.HasField("drug") else None,
        buyer_agreed=message.buyer_agreed,
        lot_number=message.lot_number,
        lot_expiry=last_day_from_pb(expiry, f"lines[{index}].lot_expiry") if expiry is not None else None,
    )


def dispensing_to_pb(dispensing: Dispensing, *, to_service: bool = False) -> pb.Dispensing:
    """Return the message; *to_service*: a service of ours hears what kinds of restricted data it tells of."""
    restricted = sorted(dispensing.classes - {DataClass.CARE}) if to_service else []
    reversed_ = dispensing.reverse_time is not None
    return pb.Dispensing(
        name=dispensing.name,
        prescription=prescription_name(dispensing.prescription),
        pharmacy=dispensing.pharmacy,
        person=dispensing.person,
        pharmacist=dispensing.pharmacist,
        invoice_number=dispensing.invoice_number,
        dispense_time=timestamp_to_pb(dispensing.dispense_time),
        state=pb.Dispensing.STATE_REVERSED if reversed_ else pb.Dispensing.STATE_DISPENSED,
        reverse_time=timestamp_to_pb(dispensing.reverse_time),
        lines=[line_to_pb(line) for line in dispensing.lines],
        restricted_classes=[f"RESTRICTED_CLASS_{kind.name}" for kind in restricted],
    )


def line_to_pb(line: DispensedLine) -> pb.DispensingLine:
    return pb.DispensingLine(
        line=line.line,
        drug=medicine_to_pb(line.drug),
        prescribed=medicine_to_pb(line.prescribed),
        quantity=quantity_to_pb(line.quantity),
        unit=line.unit,
        dose=line.dose,
        lot_number=line.lot_number,
        lot_expiry=date_to_pb(line.lot_expiry),
        substituted=line.substituted,
    )


def remainders_to_pb(prescription: Prescription) -> list[rpc.Remainder]:
    return [
        rpc.Remainder(line=line.number, remaining=quantity_to_pb(line.remaining))
        for line in prescription.lines
    ]
