"""What the tests of the insurance portal share: an identity that asks it, and what it answers then."""

from typing import Any, Self

from lientuyen.identity.v1 import coverage_pb2 as pb
from lientuyen.identity.v1 import eligibility_service_pb2 as service
from lientuyen.identity.v1 import person_service_pb2
from lientuyen.type.v1.date_pb2 import Date
from tests import fake_portal
from tests.contract.identity_env import HOSPITAL, OURS, TREATMENT, Identity, coverage_row, person_row
from tests.harness import PATIENCE

NUMBER, NAME, CARD = "001485000016", "Trần Văn Thử", "DN4010000000001"
# The card that the fake portal makes of the personal ID.
PORTAL_CARD = "DN4011485000016"


class IdentityWithPortal(Identity):
    """The service with a portal behind it, which it asks each time anew."""

    async def start(self, **settings: Any) -> Self:
        """Start the service with the portal at *portal_url*.

        It has all the time that the service gives a portal, and is left alone after no failures that a
        test makes, unless *settings* say otherwise.
        """
        defaults = {
            **fake_portal.SETTINGS,
            "portal_seconds": 30,
            "portal_failures": 100,
            "portal_recovery_seconds": 0.3,
            "coverage_fresh_seconds": 0,
        }
        return await super().start(**{**defaults, **settings})

    async def check(self, caller: str = HOSPITAL, **more: Any) -> pb.Eligibility:
        """Check at a hospital, by the number of one person unless *more* names another subject."""
        fields = {"facility": f"{OURS}facilities/{caller.partition('/')[2]}", "access": TREATMENT}
        if not {"person", "card_number"} & set(more):
            fields["personal_id"] = NUMBER
        request = service.CheckEligibilityRequest(**{**fields, **more})
        return (await self.eligibility(caller).CheckEligibility(request, timeout=PATIENCE)).eligibility

    async def verifications(self) -> list[tuple[str, int]]:
        """Return the open verifications: reason and attempts."""
        return [tuple(row) for row in await self.rows("SELECT reason, attempts FROM verifications")]

    async def put_verifications_off(self) -> None:
        """Let nobody who is known be asked about in the background, where a test's own question joins in."""
        await self.rows(
            "INSERT INTO verifications (person_id, reason, next_time)"
            " SELECT id, 'UPSTREAM_DOWN', 'infinity' FROM persons"
        )


def known_card(**more: Any) -> service.CoverageRow:
    """What the register knows: a card of many years."""
    return coverage_row(**{"valid_to": Date(year=2099, month=12, day=31), **more})


def verdict(answer: pb.Eligibility) -> tuple[bool, str, bool, str]:
    return answer.covered, answer.result_code, answer.stale, answer.stale_reason


def many_people(count: int) -> list[person_service_pb2.PersonRow]:
    """Rows of *count* persons."""
    return [
        person_row(
            personal_id=f"00148500{number:04d}",
            social_insurance_number=f"{number:010d}",
            old_id="",
            full_name=f"Người Mẫu {number}",
        )
        for number in range(1000, 1000 + count)
    ]
