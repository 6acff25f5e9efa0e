"""
Slips that went wrong, through four real services: corrected, sent to nobody, numbered twice.

The hospital that sent them keeps its mailbox open and hears of each; nothing waits behind them.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen.records.v1.dossier_pb2 import Dossier, DossierSlip
from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen_client import Client, connect
from tests.harness import eventually

from .conftest import Live
from .works import CALLER, OWN, dossier, seed

OLD, NEW, NOWHERE = "79999", "01929", "00000"


@dataclass
class Mailbox:
    """What came for a facility: a kind, or a notice's event, and what it is about; with the time."""

    mail: dict[tuple[str, str], float] = field(default_factory=dict)

    async def has(self, event: str, about: str) -> float:
        """Return when a message came, on the clock of `time.monotonic()`; wait for it."""
        return await eventually(lambda: self.mail.get((event, about)))


@asynccontextmanager
async def open_mailbox(client: Client, code: str) -> AsyncIterator[Mailbox]:
    """Take and acknowledge what comes for a facility, as it comes."""
    inbox = Mailbox()

    async def collect() -> None:
        request = mailbox.ReceiveMessagesRequest(recipient=f"//identity.lientuyen/facilities/{code}")
        async for response in client.mailbox.ReceiveMessages(request):
            message = response.delivery.message
            event = Message.Kind.Name(message.kind)
            if message.kind == Message.KIND_NOTICE:
                event = Notice.Event.Name(Notice.FromString(response.delivery.body).event)
            inbox.mail[event, message.about] = time.monotonic()
            await client.mailbox.AcknowledgeMessage(
                mailbox.AcknowledgeMessageRequest(
                    name=message.name, lease_token=response.delivery.lease_token
                )
            )

    task = asyncio.create_task(collect())
    try:
        yield inbox
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def transfer_slip(message: Dossier) -> DossierSlip:
    (slip,) = [slip for slip in message.slips if slip.table == "XML13"]
    return slip


async def settled(client: Client, name: str) -> DossierSlip:
    """Return what a dossier's transfer slip has become, when that is settled."""

    async def done() -> DossierSlip | None:
        reply = await client.dossiers.GetDossier(dossiers.GetDossierRequest(name=name, access=OWN))
        slip = transfer_slip(reply.dossier)
        return None if slip.state == DossierSlip.STATE_PENDING else slip

    slip = await eventually(done)
    assert slip is not None
    return slip


def findings(reply: dossiers.SubmitDossierResponse) -> list[tuple[str, str]]:
    return [(warning.rule, warning.path) for warning in reply.warnings if warning.rule.startswith("slip-")]


@pytest.fixture(scope="module")
def seeded(live: Live) -> str:
    return asyncio.run(seed(live.stack))


async def story(live: Live) -> dict[str, float]:
    """Return how many seconds after each submission its sender had heard of it."""
    delays: dict[str, float] = {}
    async with (
        connect(CALLER, live.stack) as sender,
        connect(f"facility/{OLD}", live.stack) as old_hospital,
        connect(f"facility/{NEW}", live.stack) as new_hospital,
        open_mailbox(sender, "01999") as own,
        open_mailbox(old_hospital, OLD) as old,
        open_mailbox(new_hospital, NEW) as new,
    ):
        submit = sender.dossiers.SubmitDossier
        first = await settled(sender, (await submit(dossier("SLIP.1", slip="S-1"))).dossier.name)
        assert first.state == DossierSlip.STATE_ISSUED
        await old.has("KIND_REFERRAL", first.resource)

        begin = time.monotonic()
        corrected_name = (await submit(dossier("SLIP.1", slip="S-1", to=NEW))).dossier.name
        corrected = await settled(sender, corrected_name)
        assert (corrected.state, corrected.replaces) == (DossierSlip.STATE_REPLACED, first.resource)
        delays["corrected"] = await own.has("EVENT_REFERRAL_REPLACED", corrected.resource) - begin
        await old.has("EVENT_REFERRAL_CANCELLED", first.resource)
        await new.has("KIND_REFERRAL", corrected.resource)

        begin = time.monotonic()
        lost = await submit(dossier("SLIP.2", to=NOWHERE))
        assert findings(lost) == [("slip-recipient-unknown", "XML13.MA_CSKCB_DEN")]
        assert transfer_slip(lost.dossier).state == DossierSlip.STATE_NOT_SENT
        notice = await own.has("EVENT_SLIP_NOT_SENT", lost.dossier.name)
        delays["unknown hospital"] = notice - begin

        begin = time.monotonic()
        twice = await submit(dossier("SLIP.3", slip="S-1"))
        assert findings(twice) == [("slip-number-used", "XML13.GIAY_CHUYEN_TUYEN")]
        notice = await own.has("EVENT_SLIP_NOT_SENT", twice.dossier.name)
        delays["number reused"] = notice - begin

        behind = await settled(sender, (await submit(dossier("SLIP.4"))).dossier.name)
        assert behind.state == DossierSlip.STATE_ISSUED
        await old.has("KIND_REFERRAL", behind.resource)
    return delays


def test_slips_that_go_wrong_are_told_to_their_sender_and_nothing_waits_behind(
    live: Live, seeded: str, record_property: Callable[[str, object], None]
):
    delays = asyncio.run(story(live))

    for event, seconds in delays.items():
        record_property(f"seconds until the sender heard: {event}", round(seconds, 3))
    assert list(delays) == ["corrected", "unknown hospital", "number reused"]
