"""What mailboxes tell of themselves: each figure moves with what it is about."""

from typing import Any

from tests.harness import World, eventually
from tests.metrics import Observed

from .routing_env import DISTRICT, PROVINCE, Routing


def by_attribute(observed: Observed, metric: str) -> dict[str, Any]:
    """Return each point by its one attribute."""
    return {str(next(iter(point.attributes.values()), "")): point for point in observed.points(metric)}


def values(observed: Observed, metric: str) -> dict[str, float]:
    return {attribute: point.value for attribute, point in by_attribute(observed, metric).items()}


async def test_what_waits_and_since_when_is_measured(world: World, observed: Observed):
    routing = await Routing(world).start(sweep_seconds=0.2)
    assert values(observed, "lientuyen.mailbox.oldest") == {"": 0}
    for _ in range(2):
        await routing.send()
    await routing.age(2)

    await eventually(lambda: values(observed, "lientuyen.mailbox.oldest")[""] >= 2 * 24 * 3600)
    assert values(observed, "lientuyen.mailbox.depth") == {"": 2}
    async with routing.receiving() as inbox:
        for delivery in await inbox.take(2):
            await routing.acknowledge(delivery)
    await eventually(lambda: values(observed, "lientuyen.mailbox.oldest")[""] == 0)


async def test_dead_letters_are_counted_by_their_reason_until_they_are_decided(
    world: World, observed: Observed
):
    routing = await Routing(world).start(sweep_seconds=0.2)
    await routing.send()
    await routing.send()
    async with routing.receiving() as inbox:
        await routing.reject(await inbox.next())

    await eventually(lambda: values(observed, "lientuyen.mailbox.dead")["rejected"] == 1)
    assert values(observed, "lientuyen.mailbox.dead") == {
        "rejected": 1,
        "attempts_spent": 0,
        "uncollected": 0,
    }
    await routing.rows(
        "UPDATE messages SET enqueue_time = enqueue_time - interval '31 days', state = 'accepted',"
        " lease_token = NULL, lease_stream = NULL, lease_expire_time = NULL"
        " WHERE sender = $1 AND recipient = $2 AND state = 'leased'",
        DISTRICT,
        PROVINCE,
    )
    await eventually(lambda: values(observed, "lientuyen.mailbox.dead")["uncollected"] == 1)


async def test_leases_that_run_out_and_attempts_until_the_end_are_counted(world: World, observed: Observed):
    routing = await Routing(world).start(max_attempts=2, sweep_seconds=0.2)
    await routing.send(b"kills")
    await routing.send(b"behind it")
    for _ in range(2):
        async with routing.receiving(lease=1) as crashing:
            await crashing.next(20)
    async with routing.receiving() as inbox:
        await routing.acknowledge(await inbox.next(20))

    expired = values(observed, "lientuyen.mailbox.leases.expired")
    attempts = by_attribute(observed, "lientuyen.mailbox.attempts")
    assert expired == {"returned": 1, "exhausted": 1}
    assert (attempts["attempts_spent"].count, attempts["attempts_spent"].sum) == (1, 2)
    assert attempts["acknowledged"].count == 1
