"""A slip whose recipient's mailbox is full: it waits in the outbox, and its sender is told."""

from lientuyen.routing.v1.referral_pb2 import Referral
from tests.harness import World, eventually

from .routing_env import CHO_RAY
from .slips_env import Exchange, SlipState, dossier, slip

WAITING = (
    "SELECT attempts FROM outbox WHERE topic = 'slip.referral' AND state = 'waiting' AND last_error <> ''"
)


async def start(world: World) -> Exchange:
    """Start records and routing, whose mailboxes take one message of a sender."""
    exchange = Exchange(world)
    await exchange.routing.start(share_messages=1)
    await exchange.records.start(routing_address=exchange.routing.running.address)
    return exchange


async def test_a_slip_waits_for_room_its_sender_is_told_once_and_it_goes_on_by_itself(world: World):
    exchange = await start(world)
    records, routing = exchange.records, exchange.routing
    await routing.send()
    submitted = await records.submit(dossier().bytes())

    (notice,) = await exchange.mail("01999", 1)
    assert notice == ("SLIP_WAITS", submitted.dossier.name)
    for _ in range(2):  # however often it is tried, at whatever cost of attempts
        await records.rows("UPDATE outbox SET next_time = now(), attempts = 50 WHERE state = 'waiting'")
        await eventually(lambda: records.rows(f"{WAITING} AND attempts > 50"))
    assert slip(await records.get_dossier(submitted.dossier.name)).state == SlipState.STATE_PENDING
    notices = await routing.rows("SELECT FROM messages WHERE kind = 'notice'")

    async with routing.receiving() as inbox:
        await routing.acknowledge(await inbox.next())
    await records.rows("UPDATE outbox SET next_time = now() WHERE state = 'waiting'")
    sent = await records.settled_of(submitted.dossier.name)

    assert sent.state == SlipState.STATE_ISSUED
    assert (await exchange.referral(sent.resource)).state == Referral.STATE_ISSUED
    assert len(notices) == 1


async def test_a_slip_that_waits_holds_up_no_other(world: World):
    exchange = await start(world)
    await exchange.routing.send()
    waiting = await exchange.records.submit(dossier("SLIPS-1", number="TEST-1").bytes())
    await eventually(lambda: exchange.records.rows(WAITING))

    other = await exchange.records.settled(dossier("SLIPS-2", number="TEST-2", to="79024"))

    assert other.state == SlipState.STATE_ISSUED
    assert (await exchange.referral(other.resource)).recipient == CHO_RAY
    assert slip(await exchange.records.get_dossier(waiting.dossier.name)).state == SlipState.STATE_PENDING
