"""A service that got SIGSTOP, on the real stack: each caller hears which one does not answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from lientuyen.pharmacy.v1.prescription_service_pb2 import ListPrescriptionsRequest
from lientuyen.routing.v1.appointment_service_pb2 import ListAppointmentsRequest
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen_client import DeadlineExceeded, Unavailable, connect
from lientuyen_client.errors import ServiceError

from . import works
from .conftest import Live
from .faults import paused
from .works import CALLER, DOCTOR, FACILITY, OWN

# Seconds that a caller gives a call; a machine ten times slower than ours keeps them.
DEADLINE_S = 5.0


@pytest.fixture(scope="module")
def person(live: Live) -> str:
    """The name of the patient in identity."""
    return asyncio.run(works.seed(live.stack))


async def heard(call: Callable[..., Awaitable[Any]], request: Any) -> ServiceError:
    with pytest.raises(ServiceError) as silent:
        await call(request, timeout=DEADLINE_S)
    return silent.value


async def test_who_waits_for_a_frozen_identity_is_told_so(live: Live, person: str):
    with_consent = AccessContext(
        practitioner=DOCTOR,
        purpose=AccessContext.PURPOSE_TREATMENT,
        legal_basis=AccessContext.LEGAL_BASIS_CONSENT,
    )
    listing = ListPrescriptionsRequest(person=person, access=with_consent)
    own = ListAppointmentsRequest(person=person, facility=FACILITY, access=OWN)
    async with connect(CALLER, live.stack) as client:
        await client.consents.CreateConsent(works.consent(person, "before"))
        await client.prescriptions.ListPrescriptions(listing)
        with paused(live, "identity"):
            silent = [
                await heard(client.dossiers.SubmitDossier, works.dossier("01999-stp-0001")),
                await heard(client.prescriptions.ListPrescriptions, listing),
                await heard(client.consents.CreateConsent, works.consent(person, "frozen")),
            ]
            booked = await client.appointments.ListAppointments(own, timeout=DEADLINE_S)

    assert [error.metadata["peer"] for error in silent] == ["identity"] * 3
    assert all(isinstance(error, DeadlineExceeded | Unavailable) for error in silent)
    assert all("identity" in error.message_vi for error in silent)
    assert list(booked.unreachable) == ["identity"]
