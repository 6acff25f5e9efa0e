"""
Three hospitals do whatever comes to their mind with referrals, consultations and appointments.

The service runs; Hypothesis thinks of what they do.  What is allowed is judged by the pictures of
`tests/unit/routing_lifecycles.py`: a move is answered exactly when its party may make it and the picture has
it.  At the end each thing is in the state that the picture leads to, its times follow one another, and every
mailbox has had each message and each notice exactly once.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from chassis import clock
from common.values import date_to_pb
from lientuyen.routing.v1 import appointment_service_pb2 as booking
from lientuyen.routing.v1 import consultation_service_pb2 as consulting
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import referral_service_pb2 as referring
from lientuyen.routing.v1.appointment_pb2 import Appointment
from lientuyen.routing.v1.consultation_pb2 import Consultation
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen_client.opinion_signatures import sign_opinion
from tests.contract.routing_env import ACCESS, FACILITIES, PERSON, Routing
from tests.harness import Refusal, World, eventually, refused
from tests.samples.signing import Signing, public
from tests.unit.routing_lifecycles import APPOINTMENTS, CONSULTATIONS, REFERRALS, Lifecycle

T = TypeVar("T")
Call = Callable[[], Awaitable[Any]]
CODES = ("01999", "79999", "79024")
code_of = st.sampled_from(CODES)
# Mostly whoever may; else one of the two others.
somebody = st.sampled_from([0, 0, 0, 0, 1, 2])
two_codes = st.permutations(CODES).map(lambda codes: codes[:2])

# What a notice says of a move, and to whom: the side that did not make it.
NOTICES = {
    "accept": Notice.EVENT_REFERRAL_ACCEPTED,
    "decline referral": Notice.EVENT_REFERRAL_DECLINED,
    "complete": Notice.EVENT_REFERRAL_COMPLETED,
    "cancel": Notice.EVENT_REFERRAL_CANCELLED,
    "take": Notice.EVENT_CONSULTATION_TAKEN,
    "decline consultation": Notice.EVENT_CONSULTATION_DECLINED,
    "withdraw": Notice.EVENT_CONSULTATION_WITHDRAWN,
}


@dataclass
class Thing:
    """Something that the hospitals have made: its picture, who asked whom, where it should be by now."""

    lifecycle: Lifecycle
    name: str
    asking: str
    asked: str
    state: str
    message: str = ""
    encounters: set[str] = field(default_factory=set)
    reminded: bool = False

    def leads(self, move: str) -> str:
        """Return the state to which *move* leads; empty when the picture does not have it."""
        leads = self.lifecycle.leads
        return next((after for before, by, after in leads if (before, by) == (self.state, move)), "")


def caller(mover: str, who: int) -> str:
    """Return the code of whoever makes a move: 0 who may, 1 and 2 the others."""
    return [mover, *(code for code in CODES if code != mover)][who]


class Hospitals(RuleBasedStateMachine):
    """Three hospitals, and what they have made."""

    routing: ClassVar[Routing]
    loop: ClassVar[asyncio.AbstractEventLoop]
    doctors: ClassVar[dict[str, Signing]]
    referring: ClassVar[dict[str, Any]]
    consulting: ClassVar[dict[str, Any]]
    booking: ClassVar[dict[str, Any]]

    def __init__(self) -> None:
        super().__init__()
        self.things: list[Thing] = []
        self.waiting = {code: Counter[tuple[str, str]]() for code in CODES}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def of_kind(self, lifecycle: Lifecycle) -> list[Thing]:
        return [thing for thing in self.things if thing.lifecycle is lifecycle]

    # What is made.

    @rule(codes=two_codes)
    def refer(self, codes: list[str]) -> None:
        asking, asked = codes
        referral = Referral(person=PERSON, sender=FACILITIES + asking, recipient=FACILITIES + asked)
        request = referring.CreateReferralRequest(
            request_id=str(uuid4()),
            referral=referral,
            slip=uuid4().hex.encode(),
            slip_media_type="text/plain",
        )
        stub = self.referring[asking]
        made = self.run(_answer(lambda: stub.CreateReferral(request))).referral
        self.things.append(Thing(REFERRALS, made.name, asking, asked, "issued", made.message))
        self.waiting[asked]["REFERRAL", made.name] += 1

    @rule(codes=two_codes)
    def ask(self, codes: list[str]) -> None:
        asking, asked = codes
        consultation = Consultation(
            person=PERSON,
            requester=FACILITIES + asking,
            consultant=FACILITIES + asked,
            practitioner="000123/HNO-GPHN",
        )
        request = consulting.RequestConsultationRequest(
            request_id=str(uuid4()),
            consultation=consultation,
            question=b"?",
            question_media_type="text/plain",
            access=ACCESS,
        )
        stub = self.consulting[asking]
        made = self.run(_answer(lambda: stub.RequestConsultation(request))).consultation
        self.things.append(Thing(CONSULTATIONS, made.name, asking, asked, "asked", made.message))
        self.waiting[asked]["CONSULTATION", made.name] += 1

    @rule(code=code_of)
    def book(self, code: str) -> None:
        day = date_to_pb(clock.today().replace(year=clock.today().year + 1, day=1))
        appointment = Appointment(person=PERSON, facility=FACILITIES + code, day=day, encounter=str(uuid4()))
        request = booking.CreateAppointmentRequest(request_id=str(uuid4()), appointment=appointment)
        stub = self.booking[code]
        made = self.run(_answer(lambda: stub.CreateAppointment(request))).appointment
        self.things.append(Thing(APPOINTMENTS, made.name, code, code, "booked"))

    # What is done with it, by whomever.

    @precondition(lambda self: self.of_kind(REFERRALS))
    @rule(
        data=st.data(),
        who=somebody,
        move=st.sampled_from(["accept", "decline", "complete", "cancel"]),
    )
    def move_referral(self, data: st.DataObject, who: int, move: str) -> None:
        thing = data.draw(st.sampled_from(self.of_kind(REFERRALS)))
        mover, other = (thing.asking, thing.asked) if move == "cancel" else (thing.asked, thing.asking)
        code = caller(mover, who)
        stub, named = (
            self.referring[code],
            {"request_id": str(uuid4()), "name": thing.name},
        )
        calls = {
            "accept": lambda: stub.AcceptReferral(referring.AcceptReferralRequest(**named)),
            "decline": lambda: stub.DeclineReferral(referring.DeclineReferralRequest(**named, reason="x")),
            "complete": lambda: stub.CompleteReferral(referring.CompleteReferralRequest(**named)),
            "cancel": lambda: stub.CancelReferral(referring.CancelReferralRequest(**named, reason="x")),
        }
        was = thing.state
        if self.moves(thing, code, move, mover, calls[move]):
            event = NOTICES["decline referral" if move == "decline" else move]
            self.waiting[other][f"NOTICE {event}", thing.name] += 1
            if move == "cancel" and was == "issued":
                self.waiting[thing.asked]["REFERRAL", thing.name] -= 1

    @precondition(lambda self: self.of_kind(REFERRALS))
    @rule(data=st.data(), who=somebody, encounter=st.sampled_from(["A", "B"]))
    def use_referral(self, data: st.DataObject, who: int, encounter: str) -> None:
        thing = data.draw(st.sampled_from(self.of_kind(REFERRALS)))
        request = referring.UseReferralRequest(request_id=str(uuid4()), name=thing.name, encounter=encounter)
        code = caller(thing.asked, who)
        stub = self.referring[code]
        if code == thing.asked and thing.state == "accepted" and thing.encounters - {encounter}:
            assert self.run(_refusal(lambda: stub.UseReferral(request))).reason == reasons.REFERRAL_USED.name
        elif self.moves(thing, code, "use", thing.asked, lambda: stub.UseReferral(request)):
            thing.encounters.add(encounter)

    @precondition(lambda self: self.of_kind(CONSULTATIONS))
    @rule(
        data=st.data(),
        who=somebody,
        move=st.sampled_from(["take", "answer", "decline", "withdraw"]),
    )
    def move_consultation(self, data: st.DataObject, who: int, move: str) -> None:
        thing = data.draw(st.sampled_from(self.of_kind(CONSULTATIONS)))
        mover, other = (thing.asking, thing.asked) if move == "withdraw" else (thing.asked, thing.asking)
        code = caller(mover, who)
        stub = self.consulting[code]
        named = {"request_id": str(uuid4()), "name": thing.name}
        doctor = self.doctors[thing.asked]
        signature = sign_opinion(thing.name, b"!", "text/plain", doctor.key, doctor.certificate)
        opinion = {"opinion": b"!", "opinion_media_type": "text/plain", "signature": signature}
        calls = {
            "take": lambda: stub.TakeConsultation(
                consulting.TakeConsultationRequest(**named, practitioner="000456/HCM-GPHN")
            ),
            "answer": lambda: stub.AnswerConsultation(
                consulting.AnswerConsultationRequest(**named, **opinion)
            ),
            "decline": lambda: stub.DeclineConsultation(
                consulting.DeclineConsultationRequest(**named, reason="x")
            ),
            "withdraw": lambda: stub.WithdrawConsultation(
                consulting.WithdrawConsultationRequest(**named, reason="x")
            ),
        }
        if not self.moves(thing, code, move, mover, calls[move]):
            return
        if move == "answer":
            self.waiting[other]["CONSULTATION", thing.name] += 1
        else:
            event = NOTICES["decline consultation" if move == "decline" else move]
            self.waiting[other][f"NOTICE {event}", thing.name] += 1
        if move == "withdraw" and self.waiting[thing.asked]["CONSULTATION", thing.name]:
            self.waiting[thing.asked]["CONSULTATION", thing.name] -= 1

    @precondition(lambda self: self.of_kind(APPOINTMENTS))
    @rule(data=st.data(), who=somebody, move=st.sampled_from(["use", "cancel"]))
    def move_appointment(self, data: st.DataObject, who: int, move: str) -> None:
        thing = data.draw(st.sampled_from(self.of_kind(APPOINTMENTS)))
        code = caller(thing.asked, who)
        stub, named = self.booking[code], {"request_id": str(uuid4()), "name": thing.name}
        calls = {
            "use": lambda: stub.UseAppointment(booking.UseAppointmentRequest(**named)),
            "cancel": lambda: stub.CancelAppointment(booking.CancelAppointmentRequest(**named)),
        }
        self.moves(thing, code, move, thing.asked, calls[move])

    def moves(self, thing: Thing, code: str, move: str, mover: str, call: Call) -> bool:
        """Make a move, and tell whether it was made; it must be exactly when the picture has it."""
        after = thing.leads(move)
        if code == mover and after:
            self.run(_answer(call))
            thing.state = after
            return True
        refusal = self.run(_refusal(call))
        assert refusal.reason.endswith("_DENIED" if code != mover else "_STATE"), refusal
        if code == mover:
            assert refusal.metadata["state"].lower() == thing.state
        return False

    # What the mailboxes and the calendar do.

    @rule(code=code_of)
    def collect(self, code: str) -> None:
        """Take all that waits in a mailbox, which is what should; a referral whose slip came is delivered."""
        for kind, name in self.run(self._collect(code, self.waiting[code].total())):
            thing = next(thing for thing in self.things if thing.name == name)
            if kind == "REFERRAL" and thing.state == "issued":
                thing.state = thing.leads("deliver")
        self.waiting[code].clear()

    async def _collect(self, code: str, count: int, *, and_no_more: bool = False) -> list[tuple[str, str]]:
        caller, taken = f"facility/{code}", list[tuple[str, str]]()
        async with self.routing.receiving(caller, outstanding=100) as inbox:
            for _ in range(count):
                delivery = await inbox.next(60)
                await self.routing.acknowledge(delivery, caller)
                kind = Message.Kind.Name(delivery.message.kind).removeprefix("KIND_")
                if delivery.message.kind == Message.KIND_NOTICE:
                    kind = f"NOTICE {Notice.FromString(delivery.body).event}"
                taken.append((kind, delivery.message.about))
            assert not and_no_more or await inbox.nothing(0.3)
        assert Counter(taken) == +self.waiting[code]
        return taken

    @precondition(lambda self: any(thing.leads("expire") for thing in self.things))
    @rule(data=st.data())
    def run_out(self, data: st.DataObject) -> None:
        """Let the time of something be over, and wait until that is noticed."""
        thing = data.draw(st.sampled_from([thing for thing in self.things if thing.leads("expire")]))
        table, term = (
            ("referrals", "valid_until = '2026-01-01'")
            if thing.lifecycle is REFERRALS
            else ("consultations", "answer_by_time = now() - interval '1 second'")
        )
        key = thing.name.rpartition("/")[2]
        self.run(self.routing.rows(f"UPDATE {table} SET {term} WHERE id = $1", key))
        self.run(eventually(lambda: self._is(table, key, "expired")))
        thing.state = thing.leads("expire")
        if table == "referrals":
            self.waiting[thing.asking][f"NOTICE {Notice.EVENT_REFERRAL_EXPIRED}", thing.name] += 1
        else:
            for code in (thing.asking, thing.asked):
                self.waiting[code][f"NOTICE {Notice.EVENT_CONSULTATION_EXPIRED}", thing.name] += 1

    @precondition(lambda self: any(thing.leads("remind") and not thing.reminded for thing in self.things))
    @rule(data=st.data())
    def come_near(self, data: st.DataObject) -> None:
        """Let the day of an appointment come near, and wait until its facility is reminded."""
        booked = [thing for thing in self.things if thing.leads("remind") and not thing.reminded]
        thing = data.draw(st.sampled_from(booked))
        key = thing.name.rpartition("/")[2]
        near = "day = now()::date + 2, create_time = create_time - interval '9 days'"
        self.run(self.routing.rows(f"UPDATE appointments SET {near} WHERE id = $1", key))
        self.run(eventually(lambda: self._has(key, "remind_time")))
        thing.reminded = True
        self.waiting[thing.asked][f"NOTICE {Notice.EVENT_APPOINTMENT_REMINDER}", thing.name] += 1

    async def _is(self, table: str, key: str, state: str) -> bool:
        return bool(await self.routing.rows(f"SELECT FROM {table} WHERE id = $1 AND state = $2", key, state))

    async def _has(self, key: str, column: str) -> bool:
        return bool(
            await self.routing.rows(f"SELECT FROM appointments WHERE id = $1 AND {column} IS NOT NULL", key)
        )

    def teardown(self) -> None:
        """Hold every thing and every mailbox to what should be by now."""
        for thing in self.things:
            self.run(self._hold(thing))
        for code in CODES:
            self.run(self._collect(code, self.waiting[code].total(), and_no_more=True))

    async def _hold(self, thing: Thing) -> None:
        table = thing.name.split("/")[-2]
        (row,) = await self.routing.rows(
            f"SELECT * FROM {table} WHERE id = $1", thing.name.rpartition("/")[2]
        )
        assert row["state"] == thing.state
        times = [row[name] for name in thing.lifecycle.times.values() if row[name] is not None]
        assert times == sorted(times)
        own = thing.lifecycle.times.get(thing.state)
        assert own is None or row[own] == max(times)


async def _answer(call: Call) -> Any:
    """Make a call in the loop of the service, whose thread alone may."""
    return await call()


async def _refusal(call: Call) -> Refusal:
    return await refused(call())


@pytest.mark.timeout(600)
async def test_no_hospital_finds_a_move_that_the_pictures_do_not_have(world: World):
    routing = await Routing(world).start(sweep_seconds=0.1)
    doctors = {code: public(f"BS. {code}", kind="ecdsa") for code in CODES}
    for code, doctor in doctors.items():
        practitioner = f"//identity.lientuyen/practitioners/{uuid4()}"
        routing.identity.add_certificate(code, doctor.der, practitioner=practitioner)
    Hospitals.routing, Hospitals.loop, Hospitals.doctors = routing, asyncio.get_running_loop(), doctors
    Hospitals.referring, Hospitals.consulting, Hospitals.booking = {}, {}, {}
    for code in CODES:
        caller = f"facility/{code}"
        Hospitals.referring[code] = routing.referrals(caller)
        Hospitals.consulting[code] = routing.consultations(caller)
        Hospitals.booking[code] = routing.appointments(caller)
    few = settings(
        max_examples=15,
        stateful_step_count=50,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # against a service that runs, making a failure smaller takes minutes
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, Hospitals, settings=few)
