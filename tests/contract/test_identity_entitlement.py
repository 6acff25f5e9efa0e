"""What a facility is told of rates over the wire: its own points and line, proposals, exemption."""

import pytest
from grpc import StatusCode

from lientuyen.identity.v1 import coverage_pb2 as pb
from lientuyen.identity.v1 import eligibility_service_pb2 as service
from lientuyen.identity.v1.facility_pb2 import Facility
from lientuyen.type.v1.date_pb2 import Date
from lientuyen.type.v1.money_pb2 import Money
from tests.contract.identity_env import OURS, TREATMENT, Identity, coverage_row, facility_row
from tests.harness import World, refused

DAY = Date(year=2026, month=11, day=21)
NONE, DISTRICT = Facility.FORMER_LINE_NONE, Facility.FORMER_LINE_DISTRICT
SMALL = facility_row("01801", points=40, former_line=NONE)
MIDDLE = facility_row("01802", points=60, former_line=NONE)
TOP = facility_row("01803", level=Facility.LEVEL_SPECIALISED, former_line=Facility.FORMER_LINE_CENTRAL)
INITIAL = {"level": Facility.LEVEL_INITIAL, "kind": Facility.KIND_CLINIC}
STATION = facility_row("01804", level=Facility.LEVEL_INITIAL, kind=Facility.KIND_COMMUNE_STATION)
UNTOLD = facility_row("01805", **INITIAL)
RANKED = facility_row("01806", former_line=NONE, provisionally_ranked=True)
DISTRICT_HOSPITAL = facility_row("01807", points=60, former_line=DISTRICT)
Asked = service.CheckEligibilityRequest


@pytest.fixture
async def identity(world: World) -> Identity:
    identity = await Identity(world).start()
    await identity.fill_directory([SMALL, MIDDLE, TOP, STATION, UNTOLD, RANKED, DISTRICT_HOSPITAL])
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
    assert (now.HasField("co_payment_threshold"), before.co_payment_threshold.dong) == (False, 14_040_000)


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


async def test_a_station_pays_all_costs_and_a_facility_of_an_unknown_kind_is_not_guessed(identity: Identity):
    await identity.import_coverages(coverage_row())

    station, untold = await check(identity, "01804"), await check(identity, "01805")
    await identity.fill_directory(
        [facility_row("01805", initial_care=Facility.INITIAL_CARE_OTHER, **INITIAL)]
    )
    clinic = await check(identity, "01805")

    assert (station.care_category, station.basis) == ("1.2", pb.Eligibility.BASIS_COSTS)
    assert (station.payment_rate_percent, station.benefit_rate_percent) == (100, 100)
    assert (untold.rate_known, list(untold.candidate_care_categories)) == (False, ["1.2", "1.11"])
    assert "FACILITY_UNKNOWN" in codes(untold)
    assert (clinic.care_category, clinic.basis) == ("1.11", pb.Eligibility.BASIS_BENEFIT)
    assert clinic.payment_rate_percent == 80


async def test_a_provisional_rank_and_what_the_texts_leave_open_reach_the_caller(identity: Identity):
    await identity.import_coverages(coverage_row())

    ranked, district = (
        await check(identity, "01806", care_form="01"),
        await check(identity, "01807", care_form="01"),
    )

    assert (ranked.proposed_care_category, list(ranked.candidate_care_categories)) == ("1.12", [])
    assert (district.proposed_care_category, list(district.candidate_care_categories)) == (
        "",
        ["1.13", "3.3"],
    )
    (open_point,) = [
        one for one in district.reasons if one.code == pb.EligibilityReason.CODE_CARE_CATEGORY_UNSETTLED
    ]
    assert "Luật BHYT Điều 22" in open_point.source


async def test_what_was_shared_in_the_year_is_converted_and_frees(identity: Identity):
    await identity.import_coverages(coverage_row(five_years_date=Date(year=2020, month=1, day=1)))

    async def shared(*payments: tuple[int, int, int]) -> pb.Eligibility:
        paid = service.CoPayments(
            payments=[
                service.CoPayment(day=Date(year=2026, month=month, day=day), amount=Money(dong=dong))
                for month, day, dong in payments
            ]
        )
        return await check(identity, "01802", care_category="1.3", co_payments=paid)

    some, enough, nothing = await shared((3, 1, 4_680_000)), await shared((3, 1, 14_040_000)), await shared()

    assert (some.co_payment_threshold.dong, some.co_payment_remaining.dong) == (14_800_000, 10_120_000)
    assert (some.co_payment_exempt, enough.co_payment_exempt) == (False, True)
    assert enough.HasField("co_payment_remaining")
    assert enough.co_payment_remaining.dong == 0
    assert (enough.payment_rate_percent, nothing.co_payment_threshold.dong) == (100, 15_180_000)


async def test_a_small_visit_is_paid_in_full(identity: Identity):
    await identity.import_coverages(coverage_row())

    answers = [
        await check(identity, "01802", care_category="1.3", visit_cost=Money(dong=dong))
        for dong in (379_499, 379_500)
    ]

    assert [one.payment_rate_percent for one in answers] == [100, 80]
    assert {one.full_payment_below.dong for one in answers} == {379_500}


async def test_amounts_and_days_that_cannot_be_are_refused_at_their_place(identity: Identity):
    odd = service.CoPayments(
        payments=[
            service.CoPayment(day=Date(year=2026), amount=Money(dong=1)),
            service.CoPayment(day=Date(year=2026, month=1, day=2), amount=Money(dong=-1)),
        ]
    )
    request = Asked(
        personal_id="001485000016",
        facility="facilities/01802",
        access=TREATMENT,
        co_payments=odd,
        visit_cost=Money(dong=-1),
    )

    refusal = await refused(identity.eligibility("facility/01802").CheckEligibility(request))

    assert refusal.code is StatusCode.INVALID_ARGUMENT
    assert refusal.fields == ["co_payments.payments[0].day", "co_payments.payments[1].amount", "visit_cost"]


async def test_the_days_after_a_lapse_are_not_for_a_mere_examination(identity: Identity):
    await identity.import_coverages(coverage_row(valid_to=Date(year=2026, month=11, day=20)))
    start = Date(year=2026, month=11, day=19)

    answers = [
        await check(identity, "01802", treatment_start=start, care_form=form) for form in ("01", "02", "05")
    ]

    assert [(one.covered, one.grace) for one in answers] == [(False, False), (True, True), (True, True)]
    assert "GRACE_NOT_FOR_FORM" in codes(answers[0])
    assert "GRACE_UNSETTLED" in codes(answers[2])


async def test_the_day_of_a_transfer_slip_is_asked_for_and_judged(identity: Identity):
    await identity.import_coverages(coverage_row())

    without = await check(identity, "01802", care_category="1.3")
    old = await check(
        identity, "01802", care_category="1.3", transfer_slip_date=Date(year=2026, month=10, day=1)
    )

    assert "TRANSFER_SLIP_DATE_NEEDED" in codes(without)
    assert "TRANSFER_SLIP_EXPIRED" in codes(old)
    assert (old.rate_known, old.payment_rate_percent) == (True, 80)
