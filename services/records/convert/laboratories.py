"""What identity's directory says of laboratories, from its messages."""

from collections.abc import Iterable

from common.values import date_from_pb
from lientuyen.identity.v1.facility_pb2 import LaboratoryRecognition

from ..model.laboratory_quality import Recognition, Scheme

SCHEMES = {
    LaboratoryRecognition.SCHEME_QUALITY_LEVEL: Scheme.QUALITY_LEVEL,
    LaboratoryRecognition.SCHEME_ISO_15189: Scheme.ISO_15189,
}


def recognitions_from_pb(messages: Iterable[LaboratoryRecognition]) -> tuple[Recognition, ...]:
    """Return the recognitions of the schemes that are known here."""
    return tuple(
        Recognition(
            SCHEMES[message.scheme],
            message.level,
            tuple(message.service_prefixes),
            valid_from,
            date_from_pb(message.valid_to),
        )
        for message in messages
        if message.scheme in SCHEMES and (valid_from := date_from_pb(message.valid_from))
    )
