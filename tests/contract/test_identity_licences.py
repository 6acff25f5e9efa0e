"""Who may practise where, on which day; and what closes a facility or a certificate."""

from datetime import UTC, date, datetime

import pytest

from chassis import clock
from lientuyen.identity.v1 import consent_pb2
from lientuyen.identity.v1 import facility_pb2 as facilities
from lientuyen.identity.v1 import facility_service_pb2 as directory
from lientuyen.identity.v1 import practitioner_pb2 as people
from lientuyen.identity.v1 import practitioner_service_pb2 as pb
from lientuyen.type.v1.date_pb2 import Date
from tests.contract.identity_env import HOSPITAL, Identity, facility_row, key, only, stream
from tests.contract.test_identity_directory import certificate, enlist, licence
from tests.harness import World

DAY = date(2026, 11, 21)
Standing = pb.CheckLicenceResponse
REVOKED = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


def pb_date(day: date) -> Date:
    return Date(year=day.year, month=day.month, day=day.day)


def lent(facility: str, first: date, last: date | None) -> pb.LendingRow:
    return pb.LendingRow(
        facility_code=facility, valid_from=pb_date(first), valid_to=pb_date(last) if last else None
    )


async def standing(identity: Identity, number: str, facility: str = "01999", day: date = DAY) -> str:
    request = pb.CheckLicenceRequest(
        licence_number=number, facility=f"facilities/{facility}", day=pb_date(day)
    )
    answer = await identity.practitioners("service/records").CheckLicence(request)
    assert answer.message_vi
    assert answer.may_practise == (answer.standing in (1, 2))
    return Standing.Standing.Name(answer.standing).removeprefix("STANDING_")


async def test_a_licence_is_judged_at_a_facility_on_a_day(identity: Identity):
    march = (date(2026, 3, 1), date(2026, 3, 31))
    await enlist(
        identity,
        licence(1, lendings=[lent("79999", *march)]),
        licence(2, state=people.Practitioner.STATE_SUSPENDED),
        licence(3, state=people.Practitioner.STATE_REVOKED),
        licence(4, valid_to=pb_date(date(2026, 6, 30))),
    )
    one = "000001/HNO-GPHN"

    assert [
        await standing(identity, one),
        await standing(identity, one, "79999"),
        await standing(identity, one, "79999", march[0]),
        await standing(identity, f"{one}.HD.79999", "79999", march[1]),
        await standing(identity, f"{one}.HD.79999", "79999", date(2026, 4, 1)),
        await standing(identity, f"{one}.HD.79999"),
        await standing(identity, one, day=date(2024, 12, 31)),
        await standing(identity, "000002/HNO-GPHN"),
        await standing(identity, "000003/HNO-GPHN"),
        await standing(identity, "000004/HNO-GPHN", day=date(2026, 6, 30)),
        await standing(identity, "000004/HNO-GPHN"),
        await standing(identity, "999999/HNO-GPHN"),
    ] == [
        "REGISTERED",
        "ELSEWHERE",
        "LENT",
        "LENT",
        "ELSEWHERE",
        "ELSEWHERE",
        "NOT_YET",
        "SUSPENDED",
        "REVOKED",
        "REGISTERED",
        "ENDED",
        "UNKNOWN",
    ]


async def test_a_licence_written_as_lent_finds_its_owner(identity: Identity):
    await enlist(identity, licence(1, lendings=[lent("79999", DAY, None)]))
    request = pb.GetPractitionerRequest(licence_number="000001/HNO-GPHN.HD.79999")

    found = (await identity.practitioners().GetPractitioner(request)).practitioner

    assert (found.licence_number, found.lendings[0].facility) == (
        "000001/HNO-GPHN",
        "//identity.lientuyen/facilities/79999",
    )


async def test_the_staff_of_a_day_is_who_may_practise_there_on_it(identity: Identity):
    home = {"facility_code": "79999"}
    await enlist(
        identity,
        licence(1),
        licence(2, state=people.Practitioner.STATE_SUSPENDED),
        licence(3, valid_to=pb_date(date(2026, 6, 30))),
        licence(4, lendings=[lent("01999", DAY, DAY)], **home),
        licence(5, lendings=[lent("01999", date(2025, 1, 1), date(2025, 12, 31))], **home),
        licence(6, **home),
    )

    async def staff(**more: object) -> list[str]:
        request = pb.ListPractitionersRequest(facility="facilities/01999", **more)
        answer = await identity.practitioners().ListPractitioners(request)
        return [one.licence_number[:6].lstrip("0") for one in answer.practitioners]

    assert await staff() == ["1", "2", "3", "4", "5"]
    assert await staff(day=pb_date(DAY)) == ["1", "4"]
    assert await staff(day=pb_date(date(2025, 12, 31))) == ["1", "3", "5"]
    assert await staff(day=pb_date(date(2024, 1, 1))) == []


@pytest.mark.parametrize(
    ("dates", "allowed"),
    [
        ({}, True),
        ({"open_date": pb_date(DAY)}, True),
        ({"open_date": Date(year=2026, month=11, day=22)}, False),
        ({"close_date": pb_date(DAY)}, True),
        ({"close_date": Date(year=2026, month=11, day=20)}, False),
    ],
    ids=str,
)
async def test_a_facility_reads_from_the_day_it_opens_to_the_day_it_closes(
    identity: Identity, dates: dict[str, Date], allowed: bool
):
    with clock.fixed(datetime(2026, 11, 21, 5, tzinfo=UTC)):
        person = await identity.person()
        await identity.consent(person.name)
        await identity.fill_directory([facility_row("01999", **dates)])

        decision = await identity.decide(person.name)

    reasons = consent_pb2.Decision
    assert decision.reason == (reasons.REASON_CONSENT_IN_FORCE if allowed else reasons.REASON_UNKNOWN)


async def test_a_revoked_certificate_says_since_when(identity: Identity):
    der = certificate()
    signing = facilities.FacilityCertificate(use=facilities.FacilityCertificate.USE_SIGNING, der=der)
    await identity.fill_directory([facility_row("01999", certificates=[signing])])
    signing.revoke_time.FromDatetime(REVOKED)
    await identity.fill_directory([facility_row("01999", certificates=[signing])])

    found = await identity.facilities(HOSPITAL).GetFacility(
        directory.GetFacilityRequest(name="facilities/01999")
    )

    [kept] = found.facility.certificates
    assert (kept.der, kept.revoke_time.ToDatetime(UTC)) == (der, REVOKED)


async def test_a_revocation_at_no_time_that_exists_refuses_the_row(identity: Identity):
    odd = facilities.FacilityCertificate(use=2, der=certificate())
    odd.revoke_time.seconds = 2**62
    row = facility_row("01999", certificates=[odd])
    request = directory.ImportFacilitiesRequest(request_id=key(), first_row=1, rows=[row])

    progress = await only(identity.facilities("authority/byt").ImportFacilities(stream(request)))

    assert [one.field for one in progress.refusals] == ["certificates[0]"]
