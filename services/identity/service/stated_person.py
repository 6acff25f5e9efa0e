"""What comes with a number, as a card's QR code and the request say it, compared with who has the number."""

from dataclasses import replace
from typing import TypeAlias

from chassis import clock
from chassis.db import Database
from common.faults import Fault
from lientuyen.identity.v1 import person_service_pb2 as pb
from lientuyen.identity.v1.eligibility_service_pb2 import CheckEligibilityRequest

from ..lookup.model import FoundInsured, FoundPerson, Named
from ..matching.convert import description_from_pb
from ..matching.model.candidate_ranking import wrong_dates
from ..matching.model.stated_person import Comparison, compare_stated
from ..matching.model.weights import Description
from ..model.identifiers import CardQr
from ..policies.request_checks import refuse
from ..store import persons

Request: TypeAlias = pb.FindPersonRequest | CheckEligibilityRequest


def check_stated(request: Request) -> None:
    """Refuse a birth date, stated with a number, that there is none of, or not yet."""
    if request.HasField("stated"):
        faults = wrong_dates(description_from_pb(request.stated), clock.now())
        refuse([replace(fault, field=fault.field.replace("demographics.", "stated.")) for fault in faults])


class StatedPersons:
    """Compares who was found; *db* is for the entry that has the number, when it was merged into another."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def compare(
        self, match: FoundPerson | FoundInsured, qr: CardQr | None, request: Request
    ) -> list[Comparison]:
        """Compare *match* with a card's code and with what *request* states; each may be absent.

        Of merged entries the one that has the number, or the one that stands for it, whichever fits better.
        """
        named, sources = match.named, _sources(qr, request)
        if named is None or not sources:
            return []
        compared = _comparisons(sources, named)
        if match.holder in (None, match.id) or not warnings_of(compared):
            return compared
        async with self._db.connection() as tx:
            record = await persons.get_person(tx, match.holder)
        of_record = _comparisons(sources, record) if record else compared
        return min(compared, of_record, key=_misfit)


def _misfit(compared: list[Comparison]) -> tuple[bool, int]:
    """Return how badly an entry fits: whether it is another person, then in how many fields it differs."""
    return any(each.is_another_person for each in compared), len(warnings_of(compared))


def _sources(qr: CardQr | None, request: Request) -> list[tuple[str, Description]]:
    sources = [("card_qr", _described(qr))] if qr is not None else []
    if request.HasField("stated"):
        sources.append(("stated", description_from_pb(request.stated)))
    return sources


def _comparisons(sources: list[tuple[str, Description]], named: Named) -> list[Comparison]:
    return [compare_stated(source, description, _described(named)) for source, description in sources]


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
