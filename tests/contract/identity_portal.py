"""A town whose identity asks the insurance portal: shared by the tests of its answers and of its outages."""

import asyncio
from collections.abc import Callable
from typing import Any

from lientuyen.identity.v1 import coverage_pb2 as pb
from lientuyen.identity.v1 import eligibility_service_pb2 as service
from lientuyen.type.v1.date_pb2 import Date
from tests import fake_portal
from tests.contract.identity_town import HOSPITAL, OURS, TREATMENT, Town, coverage_row, person_row
from tests.world import World

NUMBER, NAME, CARD = "001485000016", "Trần Văn Thử", "DN4010000000001"
# The card that the fake portal makes of the personal ID.
PORTAL_CARD = "DN4011485000016"

# Patience for what must happen soon; nothing is concluded from how long it took.
PATIENCE_S = 20.0


async def town_with(world: World, url: str, **settings: Any) -> Town:
    """A town whose identity asks the portal at *url*, each time anew."""
    defaults = {
        **fake_portal.SETTINGS,
        "portal_url": url,
        "portal_seconds": 1.0,
        "portal_failures": 3,
        "portal_recovery_seconds": 0.3,
        "coverage_fresh_seconds": 0,
    }
    running = await world.start("identity", **{**defaults, **settings})
    town = Town(world, running)
    await town.direct()
    return town


def known_card(**more: Any) -> service.CoverageRow:
    """What the register knows: a card of many years."""
    return coverage_row(**{"valid_to": Date(year=2099, month=12, day=31), **more})


async def check(town: Town, **more: Any) -> pb.Eligibility:
    fields = {"facility": f"{OURS}facilities/01999", "access": TREATMENT}
    if not {"person", "card_number"} & set(more):
        fields["personal_id"] = NUMBER
    request = service.CheckEligibilityRequest(**{**fields, **more})
    return (await town.eligibility(HOSPITAL).CheckEligibility(request, timeout=15)).eligibility


async def until(holds: Callable[[], Any]) -> None:
    """Wait until *holds* does."""
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():  # noqa: ASYNC110 (what holds is in a database)
            await asyncio.sleep(0.05)


async def tasks(town: Town) -> list[tuple[str, int]]:
    """The open verifications: reason and attempts."""
    rows = await town.rows("SELECT reason, attempts FROM verifications")
    return [tuple(row) for row in rows]


def verdict(answer: pb.Eligibility) -> tuple[bool, str, bool, str]:
    return answer.covered, answer.result_code, answer.stale, answer.stale_reason


def many_people(count: int) -> list[Any]:
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
