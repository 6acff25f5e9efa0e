"""What identity reports to who watches it: refused look-ups, emergencies that wait for their review."""

from collections.abc import Iterator
from functools import partial

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from chassis import telemetry
from lientuyen.identity.v1 import consent_service_pb2 as service
from lientuyen.identity.v1 import person_service_pb2 as pb
from services.identity.policies.emergency_review_gauges import EmergencyReviewGauges
from tests.contract.identity_env import OTHER, TREATMENT, Identity, access, key, person_row
from tests.harness import World, eventually, refused
from tests.metrics import metrics

EMERGENCY = access(basis="EMERGENCY", reason="bất tỉnh")


@pytest.fixture
def reader() -> Iterator[InMemoryMetricReader]:
    """The figures of this process, while the test runs."""
    telemetry.shutdown()
    reader = InMemoryMetricReader()
    telemetry.setup("identity", reader=reader)
    yield reader
    telemetry.shutdown()


def figures(reader: InMemoryMetricReader, name: str) -> dict[tuple[str, ...], float]:
    """The points of *name*: their attributes' values, in the order of the names, and the number."""
    return {
        tuple(str(point.attributes[one]) for one in sorted(point.attributes)): point.value
        for metric in metrics(reader)
        if metric.name == name
        for point in metric.data.data_points
    }


async def test_refused_look_ups_are_counted_and_who_guesses_shows(world: World, reader: InMemoryMetricReader):
    identity = await Identity(world).start(misses_burst=2, misses_per_minute=1)

    codes = [
        (
            await refused(
                identity.persons().FindPerson(
                    pb.FindPersonRequest(personal_id="001485999999", access=TREATMENT)
                )
            )
        ).code.name
        for _ in range(5)
    ]

    assert codes == ["NOT_FOUND"] * 2 + ["RESOURCE_EXHAUSTED"] * 3
    assert figures(reader, "lientuyen.lookup.missed") == {("facility",): 2}
    assert figures(reader, "lientuyen.lookup.limited") == {("facility", "misses"): 3}
    assert figures(reader, "lientuyen.lookup.callers_over") == {(): 1}
    assert figures(reader, "lientuyen.lookup.waiting") == {(): 0}


async def test_emergencies_are_counted_by_the_kind_of_facility_and_wait_to_be_reviewed(
    world: World, reader: InMemoryMetricReader
):
    quick = partial(EmergencyReviewGauges, poll_interval_s=0.01)
    identity = await Identity(world).start(wiring={"new_review_gauges": quick})
    await identity.import_persons(person_row())
    person = await identity.person()

    first = await identity.decide(person.name, access=EMERGENCY)
    await identity.rows("UPDATE emergency_accesses SET access_time = access_time - interval '2 hours'")
    await identity.decide(person.name, access=EMERGENCY)
    request = pb.FindPersonRequest(personal_id="001485000016", access=access(basis="EMERGENCY", reason="ngã"))
    await identity.persons(OTHER).FindPerson(request)

    assert figures(reader, "lientuyen.emergency.opened") == {("hospital",): 2}
    await eventually(lambda: figures(reader, "lientuyen.emergency.open") == {(): 2})
    await eventually(lambda: figures(reader, "lientuyen.emergency.oldest")[()] > 7000)
    review = service.ReviewEmergencyAccessRequest(
        request_id=key(), name=first.emergency_access, justified=True, note="đúng quy trình"
    )
    await identity.consents("operator/an").ReviewEmergencyAccess(review)
    await eventually(lambda: figures(reader, "lientuyen.emergency.open") == {(): 1})
    await eventually(lambda: figures(reader, "lientuyen.emergency.oldest")[()] < 7000)
