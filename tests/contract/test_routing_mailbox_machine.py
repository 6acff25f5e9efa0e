"""
Whatever senders, receivers, operators and time do to a mailbox, in whatever order: the life of each message
is as the contract draws it, none is in two hands, none overtakes, none is done twice.

`Line` says by itself what must be, and knows nothing of the code: what was accepted, in which order, who
holds what until when.  After each step the database is held against it.
"""

import asyncio
import itertools
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from chassis.encryption import Encryptor
from chassis.peers import Peer
from chassis.signing import SigningFolder
from chassis.tls import TlsFolder
from common.identity import Identity
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Delivery
from services.routing.app import quotas_of
from services.routing.service.delivery_clearance import DeliveryClearance
from services.routing.service.expiry_and_retention import PeriodicTasks
from services.routing.service.mailbox_figures import MailboxFigures
from services.routing.service.mailbox_quotas import MailboxQuotas
from services.routing.service.mailbox_writer import MailboxWriter
from services.routing.service.message_delivery import MessageDelivery, Receiver
from services.routing.service.notifier import Notifier
from services.routing.service.receipt_signing import ReceiptSigner
from services.routing.service.record_request_endings import RecordRequestEndings
from services.routing.service.record_request_grounds import RecordRequestGrounds
from services.routing.service.slip_deadlines import SlipDeadlines
from services.routing.settings import Settings
from tests.harness import World, refused

from .routing_env import Routing, name_of

T = TypeVar("T")
SENDERS, RECIPIENT = ("facility/01999", "facility/79024", "facility/31999"), "facility/79999"
WINDOWS = (1, 3, 16)
LEASE, MAX_HELD, MAX_ATTEMPTS = 600, 12 * 3600, 3
DAY = 24 * 3600
NOTICED, ABANDONED = 5 * DAY, 30 * DAY
WAITS = (400, 700, 13 * 3600, 6 * DAY, 31 * DAY)

# Time passes in the rows, for this mailbox alone.
LATER = """
    UPDATE messages SET enqueue_time = enqueue_time - $2::interval,
        lease_expire_time = lease_expire_time - $2::interval,
        lease_begin_time = lease_begin_time - $2::interval
    WHERE recipient = $1
"""
STATES = "SELECT id, state, attempts FROM messages WHERE recipient = $1"
NOTICES = "SELECT count(*) FROM messages WHERE kind = 'notice'"
EMPTY = "TRUNCATE messages, receipts, mailbox_shares"


@dataclass
class Letter:
    """What is known of one message.  *places* are those it had in its line, the last it has now."""

    sender: int
    place: int
    entered: int
    state: str = "accepted"
    attempts: int = 0
    stream: UUID | None = None
    token: str = ""
    begun: int = 0
    until: int = 0
    noticed: bool = False


@dataclass
class Line:
    """A mailbox as it must be."""

    letters: dict[str, Letter] = field(default_factory=dict)
    now: int = 0
    notices: int = 0
    places: "itertools.count[int]" = field(default_factory=itertools.count)

    def of(self, sender: int, *states: str) -> list[Letter]:
        line = [letter for letter in self.letters.values() if letter.sender == sender]
        return sorted((one for one in line if one.state in states), key=lambda one: one.place)

    def accept(self, name: str, sender: int) -> None:
        self.letters[name] = Letter(sender, next(self.places), self.now)

    def give(self, name: str, token: str, stream: UUID) -> None:
        """A receiver got a message: was it its turn?"""
        letter = self.letters[name]
        assert letter.state == "accepted", f"given out while {letter.state}"
        for earlier in self.of(letter.sender, "accepted", "leased"):
            if earlier.place < letter.place:
                assert earlier.state == "leased", "overtook one that waits"
                assert earlier.stream == stream, "overtook one that is in other hands"
        letter.state, letter.stream, letter.token = "leased", stream, token
        letter.attempts, letter.begun, letter.until = letter.attempts + 1, self.now, self.now + LEASE

    def take_back(self) -> None:
        """Leases run out: of a sender in one pair of hands the first such, and all behind it."""
        for sender in range(len(SENDERS)):
            for stream in {letter.stream for letter in self.of(sender, "leased")}:
                held = [letter for letter in self.of(sender, "leased") if letter.stream == stream]
                first = next((letter for letter in held if letter.until <= self.now), None)
                for letter in held if first else []:
                    if first and letter.place >= first.place:
                        self._return(letter, counted=letter is first)

    def _return(self, letter: Letter, *, counted: bool) -> None:
        letter.stream, letter.token = None, ""
        if counted and letter.attempts >= MAX_ATTEMPTS:
            self.die(letter)
            return
        letter.state = "accepted"
        letter.attempts -= not counted

    def die(self, letter: Letter) -> None:
        letter.state, letter.stream, letter.token = "dead", None, ""
        self.notices += 1

    def sweep(self) -> None:
        self.take_back()
        for letter in self.letters.values():
            if letter.state == "accepted" and self.now - letter.entered >= ABANDONED:
                self.die(letter)
            elif letter.state == "accepted" and self.now - letter.entered >= NOTICED and not letter.noticed:
                letter.noticed = True
                self.notices += 1

    def replay(self, letter: Letter) -> None:
        letter.state, letter.attempts, letter.place = "accepted", 0, next(self.places)
        letter.entered, letter.noticed = self.now, False


