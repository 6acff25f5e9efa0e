"""Eligibility over the wire: one, many, and the import of cards."""

import pytest
from grpc import StatusCode

from lientuyen.identity.v1 import coverage_pb2 as pb
from lientuyen.identity.v1 import eligibility_service_pb2 as service
from lientuyen.type.v1.date_pb2 import Date
from tests.contract.identity_env import (
    HOSPITAL,
    OTHER,
    OURS,
    TREATMENT,
    Identity,
    coverage_row,
    key,
    stream,
)
from tests.harness import World, refused

DAY = Date(year=2026, month=11, day=21)
UNKNOWN_PERSON = f"//identity.lientuyen/persons/{key()}"


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


def asking(**more: object) -> service.CheckEligibilityRequest:
    subject = {"person", "personal_id", "card_number", "social_insurance_number", "old_id", "card_qr"} & set(
        more
    )
    given = {"facility": f"{OURS}facilities/01999", "day": DAY, "access": TREATMENT}
    if not subject:
        given["personal_id"] = "001485000016"
    return service.CheckEligibilityRequest(**{**given, **more})


async def check(identity: Identity, caller: str = HOSPITAL, **more: object) -> pb.Eligibility:
    return (await identity.eligibility(caller).CheckEligibility(asking(**more))).eligibility


async def test_a_reception_learns_all_it_needs_in_one_answer(identity: Identity):
    person = await identity.person()
    await identity.import_coverages(
        coverage_row(five_years_date=Date(year=2025, month=1, day=1), area_code="K1")
    )

    answer = await check(identity)

    assert answer.covered
    assert (answer.person, answer.result_code, answer.card_number) == (person.name, "000", "DN4010000000001")
    assert (answer.rate_known, answer.payment_rate_percent, answer.benefit_level) == (True, 80, 4)
    assert answer.initial_facility == "//identity.lientuyen/facilities/01999"
    assert answer.valid_to == Date(year=2026, month=12, day=31)
    assert answer.arrival == pb.Eligibility.ARRIVAL_INITIAL
    assert answer.five_years_reached
    assert not answer.stale
    assert answer.HasField("verify_time")
    assert answer.message_vi == "Thẻ còn giá trị sử dụng; hạn đến 31/12/2026; mức hưởng 80%."
    assert [pb.EligibilityReason.Code.Name(one.code) for one in answer.reasons] == [
        "CODE_CARD_IN_FORCE",
        "CODE_BENEFIT_LEVEL",
        "CODE_INITIAL_FACILITY",
        "CODE_CARE_CATEGORY",
        "CODE_AREA",
        "CODE_FIVE_YEARS",
        "CODE_CO_PAYMENT_CONVERTED",
    ]
    assert (HOSPITAL, "EligibilityService/CheckEligibility", True, False) in await identity.audit(person.name)


async def test_each_number_leads_to_the_same_answer(identity: Identity):
    person = await identity.person()
    await identity.import_coverages(coverage_row())

    answers = [
        await check(identity, **shown)
        for shown in (
            {"person": person.name},
            {"person": person.name.removeprefix(OURS)},
            {"personal_id": "001485000016"},
            {"old_id": "012345678"},
            {"social_insurance_number": "0000000001"},
            {"card_number": "DN4010000000001"},
            {"card_qr": "001485000016||Trần Văn Thử|09031985|Nam|x|01012190"},
        )
    ]

    assert {(one.person, one.result_code, one.covered) for one in answers} == {(person.name, "000", True)}


async def test_a_card_out_of_date_is_told_and_under_treatment_pays_on(identity: Identity):
    await identity.person()
    await identity.import_coverages(coverage_row(valid_to=Date(year=2026, month=11, day=10)))

    lapsed = await check(identity)
    treated = await check(identity, treatment_start=Date(year=2026, month=11, day=9))

    assert (lapsed.covered, lapsed.result_code) == (False, "010")
    assert lapsed.message_vi == "Thẻ hết giá trị sử dụng."
    assert lapsed.reasons[0].message_vi == "Thẻ hết hạn ngày 10/11/2026."
    assert (treated.covered, treated.grace) == (True, True)


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        ({"personal_id": "001485777777"}, "050"),
        ({"card_number": "DN4010000009999"}, "050"),
        ({"card_number": "DN9010000000001"}, "053"),
        ({"card_number": "DN4030000000001"}, "052"),
        ({"card_number": "??"}, "051"),
        ({"card_qr": "this is no card at all"}, "050"),
    ],
    ids=str,
)
async def test_a_number_that_nobody_has_is_an_answer_not_an_error(
    identity: Identity, shown: dict[str, str], code: str
):
    answer = await check(identity, **shown)

    assert (answer.covered, answer.result_code, answer.person) == (False, code, "")
    assert answer.message_vi


