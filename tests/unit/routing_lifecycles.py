"""
The machines of routing as pictures, by hand: which state leads where, by what, and what is final.

The models have tables of their own.  These are what both the models and the running service are held to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.routing.model import appointments, consultations, messages, referrals
from services.routing.model.consultations import Consultation, Opinion
from services.routing.model.messages import Kind, Lease, Message
from services.routing.model.referrals import Diagnosis, Referral

START = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
ONE, OTHER = "//identity.lientuyen/facilities/01999", "//identity.lientuyen/facilities/79999"
PERSON = "//identity.lientuyen/persons/0"
STREAM, TOKEN = UUID(int=7), UUID(int=8)
OPINION = Opinion(b"body", b"signature", b"certificate", "//identity.lientuyen/practitioners/0")

Move = Callable[[Any, datetime], Any]


@dataclass(frozen=True)
class Lifecycle:
    """A machine: its first thing, what may happen to it, and by hand which state leads to which."""

    start: Any
    moves: Mapping[str, Move]
    leads: frozenset[tuple[str, str, str]]
    final: frozenset[str]
    times: Mapping[str, str]


REFERRAL = Referral(
    id=UUID(int=1),
    person=PERSON,
    sender=ONE,
    recipient=OTHER,
    slip_number="1",
    reason_code="1",
    diagnosis=Diagnosis(),
    issue_time=START,
    source_dossier="",
    long_term=False,
    valid_until=date(2026, 12, 4),
    slip_sha256=bytes(32),
    message_id=UUID(int=2),
    state=referrals.State.ISSUED,
    create_time=START,
)
APPOINTMENT = appointments.Appointment(
    UUID(int=3), PERSON, ONE, date(2026, 12, 1), "", Diagnosis(), "", "", appointments.State.BOOKED, START
)
CONSULTATION = Consultation(
    id=UUID(int=4),
    person=PERSON,
    requester=ONE,
    consultant=OTHER,
    practitioner="000001/HNO-GPHN",
    speciality="",
    urgent=False,
    answer_by_time=START + timedelta(days=1),
    message_id=UUID(int=5),
    state=consultations.State.ASKED,
    create_time=START,
)
MESSAGE = Message(
    id=UUID(int=6),
    sequence=1,
    sender=ONE,
    recipient=OTHER,
    kind=Kind.DOCUMENT,
    media_type="text/plain",
    size=1,
    sha256=bytes(32),
    accept_time=START,
    enqueue_time=START,
)

REFERRALS = Lifecycle(
    REFERRAL,
    {
        "deliver": referrals.deliver,
        "accept": lambda referral, now: referrals.accept(referral, now, TODAY),
        "decline": lambda referral, now: referrals.decline(referral, "full", now),
        "use": lambda referral, now: referrals.use(referral, "MALK-1", now, TODAY),
        "complete": lambda referral, now: referrals.complete(referral, b"sealed", now),
        "cancel": lambda referral, now: referrals.cancel(referral, "mistake", now),
        "replace": lambda referral, now: referrals.replace_by(referral, UUID(int=9), now),
        "expire": referrals.expire,
    },
    frozenset(
        {
            ("issued", "deliver", "delivered"),
            ("issued", "cancel", "cancelled"),
            ("issued", "replace", "cancelled"),
            ("issued", "expire", "expired"),
            ("delivered", "accept", "accepted"),
            ("delivered", "decline", "declined"),
            ("delivered", "cancel", "cancelled"),
            ("delivered", "replace", "cancelled"),
            ("delivered", "expire", "expired"),
            ("accepted", "use", "accepted"),
            ("accepted", "complete", "completed"),
        }
    ),
    frozenset({"declined", "completed", "cancelled", "expired"}),
    {
        "delivered": "deliver_time",
        "accepted": "accept_time",
        "declined": "decline_time",
        "completed": "complete_time",
        "cancelled": "cancel_time",
        "expired": "expire_time",
    },
)
APPOINTMENTS = Lifecycle(
    APPOINTMENT,
    {
        "use": appointments.use,
        "cancel": appointments.cancel,
        "replace": lambda appointment, now: appointments.replace_by(appointment, UUID(int=9), now),
        "remind": appointments.remind,
    },
    frozenset(
        {
            ("booked", "use", "used"),
            ("booked", "cancel", "cancelled"),
            ("booked", "replace", "cancelled"),
            ("booked", "remind", "booked"),
        }
    ),
    frozenset({"used", "cancelled"}),
    {"used": "use_time", "cancelled": "cancel_time"},
)
CONSULTATIONS = Lifecycle(
    CONSULTATION,
    {
        "take": lambda consultation, now: consultations.take(consultation, "000002/HCM-GPHN", now),
        "answer": lambda consultation, now: consultations.answer(consultation, OPINION, UUID(int=9), now),
        "decline": lambda consultation, now: consultations.decline(consultation, "full", now),
        "withdraw": lambda consultation, now: consultations.withdraw(consultation, "mistake", now),
        "expire": lambda consultation, now: consultations.expire(consultation, now + timedelta(days=2)),
    },
    frozenset(
        {
            ("asked", "take", "taken"),
            ("taken", "answer", "answered"),
            ("asked", "decline", "declined"),
            ("taken", "decline", "declined"),
            ("asked", "withdraw", "withdrawn"),
            ("taken", "withdraw", "withdrawn"),
            ("asked", "expire", "expired"),
            ("taken", "expire", "expired"),
        }
    ),
    frozenset({"answered", "declined", "withdrawn", "expired"}),
    {
        "taken": "take_time",
        "answered": "answer_time",
        "declined": "decline_time",
        "withdrawn": "withdraw_time",
        "expired": "expire_time",
    },
)
MESSAGES = Lifecycle(
    MESSAGE,
    {
        "lease": lambda message, now: messages.lease(message, Lease(TOKEN, STREAM, now), now),
        "acknowledge": lambda message, now: messages.acknowledge(message, TOKEN, now),
        "reject": lambda message, now: messages.reject(message, TOKEN, "unreadable", now),
        "expire_lease": lambda message, now: messages.expire_lease(
            message, counted=True, max_attempts=2, now=now
        ),
        "abandon": messages.abandon,
        "withdraw": messages.withdraw,
        "replay": lambda message, now: messages.replay(message, message.sequence + 1, now),
        "stop": messages.stop,
    },
    frozenset(
        {
            ("accepted", "lease", "leased"),
            ("accepted", "abandon", "dead"),
            ("accepted", "withdraw", "stopped"),
            ("dead", "withdraw", "stopped"),
            ("leased", "acknowledge", "acknowledged"),
            ("leased", "reject", "dead"),
            ("leased", "expire_lease", "accepted"),
            ("leased", "expire_lease", "dead"),
            ("dead", "replay", "accepted"),
            ("dead", "stop", "stopped"),
        }
    ),
    frozenset({"acknowledged", "stopped"}),
    {"acknowledged": "acknowledge_time", "dead": "dead_time", "stopped": "stop_time", "leased": "lease_time"},
)
LIFECYCLES = {
    "referral": REFERRALS,
    "appointment": APPOINTMENTS,
    "consultation": CONSULTATIONS,
    "message": MESSAGES,
}
