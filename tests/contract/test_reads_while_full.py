"""What passes the gate while nothing may be written: a read and its row, also in an emergency."""

import pytest

from chassis import store_reserve
from chassis.write_gate import DISK_FULL, StoreUnwritable
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.identity.v1 import consent_pb2 as pb
from tests.contract.identity_env import Identity, access
from tests.contract.portal_env import IdentityWithPortal, verdict
from tests.fake_portal import FakePortal
from tests.harness import World, refused

EMERGENCY = access(basis="EMERGENCY", reason="bất tỉnh, không có người nhà")


@pytest.fixture
async def identity(world: World, monkeypatch: pytest.MonkeyPatch) -> Identity:
    monkeypatch.setattr(store_reserve, "RETRY_INTERVAL_S", 600.0)
    return await Identity(world).start()


async def test_an_emergency_is_let_in_and_leaves_its_row_and_its_review(identity: Identity):
    person = await identity.person()
    identity.running.db.gate.note(StoreUnwritable(DISK_FULL))

    first = await identity.decide(person.name, access=EMERGENCY)
    again = await identity.decide(person.name, access=EMERGENCY)

    assert first.reason == pb.Decision.REASON_EMERGENCY
    assert again.emergency_access == first.emergency_access
    (row,) = await identity.rows("SELECT use_count FROM emergency_accesses")
    assert row["use_count"] == 2
    assert ("service/records", "ConsentService/Authorize", True, True) in await identity.audit(person.name)
    assert (await refused(identity.person())).reason == reasons.STORE_UNWRITABLE.name


async def test_what_the_portal_says_is_answered_and_not_kept_in_the_room_of_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """A statement that begins with WITH, or reads what it has written, writes all the same."""
    monkeypatch.setattr(store_reserve, "RETRY_INTERVAL_S", 600.0)
    portal = await FakePortal().start()
    world.ending(portal.stop)
    identity = await IdentityWithPortal(world).start(portal_url=portal.url)
    await identity.person()
    await identity.put_verifications_off()
    identity.running.db.gate.note(StoreUnwritable(DISK_FULL))

    answer = await identity.check()

    assert verdict(answer) == (True, "000", False, "")
    assert await identity.rows("SELECT FROM coverages") == []
    [[logged]] = await identity.rows("SELECT count(*) FROM audit WHERE method LIKE '%/CheckEligibility'")
    assert logged == 1
