"""What passes the gate while nothing may be written: a read and its row, also in an emergency."""

import pytest

from chassis import store_reserve
from chassis.write_gate import DISK_FULL, StoreUnwritable
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.identity.v1 import consent_pb2 as pb
from tests.contract.identity_env import Identity, access
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
