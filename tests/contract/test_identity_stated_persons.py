"""A number is not a person: what came with it is compared with who has it, wherever a number is shown."""

from typing import Any

import pytest
from grpc import StatusCode

from lientuyen.identity.v1 import coverage_pb2, person_pb2
from lientuyen.identity.v1 import eligibility_service_pb2 as eligibility
from lientuyen.identity.v1 import person_service_pb2 as service
from lientuyen.type.v1.date_pb2 import Date
from lientuyen.type.v1.money_pb2 import Money
from tests.contract.identity_env import HOSPITAL, OURS, TREATMENT, Identity, coverage_row, key, person_row
from tests.harness import Refusal, World, refused

NUMBER, CARD = "001485000016", "DN4010000000001"
BORN = Date(year=1985, month=3, day=9)
OTHER_DAY = Date(year=1971, month=12, day=24)
ID_QR = "001485000016|012345678|{name}|{day}|{sex}|Số 1, Hà Nội|01012190"
CARD_QR = "DN4010000000001|{name}|{day}|{sex}|53E1BB912031|01 - 999|01/01/2026|31/12/2026"


def id_qr(name: str = "Trần Văn Thử", day: str = "09031985", sex: str = "Nam") -> str:
    return ID_QR.format(name=name, day=day, sex=sex)


def card_qr(name: str = "Trần Văn Thử", day: str = "09/03/1985", sex: str = "1") -> str:
    return CARD_QR.format(name=name.encode().hex().upper(), day=day, sex=sex)


def stated(name: str = "Trần Văn Thử", born: Date | None = BORN, sex: int = 1) -> service.Demographics:
    return service.Demographics(full_name=name, birth_date=born, sex=person_pb2.Sex.ValueType(sex))


SOMEBODY_ELSE: list[dict[str, Any]] = [
    {"personal_id": NUMBER, "stated": stated("Lê Thị Khác", OTHER_DAY, 2)},
    {"old_id": "012345678", "stated": stated("Lê Thị Khác", OTHER_DAY)},
    {"card_number": CARD, "stated": stated("Lê Thị Khác", Date(year=1971))},
    {"card_qr": id_qr("LÊ THỊ KHÁC", "24121971", "Nữ")},
    {"card_qr": card_qr("Lê Thị Khác", "24/12/1971", "2")},
    {"card_qr": id_qr(), "stated": stated("Lê Thị Khác", OTHER_DAY)},
]


@pytest.fixture
async def identity(world: World) -> Identity:
    """The service; it knows one person, with a card."""
    identity = await Identity(world).start()
    await identity.import_persons(person_row())
    await identity.import_coverages(coverage_row())
    return identity


async def find(identity: Identity, caller: str = HOSPITAL, **request: Any) -> service.FindPersonResponse:
    return await identity.persons(caller).FindPerson(service.FindPersonRequest(access=TREATMENT, **request))


async def check(identity: Identity, **request: Any) -> coverage_pb2.Eligibility:
    question = eligibility.CheckEligibilityRequest(
        facility="facilities/01999", day=Date(year=2026, month=11, day=21), access=TREATMENT, **request
    )
    return (await identity.eligibility().CheckEligibility(question)).eligibility


@pytest.mark.parametrize(
    "what",
    [
        stated(),
        stated("TRAN VAN THU"),
        stated("Thử Trần Văn"),
        stated("Trần Văn Thửu"),
        stated(born=Date(year=1985, month=9, day=3)),
        stated(born=Date(year=1985)),
        stated(born=Date(year=1985, month=3)),
        stated(sex=0),
        stated(sex=3),
        stated("", None, 0),
    ],
    ids=str,
)
async def test_who_is_nearly_as_stated_is_the_same_person(identity: Identity, what: service.Demographics):
    reply = await find(identity, personal_id=NUMBER, stated=what)

    assert reply.person.full_name == "Trần Văn Thử"
    assert [one.rule for one in reply.plausibilities] == ["personal_id.birth_year"]
    assert all(one.agrees for one in reply.agreements)


