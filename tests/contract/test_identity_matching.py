"""MatchPersons: whoever is meant is found first, whatever the clerk's hand made of them."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from grpc import StatusCode

from kcb.vietnamese_text import folded
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import person_pb2 as pb
from lientuyen.identity.v1 import person_service_pb2 as service
from lientuyen.type.v1.date_pb2 import Date
from services.identity.matching import matcher
from services.identity.matching.matcher import Matcher
from services.identity.matching.model.weights import Scored, scored
from tests.contract.identity_env import HOSPITAL, TREATMENT, Identity, access, key, person_row
from tests.harness import World, refused

OPERATOR = "operator/ops"

# Who is meant, told exactly.
DAT: dict[str, Any] = {
    "full_name": "Nguyễn Văn Đạt",
    "birth_date": Date(year=1985, month=3, day=9),
    "sex": pb.SEX_MALE,
    "address": pb.Address(line="Thôn Đông 3, xã Tân Lập", province_code="27", commune_code="09163"),
    "phone": "01632000111",
}


def neighbours() -> list[service.PersonRow]:
    """A register of Đạt and of those who might be taken for him."""
    people: list[dict[str, Any]] = [
        DAT,
        {**DAT, "full_name": "Nguyễn Văn Hùng", "birth_date": Date(year=1985, month=3, day=9), "phone": ""},
        {**DAT, "full_name": "Nguyễn Văn Đạt", "birth_date": Date(year=1985, month=7, day=21), "phone": "",
         "address": pb.Address(line="Số 7 đường Lê Lợi", province_code="79")},
        {**DAT, "full_name": "Nguyễn Thị Đào", "sex": pb.SEX_FEMALE, "phone": "0981000222"},
        {**DAT, "full_name": "Trần Quốc Đạt", "phone": "", "address": pb.Address(province_code="01")},
        {**DAT, "full_name": "Lê Thị Hoà", "birth_date": Date(year=1950), "sex": pb.SEX_FEMALE, "phone": ""},
    ]  # fmt: skip
    return [
        person_row(
            personal_id=f"00148500{at:04}", old_id="", social_insurance_number=f"00000001{at:02}", **one
        )
        for at, one in enumerate(people, 1)
    ]


@pytest.fixture
async def identity(world: World) -> Identity:
    return await started(world)


async def started(world: World, new_matcher: Callable[..., Matcher] = Matcher) -> Identity:
    """Start the service with that register."""
    identity = await Identity(world).start(wiring={"new_matcher": new_matcher})
    assert list((await identity.import_persons(*neighbours())).refusals) == []
    return identity


async def matched(identity: Identity, caller: str = HOSPITAL, **told: Any) -> list[service.Candidate]:
    more = {field: told.pop(field) for field in ("min_score", "max_candidates") if field in told}
    request = service.MatchPersonsRequest(demographics=service.Demographics(**told), access=TREATMENT, **more)
    return list((await identity.persons(caller).MatchPersons(request)).candidates)


def note(candidate: service.Candidate, field: str) -> str:
    return next(one.note for one in candidate.weights if one.field == field)


@pytest.mark.parametrize(
    ("told", "seen"),
    [
        ({}, ("full_name", "same")),
        ({"full_name": "nguyen van dat"}, ("full_name", "diacritics lost")),
        ({"full_name": "Nguyeenx Vawn DDatj"}, ("full_name", "telex or VNI keys left in")),
        ({"full_name": "Nguye6n4 Va8n D9at5"}, ("full_name", "telex or VNI keys left in")),
        ({"full_name": "Nguyên Văn Đát"}, ("full_name", "diacritics differ")),
        ({"full_name": "Đạt Nguyễn Văn"}, ("full_name", "order of the parts swapped")),
        ({"full_name": "Nguyễn Đạt"}, ("full_name", "a middle name missing")),
        ({"full_name": "Nguyễn Văn Đạy"}, ("full_name", "one typing mistake")),
        ({"full_name": "N. V. Đạt"}, ("full_name", "initials only")),
        ({"birth_date": Date(year=1985, month=9, day=3)}, ("birth_date", "day and month swapped")),
        ({"birth_date": Date(year=1985, month=3, day=8)}, ("birth_date", "one digit mistyped")),
        ({"birth_date": Date(year=1984, month=3, day=9)}, ("birth_date", "year off by one")),
        ({"birth_date": Date(year=1985)}, ("birth_date", "year agrees, the rest is unknown")),
        ({"birth_date": None}, ("birth_date", "not told")),
        ({"phone": "+84 332 000 111"}, ("phone", "same")),
        (
            {"address": pb.Address(line="Thôn Đông 3, xã Tân Lập", province_code="24", commune_code="07420")},
            ("address", "same place and line"),
        ),
    ],
    ids=str,
)
async def test_whoever_is_meant_is_found_first(
    identity: Identity, told: dict[str, Any], seen: tuple[str, str]
):
    candidates = await matched(identity, **{**DAT, **told})

    assert candidates[0].person.full_name == "Nguyễn Văn Đạt"
    assert candidates[0].person.birth_date == DAT["birth_date"]
    assert note(candidates[0], seen[0]) == seen[1]
    assert candidates[0].score > 0.9


async def test_the_weights_stand_in_the_order_of_the_fields_and_make_the_score(identity: Identity):
    (first, *_) = await matched(identity, **{**DAT, "sex": 0})

    fields = [one.name for one in service.Demographics.DESCRIPTOR.fields]
    assert [one.field for one in first.weights] == [*fields, "prior"]
    bits = sum(one.weight for one in first.weights)
    assert first.score == pytest.approx(1 / (1 + 2**-bits))
    assert (first.weights[2].weight, note(first, "sex")) == (0, "not told")
    assert "Đạt" not in str([one.note for one in first.weights])
    assert not first.person.identifiers


async def test_a_partly_known_date_in_the_register_is_met(identity: Identity):
    told = {"full_name": "LE THI HOA", "birth_date": Date(year=1950, month=5, day=5)}
    (first, *_) = await matched(identity, OPERATOR, **told)

    assert first.person.full_name == "Lê Thị Hoà"


async def test_a_newborn_without_a_name_is_found_by_the_mother(identity: Identity):
    mother = await identity.person(
        personal_id="001595000011", old_id="", social_insurance_number="", full_name="Bùi Thị Mận"
    )
    born = Date(year=2026, month=11, day=20)
    baby = (
        await identity.persons().RegisterPerson(
            service.RegisterPersonRequest(
                request_id=key(),
                facility="facilities/01999",
                kind="KIND_NEWBORN",
                birth_date=born,
                mother=mother.name,
                sex=pb.SEX_FEMALE,
                access=TREATMENT,
            )
        )
    ).person

    (first, *_) = await matched(identity, OPERATOR, mother_name="bui thi man", birth_date=born)

    assert first.person.name == baby.name
    assert note(first, "mother_name") == "diacritics lost"


async def test_nobody_is_an_empty_answer_and_a_row_that_names_nobody(identity: Identity):
    assert (
        await matched(identity, full_name="Quách Thị Vắng", birth_date=Date(year=2001, month=2, day=3)) == []
    )

    assert await identity.audit("") == [(HOSPITAL, "PersonService/MatchPersons", True, False)]


async def test_every_candidate_shown_leaves_a_row(identity: Identity):
    shown = await matched(identity, OPERATOR, **DAT)

    assert len(shown) == 2
    for one in shown:
        rows = await identity.audit(one.person.name)
        assert (OPERATOR, "PersonService/MatchPersons", True, False) in rows
    everybody = await identity.rows("SELECT 1 FROM audit WHERE method LIKE '%MatchPersons' AND subject <> ''")
    assert len(everybody) == 2


async def test_a_hospital_does_not_see_who_is_most_likely_somebody_else(identity: Identity):
    told = {"full_name": "Nguyễn Thị Đạt", "birth_date": Date(year=1985)}

    assert all(one.score >= 0.1 for one in await matched(identity, **told))
    assert any(one.score < 0.1 for one in await matched(identity, OPERATOR, **told))


async def test_what_scores_too_low_and_what_is_too_much_is_left_out(identity: Identity):
    everybody = await matched(identity, OPERATOR, **DAT)

    assert len(everybody) == 2
    assert [one.score for one in everybody] == sorted((one.score for one in everybody), reverse=True)
    assert await matched(identity, OPERATOR, **DAT, max_candidates=1) == everybody[:1]
    assert len(await matched(identity, OPERATOR, **DAT, min_score=0.99)) == 1


@pytest.mark.parametrize(
    ("told", "missing"),
    [
        ({"full_name": "Nguyễn Văn Đạt"}, ["demographics.birth_date"]),
        ({**DAT, "birth_date": None, "phone": ""}, ["demographics.birth_date"]),
        ({"birth_date": DAT["birth_date"], "phone": DAT["phone"]}, ["demographics.full_name"]),
        ({"mother_name": "Bùi Thị Mận", "phone": "0981000222"}, ["demographics.birth_date"]),
        ({}, ["demographics.full_name", "demographics.birth_date"]),
    ],
    ids=str,
)  # fmt: skip
async def test_too_little_is_refused_and_what_is_missing_is_named(
    identity: Identity, told: dict[str, Any], missing: list[str]
):
    for caller in (HOSPITAL, OPERATOR):
        request = service.MatchPersonsRequest(demographics=service.Demographics(**told), access=TREATMENT)
        refusal = await refused(identity.persons(caller).MatchPersons(request))

        assert (refusal.code, refusal.reason) == (
            StatusCode.INVALID_ARGUMENT,
            reasons.DEMOGRAPHICS_TOO_FEW.name,
        )
        assert refusal.fields == missing


async def test_a_purpose_that_gets_nobodys_identity_is_refused(identity: Identity):
    request = service.MatchPersonsRequest(
        demographics=service.Demographics(**DAT), access=access(purpose="RESEARCH")
    )

    refusal = await refused(identity.persons().MatchPersons(request))

    assert (refusal.code, refusal.reason) == (StatusCode.PERMISSION_DENIED, reasons.PURPOSE_DENIED.name)


@pytest.mark.parametrize("caller", ["pharmacy/NT00001", "service/records", "authority/bhxh"])
async def test_others_may_not_match(identity: Identity, caller: str):
    request = service.MatchPersonsRequest(demographics=service.Demographics(**DAT), access=TREATMENT)

    assert (
        await refused(identity.persons(caller).MatchPersons(request))
    ).code == StatusCode.PERMISSION_DENIED


async def test_merged_entries_are_one_candidate_by_whichever_fits_best(identity: Identity):
    old = (await matched(identity, OPERATOR, **DAT))[0].person
    again = {**DAT, "full_name": "Nguyễn Tiến Đạt"}
    row = person_row(personal_id="001485009999", old_id="", social_insurance_number="", **again)
    await identity.import_persons(row)
    found = await matched(identity, OPERATOR, **{**DAT, "full_name": "Nguyễn Tiến Đạt"})
    new = next(one.person for one in found if one.person.full_name == "Nguyễn Tiến Đạt")

    await identity.persons(OPERATOR).MergePersons(
        service.MergePersonsRequest(request_id=key(), loser=old.name, winner=new.name, reason="trùng hồ sơ")
    )
    found = await matched(identity, OPERATOR, **DAT)

    assert found[0].person.name == new.name
    assert note(found[0], "full_name") == "same"
    assert old.name not in [one.person.name for one in found]


@pytest.mark.parametrize(
    "name",
    [
        *["Nguyễn Đặng Hường", "LÊ THỊ ỬNG", "trần quốc ưởng", "Ngô Ý Nhi", "José Müller", "Hoà", ""],
        # Ð of Latin-1 and the African Ɖ; a zero-width space, a mark of direction, a byte order mark; spaces.
        *["Ðặng Văn ðức", "Ɖỗ ɖình Ɖăng", "Ng\u200buyễn\u200e An\ufeff", " Lê\u00a0 Thị\u2009Ba "],
        # The vowels and tones of the code page 1258, letters of full width.
        *["Nguyê\u0303n Thị\u0300 Ô\u0309i", "Ｎｇｕｙễｎ"],
    ],
)
async def test_the_database_folds_a_name_as_the_model_does(identity: Identity, name: str):
    (row,) = await identity.rows("SELECT name_key($1)", name)

    assert row[0] == folded(name)[::-1]


async def test_others_get_their_turn_while_candidates_are_compared(world: World):
    happened: list[str] = []

    def compared(*given: Any) -> Scored:
        happened.append("compared")
        return scored(*given)

    finding = partial(matcher.find_candidates, compare=compared)
    identity = await started(world, partial(Matcher, find=finding))
    namesakes = [
        person_row(
            personal_id=f"00148501{at:04}", old_id="", social_insurance_number="", **{**DAT, "phone": ""}
        )
        for at in range(matcher.COMPARISONS_PER_TURN)
    ]
    assert list((await identity.import_persons(*namesakes)).refusals) == []

    async def other() -> None:
        while True:
            happened.append("other")
            await asyncio.sleep(0)

    others = asyncio.create_task(other())
    await matched(identity, full_name=DAT["full_name"], birth_date=DAT["birth_date"])
    others.cancel()

    compared_in_a_row = [len(run.split()) for run in " ".join(happened).split("other") if run.strip()]
    assert sum(compared_in_a_row) > matcher.COMPARISONS_PER_TURN
    assert max(compared_in_a_row) <= matcher.COMPARISONS_PER_TURN
