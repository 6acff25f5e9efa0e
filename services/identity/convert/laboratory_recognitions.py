"""What laboratories are recognised by, as messages."""

from collections.abc import Iterable

from common.faults import Fault
from common.values import date_to_pb
from lientuyen.identity.v1 import facility_pb2 as pb

from ..model.laboratory_recognitions import LaboratoryRecognition
from .values import date_or_fault, to_pb_enum


def recognition_to_pb(recognition: LaboratoryRecognition) -> pb.LaboratoryRecognition:
    return pb.LaboratoryRecognition(
        scheme=to_pb_enum(pb.LaboratoryRecognition.Scheme, recognition.scheme),
        level=recognition.level,
        service_prefixes=recognition.service_prefixes,
        valid_from=date_to_pb(recognition.valid_from),
        valid_to=date_to_pb(recognition.valid_to),
    )


def recognitions_from_pb(
    messages: Iterable[pb.LaboratoryRecognition], faults: list[Fault]
) -> tuple[LaboratoryRecognition, ...]:
    """Return the recognitions; dates that are none are added to *faults*."""
    return tuple(
        LaboratoryRecognition(
            scheme=message.scheme,
            level=message.level,
            service_prefixes=tuple(message.service_prefixes),
            valid_from=date_or_fault(
                f"laboratory_recognitions[{index}].valid_from", message.valid_from, faults
            ),
            valid_to=date_or_fault(f"laboratory_recognitions[{index}].valid_to", message.valid_to, faults),
        )
        for index, message in enumerate(messages)
    )