@pytest.mark.parametrize(
    ("shown", "differing"),
    [
        ({"stated": stated("Lê Thị Khác")}, ["stated.full_name"]),
        ({"stated": stated("Trần Văn Bình")}, ["stated.full_name"]),
        ({"stated": stated(born=OTHER_DAY)}, ["stated.birth_date"]),
        ({"stated": stated(sex=2)}, ["stated.sex"]),
        ({"stated": stated("Lê Thị Khác", None, 2)}, ["stated.full_name", "stated.sex"]),
        ({"card_qr": id_qr("Lê Thị Khác")}, ["card_qr.full_name"]),
        ({"card_qr": card_qr(day="24/12/1971")}, ["card_qr.birth_date"]),
        ({"card_qr": card_qr(sex="2")}, ["card_qr.sex"]),
        ({"card_qr": id_qr("Lê Thị Khác"), "stated": stated(sex=2)}, ["card_qr.full_name", "stated.sex"]),
    ],
    ids=str,
)
async def test_one_field_that_differs_is_told(
    identity: Identity, shown: dict[str, Any], differing: list[str]
):
    number = {} if "card_qr" in shown else {"personal_id": NUMBER}

    reply = await find(identity, **number, **shown)

    assert reply.person.full_name == "Trần Văn Thử"
    assert [one.field for one in reply.agreements if not one.agrees] == differing
    told = [one for one in reply.plausibilities if one.rule != "personal_id.birth_year"]
    assert [one.rule for one in told] == differing
    assert all(one.message_vi.endswith("khác với hồ sơ.") for one in told)


@pytest.mark.parametrize("shown", SOMEBODY_ELSE, ids=str)
async def test_a_number_of_somebody_else_is_refused_and_says_nothing_of_them(
    identity: Identity, shown: dict[str, Any]
):
    refusal = await refused(find(identity, **shown))

    assert (refusal.code, refusal.reason) == (
        StatusCode.FAILED_PRECONDITION,
        "ERROR_REASON_PERSON_DIFFERS",
    )
    assert "họ tên và ngày sinh" in refusal.message_vi
    assert "Thử" not in str(refusal)
    assert NUMBER not in str(refusal)
    person = (await find(identity, personal_id=NUMBER)).person
    assert (await identity.audit(person.name))[0] == (
        HOSPITAL,
        "PersonService/FindPerson",
        True,
        False,
    )


@pytest.mark.parametrize("shown", SOMEBODY_ELSE, ids=str)
async def test_whose_number_is_somebody_elses_is_answered_with_060_and_no_card(
    identity: Identity, shown: dict[str, Any]
):
    answer = await check(identity, **shown)

    assert (answer.covered, answer.result_code, answer.person, answer.card_number) == (False, "060", "", "")
    assert list(answer.coverages) == []
    assert [one.code for one in answer.reasons] == [coverage_pb2.EligibilityReason.CODE_PERSON_DIFFERS]
    assert "Họ tên" in answer.message_vi


async def test_one_field_that_differs_is_a_reason_of_the_answer_and_the_card_counts(identity: Identity):
    right = await check(identity, card_qr=card_qr())
    doubtful = await check(identity, card_qr=card_qr(day="24/12/1971"))

    assert (right.covered, doubtful.covered, doubtful.card_number) == (True, True, CARD)
    code = coverage_pb2.EligibilityReason.CODE_PERSON_DIFFERS
    assert code not in [one.code for one in right.reasons]
    assert [one.message_vi for one in doubtful.reasons if one.code == code] == [
        "Ngày sinh trên thẻ khác với hồ sơ."
    ]


def told(refusal: Refusal) -> tuple[object, str]:
    return refusal.code, refusal.reason


LIMIT = (StatusCode.RESOURCE_EXHAUSTED, "ERROR_REASON_LOOKUP_LIMIT_REACHED")
RECORDS = "service/records"


async def test_what_a_service_asks_for_a_facility_fails_at_that_facilitys_cost(world: World):
    identity = await Identity(world).start(misses_per_minute=0.01, misses_burst=3)
    await identity.import_persons(person_row())
    ours, theirs = f"{OURS}facilities/01999", f"{OURS}facilities/79999"
    guesses = [
        {"personal_id": "001485999999"},
        {"personal_id": NUMBER, "stated": stated("Lê Thị Khác", OTHER_DAY)},
        {"personal_id": "001485999998"},
    ]
    codes = [(await refused(find(identity, RECORDS, facility=ours, **guess))).code for guess in guesses]

    over = await refused(find(identity, RECORDS, facility=ours, personal_id=NUMBER))
    own = await refused(find(identity, personal_id=NUMBER))

    assert codes == [StatusCode.NOT_FOUND, StatusCode.FAILED_PRECONDITION, StatusCode.NOT_FOUND]
    assert (told(over), told(own)) == (LIMIT, LIMIT)
    assert int(over.metadata["retry_after_seconds"]) > 0
    assert (await find(identity, RECORDS, facility=theirs, personal_id=NUMBER)).person.name
    assert (await find(identity, RECORDS, personal_id=NUMBER)).person.name


