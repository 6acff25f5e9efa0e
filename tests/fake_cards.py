"""The insurance cards of the identity in memory (`tests/fake_identity.py`): each in force without an end."""

from lientuyen.identity.v1.coverage_pb2 import Coverage, Eligibility
from lientuyen.identity.v1.eligibility_service_pb2 import CheckEligibilityRequest, CheckEligibilityResponse
from lientuyen.identity.v1.eligibility_service_pb2_grpc import EligibilityServiceServicer
from lientuyen.type.v1.date_pb2 import Date


class FakeCards(EligibilityServiceServicer):
    """Tells of a person's cards; `are_cards_unconfirmed` makes it tell of none for sure."""

    are_cards_unconfirmed = False

    def cards_of(self, person: str) -> list[str]:
        """Return the card numbers of the person with that name, full or short."""
        raise NotImplementedError

    async def CheckEligibility(
        self, request: CheckEligibilityRequest, context: object
    ) -> CheckEligibilityResponse:
        first = Date(year=2020, month=1, day=1)
        cards = [Coverage(card_number=number, valid_from=first) for number in self.cards_of(request.person)]
        eligibility = Eligibility(covered=bool(cards), coverages=cards, stale=self.are_cards_unconfirmed)
        return CheckEligibilityResponse(eligibility=eligibility)
