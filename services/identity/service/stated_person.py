"""What comes with a number, as a card's QR code and the request say it, compared with who has the number."""

from typing import Protocol

from common.faults import Fault
from common.values import PartialDate
from lientuyen.identity.v1 import eligibility_service_pb2
from lientuyen.identity.v1 import person_service_pb2 as pb

from ..matching.convert import description_from_pb
from ..matching.model.stated_person import Comparison, compare_stated
from ..matching.model.weights import Description
from ..model.identifiers import CardQr, Sex


class Named(Protocol):
    """Who has a number, or whom a card names."""

    @property
    def full_name(self) -> str: ...
    @property
    def birth(self) -> PartialDate | None: ...
    @property
    def sex(self) -> Sex: ...


def stated_in(
    request: pb.FindPersonRequest | eligibility_service_pb2.CheckEligibilityRequest,
) -> pb.Demographics | None:
    return request.stated if request.HasField("stated") else None


def comparisons(holder: Named | None, qr: CardQr | None, stated: pb.Demographics | None) -> list[Comparison]:
    """Compare *holder*, None for nobody, with a card's code and with what was stated; each may be absent."""
    if holder is None:
        return []
    sources = []
    if qr is not None:
        sources.append(("card_qr", _described(qr)))
    if stated is not None:
        sources.append(("stated", description_from_pb(stated)))
    return [compare_stated(source, description, _described(holder)) for source, description in sources]


def warnings_of(compared: list[Comparison]) -> list[Fault]:
    return [warning for comparison in compared for warning in comparison.warnings]


def agreements_to_pb(compared: list[Comparison]) -> list[pb.FieldAgreement]:
    return [
        pb.FieldAgreement(field=f"{each.source}.{field.field}", agrees=field.agrees, note=field.note)
        for each in compared
        for field in each.fields
    ]


def _described(named: Named) -> Description:
    return Description(full_name=named.full_name, birth=named.birth, sex=named.sex)
