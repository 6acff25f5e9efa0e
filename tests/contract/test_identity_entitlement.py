"""What a facility is told of rates over the wire: its own points and line, proposals, exemption."""

import pytest
from grpc import StatusCode

from lientuyen.identity.v1 import coverage_pb2 as pb
from lientuyen.identity.v1 import eligibility_service_pb2 as service
from lientuyen.identity.v1.facility_pb2 import Facility
from lientuyen.type.v1.date_pb2 import Date
from tests.contract.identity_env import OURS, TREATMENT, Identity, coverage_row, facility_row
from tests.harness import World, refused

DAY = Date(year=2026, month=11, day=21)
SMALL = facility_row("01801", points=40)
MIDDLE = facility_row("01802", points=60)
TOP = facility_row("01803", level=Facility.LEVEL_SPECIALISED, former_line=Facility.FORMER_LINE_CENTRAL)
Asked = service.CheckEligibilityRequest


@pytest.fixture
async def identity(world: World) -> Identity:
    identity = await Identity(world).start()
    await identity.fill_directory([SMALL, MIDDLE, TOP])
    await identity.person()
    return identity


async def check(identity: Identity, code: str, **more: object) -> pb.Eligibility:
    request = Asked(
        **{
            "personal_id": "001485000016",
            "facility": f"{OURS}facilities/{code}",
            "day": DAY,
            "access": TREATMENT,
            **more,
        }
    )
    return (await identity.eligibility(f"facility/{code}").CheckEligibility(request)).eligibility


def codes(answer: pb.Eligibility) -> list[str]:
    return [pb.EligibilityReason.Code.Name(one.code).removeprefix("CODE_") for one in answer.reasons]


async def test_the_points_and_the_line_of_the_directory_decide_what_is_proposed(identity: Identity):
    await identity.import_coverages(coverage_row())

    answers = [await check(identity, code, care_form="01") for code in ("01801", "01802", "01803")]

    assert [one.proposed_care_category for one in answers] == ["1.12", "1.13", "3.1"]
    assert {(one.care_category, one.rate_known) for one in answers} == {("", False)}
    assert all("CARE_CATEGORY_PROPOSED" in codes(one) for one in answers)


async def test_what_the_reception_tells_of_the_coming_is_heard(identity: Identity):
    await identity.import_coverages(coverage_row(area_code="K2"))

    emergency = await check(identity, "01803", circumstances=[Asked.CIRCUMSTANCE_EMERGENCY])
    area = await check(identity, "01803", care_form="03")
    twice = await refused(
        identity.eligibility("facility/01803").CheckEligibility(
            Asked(
                personal_id="001485000016",
                facility="facilities/01803",
                access=TREATMENT,
                circumstances=[Asked.CIRCUMSTANCE_EMERGENCY] * 2,
            )
        )
    )

    assert (emergency.proposed_care_category, area.proposed_care_category) == ("2", "3.6")
    assert (twice.code, twice.fields) == (StatusCode.INVALID_ARGUMENT, ["circumstances"])


async def test_a_category_that_does_not_fit_the_points_is_doubted_and_counts(identity: Identity):
    await identity.import_coverages(coverage_row())

    answer = await check(identity, "01801", care_category="1.13", care_form="01")

    assert (answer.care_category, answer.proposed_care_category) == ("1.13", "1.12")
    assert answer.payment_rate_basis_points == 4000
    assert "CARE_CATEGORY_DOUBTFUL" in codes(answer)


async def test_who_is_exempt_shares_nothing_and_learns_from_when(identity: Identity):
    await identity.import_coverages(
        coverage_row(
            exempt_from=Date(year=2026, month=5, day=10), five_years_date=Date(year=2020, month=1, day=1)
        )
    )

    now = await check(identity, "01802", care_category="1.3")
    before = await check(identity, "01802", care_category="1.3", day=Date(year=2026, month=5, day=9))

    assert (now.co_payment_exempt, now.payment_rate_percent) == (True, 100)
    assert (before.co_payment_exempt, before.payment_rate_percent) == (False, 80)
    assert now.exempt_from == now.coverages[0].exempt_from == Date(year=2026, month=5, day=10)
    assert (now.co_payment_threshold.dong, before.co_payment_threshold.dong) == (15_180_000, 14_040_000)


async def test_a_dossier_of_another_year_is_judged_by_the_rules_of_its_day(identity: Identity):
    await identity.import_coverages(coverage_row(valid_from=Date(year=2024, month=1, day=1)))

    asked = {
        day: await check(
            identity, "01802", care_category="1.13", care_form="01", day=Date(year=y, month=m, day=d)
        )
        for day, (y, m, d) in {"2024": (2024, 12, 31), "2025": (2025, 1, 1), "2026": (2026, 7, 1)}.items()
    }

    assert {day: (one.rate_known, one.payment_rate_percent) for day, one in asked.items()} == {
        "2024": (False, 0),
        "2025": (True, 0),
        "2026": (True, 40),
    }


async def test_a_lapse_under_treatment_tells_the_last_day_that_is_paid(identity: Identity):
    await identity.import_coverages(coverage_row(valid_to=Date(year=2026, month=11, day=20)))

    answer = await check(identity, "01802", treatment_start=Date(year=2026, month=11, day=19))

    assert (answer.grace, answer.grace_until) == (True, Date(year=2026, month=12, day=5))