async def test_only_a_service_asks_for_a_facility_that_is_not_its_own(identity: Identity):
    own = await find(identity, facility="facilities/01999", personal_id=NUMBER)
    other = await refused(find(identity, facility="facilities/79999", personal_id=NUMBER))
    fund = await refused(find(identity, "authority/bhxh", facility="facilities/79999", personal_id=NUMBER))

    assert own.person.name
    denied = (StatusCode.PERMISSION_DENIED, "ERROR_REASON_FACILITY_MISMATCH")
    assert (told(other), told(fund)) == (denied, denied)


async def test_a_row_of_a_register_that_names_somebody_else_is_refused_and_changes_nobody(identity: Identity):
    before = (await find(identity, personal_id=NUMBER)).person

    progress = await identity.import_persons(
        person_row(full_name="Lê Thị Khác", birth_date=OTHER_DAY, old_id="", social_insurance_number="")
    )

    assert [(one.field, one.rule) for one in progress.refusals] == [
        ("personal_id", "personal_id.person_differs")
    ]
    assert (await find(identity, personal_id=NUMBER)).person == before


@pytest.mark.parametrize(
    "corrected",
    [{"full_name": "Trần Văn Thử Nghiệm"}, {"full_name": "Lê Thị Khác"}, {"birth_date": OTHER_DAY}],
    ids=str,
)
async def test_a_register_may_correct_the_name_or_the_birth_date(
    identity: Identity, corrected: dict[str, Any]
):
    progress = await identity.import_persons(person_row(**corrected))

    assert list(progress.refusals) == []
    person = (await find(identity, personal_id=NUMBER)).person
    assert all(getattr(person, field) == value for field, value in corrected.items())


async def test_whose_entry_was_merged_is_covered_under_the_name_that_the_card_has(identity: Identity):
    other = {"personal_id": "001485000024", "old_id": "", "social_insurance_number": ""}
    await identity.import_persons(person_row(**other, full_name="Lê Thị Khác", birth_date=OTHER_DAY))
    loser, winner = [(await find(identity, personal_id=number)).person for number in ("001485000024", NUMBER)]
    await identity.persons("operator/dev").MergePersons(
        service.MergePersonsRequest(
            request_id=key(), loser=loser.name, winner=winner.name, reason="cùng một người"
        )
    )

    former = await check(identity, personal_id="001485000024", stated=stated("Lê Thị Khác", OTHER_DAY))
    neither = await check(identity, personal_id=NUMBER, stated=stated("Lê Thị Khác", OTHER_DAY))

    assert (former.person, former.covered, former.card_number) == (winner.name, True, CARD)
    assert (neither.person, neither.result_code) == ("", "060")


@pytest.mark.parametrize("born", [Date(year=2199), Date(year=1985, month=2, day=30)], ids=str)
async def test_a_birth_that_cannot_be_is_refused_at_its_field(identity: Identity, born: Date):
    what = stated(born=born)

    for call in (find, check):
        refusal = await refused(call(identity, personal_id=NUMBER, stated=what))
        assert (refusal.code, refusal.fields) == (StatusCode.INVALID_ARGUMENT, ["stated.birth_date"])


async def test_a_slip_and_a_payment_of_the_future_are_refused_at_their_field(identity: Identity):
    ahead = Date(year=2199, month=1, day=1)
    payments = eligibility.CoPayments(payments=[eligibility.CoPayment(day=ahead, amount=Money(dong=1))])

    of_slip = await refused(check(identity, personal_id=NUMBER, transfer_slip_date=ahead))
    of_payment = await refused(check(identity, personal_id=NUMBER, co_payments=payments))

    assert of_slip.fields == ["transfer_slip_date"]
    assert of_payment.fields == ["co_payments.payments[0].day"]