class Site:
    """The service, what gives out of its mailboxes, and what time brings about: emptied for each example."""

    def __init__(self, routing: Routing, loop: asyncio.AbstractEventLoop) -> None:
        self.routing = routing
        self._loop = loop
        running = routing.running
        assert isinstance(running.settings, Settings)
        quotas = MailboxQuotas(quotas_of(running.settings))
        encryptor = Encryptor(running.settings.keys_dir)
        signer = ReceiptSigner(SigningFolder.of(running.settings.signing_dir, running.settings.tls_dir))
        writer, notifier = MailboxWriter(encryptor, signer, quotas), Notifier(running.db)
        endings = RecordRequestEndings(writer)
        peer = Peer("identity", running.settings.identity_address, TlsFolder(running.settings.tls_dir))
        grounds = RecordRequestGrounds(running.db, Identity(peer), notifier, endings)
        self.delivery = MessageDelivery(
            running.db,
            encryptor,
            writer,
            notifier,
            DeliveryClearance(running.db, grounds),
            max_attempts=MAX_ATTEMPTS,
            poll_interval_s=1,
        )
        self.tasks = PeriodicTasks(
            running.db,
            writer,
            notifier,
            self.delivery,
            quotas,
            endings,
            MailboxFigures(),
            SlipDeadlines(writer, reminder_days=3),
            interval_s=3600,
            body_retention=timedelta(days=60),
        )

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do *work* in the loop of the service; the machine is on a thread of its own."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def call(self, caller: str, request: Any) -> Any:
        """Call, as *caller*, the method of *request*."""
        method = type(request).__name__.removesuffix("Request")
        return await getattr(self.routing.mailbox(caller), method)(request)