async def test_the_care_category_decides_the_rate_and_an_unknown_one_is_not_guessed(identity: Identity):
    await identity.person()
    await identity.import_coverages(coverage_row(initial_facility_code="79999"))

    rates = {}
    for category in ("1.3", "1.13", "2", "1.8", ""):
        answer = await check(identity, care_category=category, care_form="01")
        rates[category] = (answer.rate_known, answer.payment_rate_basis_points)

    assert rates == {
        "1.3": (True, 8000),
        "1.13": (True, 4000),
        "2": (True, 8000),
        "1.8": (False, 0),
        "": (False, 0),
    }


async def test_a_day_that_does_not_exist_a_stranger_and_a_place_unknown_are_errors(identity: Identity):
    stub = identity.eligibility()

    day = await refused(stub.CheckEligibility(asking(day=Date(year=2026, month=2, day=31))))
    partial = await refused(stub.CheckEligibility(asking(day=Date(year=2026))))
    nobody = await refused(stub.CheckEligibility(asking(person=UNKNOWN_PERSON)))
    nowhere = await refused(
        identity.eligibility("service/records").CheckEligibility(asking(facility="facilities/01000"))
    )

    assert (day.code, day.fields) == (StatusCode.INVALID_ARGUMENT, ["day"])
    assert partial.fields == ["day"]
    assert (nobody.code, nobody.metadata) == (StatusCode.NOT_FOUND, {"name": UNKNOWN_PERSON})
    assert (nowhere.reason, nowhere.metadata) == (
        "ERROR_REASON_FACILITY_NOT_FOUND",
        {"name": "//identity.lientuyen/facilities/01000"},
    )


async def test_a_facility_asks_for_itself_and_records_for_any(identity: Identity):
    await identity.person()

    refusal = await refused(identity.eligibility(OTHER).CheckEligibility(asking()))

    assert (refusal.code, refusal.reason) == (
        StatusCode.PERMISSION_DENIED,
        "ERROR_REASON_FACILITY_MISMATCH",
    )
    assert (await check(identity, caller="service/records")).result_code == "050"


async def test_many_questions_are_answered_in_order_and_a_fault_ends_nothing(identity: Identity):
    await identity.person()
    await identity.import_coverages(coverage_row())
    questions = [
        service.CheckEligibilitiesRequest(tag="a", question=asking()),
        service.CheckEligibilitiesRequest(tag="b", question=asking(person=UNKNOWN_PERSON)),
        service.CheckEligibilitiesRequest(tag="c", question=asking(personal_id="001485777777")),
    ]

    answers = [one async for one in identity.eligibility().CheckEligibilities(stream(*questions))]

    assert [(one.tag, one.WhichOneof("result")) for one in answers] == [
        ("a", "eligibility"),
        ("b", "fault"),
        ("c", "eligibility"),
    ]
    assert answers[1].fault.reason == "ERROR_REASON_PERSON_NOT_FOUND"
    assert answers[1].fault.message_vi


async def test_cards_of_strangers_and_bad_cards_are_refused_row_by_row(identity: Identity):
    await identity.person()

    progress = await identity.import_coverages(
        coverage_row(),
        coverage_row(personal_id="001485777777", card_number="DN4010000000777"),
        coverage_row(card_number="DN9010000000001"),
        coverage_row(card_number="DN4010000000019", valid_to=Date(year=2025, month=1, day=1)),
        coverage_row(card_number="DN4010000000027", valid_from=Date(year=2026, month=2, day=30)),
        coverage_row(),
        coverage_row(personal_id="", card_number="HC3010000000001"),
    )

    assert progress.rows_stored == 2
    assert [(one.row, one.rule) for one in progress.refusals] == [
        (2, "person.unknown"),
        (3, "card_number.form"),
        (4, "valid_to.order"),
        (5, "valid_from.form"),
        (5, "valid_from.required"),
        (6, "row.duplicate"),
    ]
    answer = await check(identity)
    assert [one.card_number for one in answer.coverages] == ["HC3010000000001", "DN4010000000001"]
    assert (answer.benefit_level, answer.group_code) == (3, "HC")


async def test_a_card_that_the_register_stops_is_stopped_at_the_next_look(identity: Identity):
    await identity.person()
    await identity.import_coverages(coverage_row())

    await identity.import_coverages(coverage_row(standing="110"))

    answer = await check(identity)
    assert (answer.covered, answer.result_code) == (False, "110")
