"""
The story: one patient, two hospitals, three pharmacies, one trace.

Each step is a method that does its work over mutual TLS as the party it belongs
to, checks what came back, and returns a line to show.  A step that does not see
what it must raises `JourneyBroken`.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import TypeVar

from google.protobuf.message import Message
from opentelemetry import trace

from lientuyen.chassis.v1.outcome_service_pb2 import GetOutcomeRequest, GetOutcomeResponse
from lientuyen.identity.v1.person_pb2 import Person
from lientuyen.pharmacy.v1.prescription_pb2 import Prescription
from lientuyen.records.v1.dossier_pb2 import Dossier
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.type.v1.access_pb2 import AccessContext

from ..client import Client, connect
from ..retrying_calls import with_request_id
from ..running_stack import Stack

M = TypeVar("M", bound=Message)

tracer = trace.get_tracer("lientuyen_client.demo")

DOCTOR, NURSE, PHARMACIST = "000001/HNO-GPHN", "000003/HNO-GPHN", "000004/HNO-DSDH"


class JourneyBroken(Exception):
    """A step did not see what it must."""


@dataclass(frozen=True, slots=True)
class Step:
    number: int
    party: str
    title: str
    detail: str
    milliseconds: float


@dataclass
class Cast:
    stack: Stack
    clients: dict[str, Client] = field(default_factory=dict)

    def __call__(self, identity: str) -> Client:
        if identity not in self.clients:
            self.clients[identity] = connect(identity, self.stack)
        return self.clients[identity]

    async def close(self) -> None:
        for client in self.clients.values():
            await client.close()


@dataclass
class State:
    """What the steps leave for one another, and every write that was acknowledged."""

    visit: date
    person: Person = field(default_factory=Person)
    dossier: Dossier = field(default_factory=Dossier)
    referral: Referral = field(default_factory=Referral)
    prescription: Prescription = field(default_factory=Prescription)
    writes: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def subject(self) -> str:
        return self.person.name

    def record_write(self, identity: str, service: str, request: M) -> M:
        with_request_id(request)
        self.writes.append((identity, service, request.request_id))  # type: ignore[attr-defined]
        return request


def care(
    practitioner: str, basis: AccessContext.LegalBasis = AccessContext.LEGAL_BASIS_CONSENT
) -> AccessContext:
    return AccessContext(
        practitioner=practitioner, purpose=AccessContext.PURPOSE_TREATMENT, legal_basis=basis
    )


def own_view() -> AccessContext:
    return AccessContext(
        practitioner="VNeID",
        purpose=AccessContext.PURPOSE_PATIENT_REQUEST,
        legal_basis=AccessContext.LEGAL_BASIS_DATA_SUBJECT,
    )


def expect(fact: bool, sentence: str) -> None:
    if not fact:
        raise JourneyBroken(sentence)


def digest(data: bytes) -> bytes:
    return sha256(data).digest()


StepMethod = Callable[[Cast, State], Awaitable[str]]


async def play(
    cast: Cast, steps: list[tuple[str, str, StepMethod]], state: State, show: Callable[[Step], None]
) -> str:
    with tracer.start_as_current_span("journey") as root:
        for number, (party, title, method) in enumerate(steps, 1):
            begin = time.perf_counter()
            with tracer.start_as_current_span(title):
                detail = await method(cast, state)
            show(Step(number, party, title, detail, (time.perf_counter() - begin) * 1000))
        return f"{root.get_span_context().trace_id:032x}"


async def lost_writes(cast: Cast, state: State) -> list[str]:
    """Return the writes that were acknowledged and are not there now: none."""
    lost = []
    for identity, service, request_id in state.writes:
        outcome = await cast(identity).outcomes(service).GetOutcome(GetOutcomeRequest(request_id=request_id))
        if outcome.state != GetOutcomeResponse.STATE_DONE:
            lost.append(f"{service} {request_id}")
    return lost


def visit_day(today: date) -> date:
    return today - timedelta(days=1)