def machine_of(site: Site) -> type[RuleBasedStateMachine]:
    class Mailbox(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            site.run(site.routing.rows(EMPTY))
            self.streams = [uuid4() for _ in WINDOWS]
            self.deliveries: list[Delivery] = []
            self.line = Line()

        @rule(sender=st.integers(0, len(SENDERS) - 1), count=st.integers(1, 4))
        def send(self, sender: int, count: int) -> None:
            for _ in range(count):
                sending = site.routing.send(caller=SENDERS[sender], recipient=name_of(RECIPIENT))
                self.line.accept(site.run(sending).message.name, sender)

        @rule(receiver=st.integers(0, len(WINDOWS) - 1))
        def receive(self, receiver: int) -> None:
            stream, window = self.streams[receiver], WINDOWS[receiver]
            lease = timedelta(seconds=LEASE)
            asking = Receiver(stream, name_of(RECIPIENT), window, lease)
            poll = site.run(site.delivery.poll(asking))
            self.line.take_back()
            free = self.free_for(stream, window)
            for delivery in poll.deliveries:
                self.line.give(delivery.message.name, delivery.lease_token, stream)
            self.deliveries += poll.deliveries
            assert not free or poll.deliveries, "somebody waits for a pair that is stuck"
            assert sum(one.stream == stream for one in self.line.letters.values()) <= window

        def free_for(self, stream: UUID, window: int) -> list[int]:
            """Return the senders of whom nobody holds anything and something waits, if *stream* has room."""
            held = [letter for letter in self.line.letters.values() if letter.state == "leased"]
            if sum(letter.stream == stream for letter in held) >= window:
                return []
            busy = {letter.sender for letter in held}
            return [one for one in range(len(SENDERS)) if one not in busy and self.line.of(one, "accepted")]

        @rule(receiver=st.integers(0, len(WINDOWS) - 1))
        def crash(self, receiver: int) -> None:
            """Its stream ends; what it held stays its own until the lease is over."""
            self.streams[receiver] = uuid4()

        def holder_of(self, delivery: Delivery) -> Letter | None:
            letter = self.line.letters[delivery.message.name]
            return letter if letter.token == delivery.lease_token else None

        def attempt(self, call: Coroutine[Any, Any, Any], delivery: Delivery) -> Letter | None:
            """Make a call of a receiver; return its message if it holds it, else it was refused."""
            letter = self.holder_of(delivery)
            if letter is not None:
                site.run(call)
                return letter
            refusal = site.run(refused(call))
            assert refusal.reason in (reasons.LEASE_STALE.name, reasons.MESSAGE_STATE.name)
            return None

        @rule(data=st.data())
        def acknowledge(self, data: st.DataObject) -> None:
            for delivery in self.drawn(data):
                call = site.routing.acknowledge(delivery, RECIPIENT)
                if letter := self.attempt(call, delivery):
                    letter.state, letter.stream, letter.token = "acknowledged", None, ""

        @rule(data=st.data())
        def reject(self, data: st.DataObject) -> None:
            for delivery in self.drawn(data):
                request = pb.RejectMessageRequest(reason="unreadable", **key(), **claim_of(delivery))
                if letter := self.attempt(site.call(RECIPIENT, request), delivery):
                    self.line.die(letter)

        @rule(data=st.data(), hours=st.sampled_from([0, 1]))
        def extend(self, data: st.DataObject, hours: int) -> None:
            for delivery in self.drawn(data):
                request = pb.ExtendLeaseRequest(**key(), **claim_of(delivery))
                request.lease.FromSeconds(hours * 3600 or 60)
                if letter := self.attempt(site.call(RECIPIENT, request), delivery):
                    for held in self.line.of(letter.sender, "leased"):
                        if held.stream == letter.stream and held.place >= letter.place:
                            until = min(self.line.now + (hours * 3600 or 60), held.begun + MAX_HELD)
                            held.until = max(held.until, until)

        def drawn(self, data: st.DataObject) -> list[Delivery]:
            """Return one of all deliveries that there were, those of the past too; none before the first."""
            if not self.deliveries:
                return []
            recent = st.integers(0, min(len(self.deliveries) - 1, 8))
            return [self.deliveries[-1 - data.draw(recent)]]

        @rule(seconds=st.sampled_from(WAITS))
        def wait(self, seconds: int) -> None:
            site.run(site.routing.rows(LATER, name_of(RECIPIENT), timedelta(seconds=seconds)))
            self.line.now += seconds

        @rule()
        def sweep(self) -> None:
            site.run(site.tasks.run_round())
            self.line.sweep()

        @rule(data=st.data(), action=st.sampled_from(["Replay", "Stop"]))
        def decide(self, data: st.DataObject, action: str) -> None:
            """The sender replays or stops a message, dead or not."""
            if not self.line.letters:
                return
            name = data.draw(st.sampled_from(sorted(self.line.letters)))
            letter = self.line.letters[name]
            request = getattr(pb, f"{action}MessageRequest")(**key(), name=name)
            call = site.call(SENDERS[letter.sender], request)
            if letter.state != "dead":
                assert site.run(refused(call)).reason == reasons.MESSAGE_STATE.name
                return
            site.run(call)
            if action == "Replay":
                self.line.replay(letter)
            else:
                letter.state = "stopped"

        @rule(sender=st.integers(0, len(SENDERS) - 1), size=st.integers(1, 3))
        def replay_all(self, sender: int, size: int) -> None:
            """By the page: those that are dead, in the order in which they were accepted."""
            dead = [one for one in self.line.letters.values() if one.sender == sender and one.state == "dead"]
            request = pb.ReplayDeadLettersRequest(sender=name_of(SENDERS[sender]), page_size=size)
            pages = 0
            while not pages or request.page_token:
                request.request_id = str(uuid4())
                reply = site.run(site.call(SENDERS[sender], request))
                names, pages = [message.name for message in reply.messages], pages + 1
                assert [self.line.letters[name] for name in names] == dead[: len(names)]
                for letter in dead[: len(names)]:
                    self.line.replay(letter)
                del dead[: len(names)]
                request.page_token = reply.next_page_token
            assert not dead

        @invariant()
        def the_database_says_the_same(self) -> None:
            rows = site.run(site.routing.rows(STATES, name_of(RECIPIENT)))
            there = {
                f"//routing.lientuyen/messages/{row['id']}": (row["state"], row["attempts"]) for row in rows
            }
            assert there == {
                name: (letter.state, letter.attempts) for name, letter in self.line.letters.items()
            }

        @invariant()
        def each_sender_was_told_of_each_death_and_each_long_wait_once(self) -> None:
            assert site.run(site.routing.rows(NOTICES))[0]["count"] == self.line.notices

        def teardown(self) -> None:
            """A mailbox that is emptied has given everything that was not given up, and once."""
            for receiver in range(len(WINDOWS)):
                self.crash(receiver)
            self.wait(13 * 3600)
            while any(letter.state in ("accepted", "leased") for letter in self.line.letters.values()):
                self.receive(2)
                for delivery in self.deliveries:
                    if letter := self.holder_of(delivery):
                        site.run(site.routing.acknowledge(delivery, RECIPIENT))
                        letter.state, letter.stream, letter.token = "acknowledged", None, ""
            self.the_database_says_the_same()

    return Mailbox


def key() -> dict[str, str]:
    return {"request_id": str(uuid4())}


def claim_of(delivery: Delivery) -> dict[str, Any]:
    return {"name": delivery.message.name, "lease_token": delivery.lease_token}


@pytest.mark.timeout(600)
async def test_whatever_happens_to_a_mailbox_its_messages_keep_to_the_contract(world: World):
    routing = await Routing(world).start(sweep_seconds=3600, max_attempts=MAX_ATTEMPTS)
    routing.identity.add_facility("31999")
    site = Site(routing, asyncio.get_running_loop())
    await asyncio.to_thread(
        run_state_machine_as_test,
        machine_of(site),
        # Shrinking would take minutes: a history of forty steps is read as it is.
        settings=settings(max_examples=12, stateful_step_count=40, phases=[Phase.generate]),
    )
