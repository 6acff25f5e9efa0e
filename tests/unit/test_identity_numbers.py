"""The numbers of a person: forms, QR codes, local identities, what looks odd."""

from datetime import UTC, date, datetime

import pytest

from common.values import PartialDate
from services.identity.model.facilities import gln_is_right
from services.identity.model.identifiers import (
    Kind,
    Sex,
    card_result_code,
    local_identity,
    numbers_to_try,
    personal_id_warnings,
    read_qr,
)
from services.identity.model.persons import Address, Origin, Registration, registration_faults
from services.identity.model.places import MERGED_FROM, PROVINCES_63


def test_the_34_provinces_hold_each_of_the_63_once():
    merged = [old for olds in MERGED_FROM.values() for old in olds]

    assert (len(MERGED_FROM), len(merged), len(PROVINCES_63)) == (34, 63, 63)


@pytest.mark.parametrize(
    ("birth", "sex", "rules"),
    [
        (PartialDate(2185, 3, 9), Sex.MALE, []),
        (PartialDate(2185), Sex.UNSPECIFIED, []),
        (None, Sex.UNDETERMINED, []),
        (PartialDate(2186, 3, 9), Sex.MALE, ["personal_id.birth_year"]),
        (PartialDate(2185, 3, 9), Sex.FEMALE, ["personal_id.sex"]),
    ],
)
def test_a_personal_id_warns_of_what_does_not_fit(birth, sex, rules):
    assert [odd.rule for odd in personal_id_warnings("001485000016", birth, sex)] == rules


def test_a_personal_id_of_no_province_warns_and_of_a_foreign_birth_does_not():
    assert [odd.rule for odd in personal_id_warnings("003485000016", None, Sex.UNSPECIFIED)] == [
        "personal_id.province"
    ]
    assert personal_id_warnings("101485000016", None, Sex.UNSPECIFIED) == []


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("DN4010000000001", ""),
        ("TE1790A00000001", ""),
        ("QN5970000000001", ""),
        ("0100000001", ""),
        ("001485000016", ""),
        ("DN401000000000", "051"),
        ("dn4010000000001", "051"),
        ("DN9010000000001", "053"),
        ("DN4030000000001", "052"),
        ("", "051"),
    ],
)
def test_a_card_of_a_wrong_form_gets_the_national_result_code(card, code):
    assert card_result_code(card) == code


def test_a_card_is_looked_up_as_what_it_is_and_by_its_insurance_number():
    assert numbers_to_try(Kind.CARD_NUMBER, "DN4010000000001") == [
        (Kind.CARD_NUMBER, "DN4010000000001"),
        (Kind.SOCIAL_INSURANCE_NUMBER, "0000000001"),
    ]
    assert numbers_to_try(Kind.CARD_NUMBER, "0000000001") == [(Kind.SOCIAL_INSURANCE_NUMBER, "0000000001")]
    assert numbers_to_try(Kind.CARD_NUMBER, "001485000016") == [(Kind.PERSONAL_ID, "001485000016")]
    assert numbers_to_try(Kind.OLD_ID, "012345678") == [(Kind.OLD_ID, "012345678")]


def test_the_qr_code_of_an_identity_card_is_read():
    qr = read_qr("001485000016|012345678|Trần Văn Thử|09032185|Nam|Số 1, Hà Nội|01012190")

    assert qr is not None
    assert (qr.kind, qr.value, qr.old_id, qr.full_name, qr.birth, qr.sex) == (
        Kind.PERSONAL_ID,
        "001485000016",
        "012345678",
        "Trần Văn Thử",
        PartialDate(2185, 3, 9),
        Sex.MALE,
    )


def test_a_qr_code_without_an_old_number_or_with_an_impossible_date_is_read_as_far_as_it_goes():
    qr = read_qr("001585000024||Lê Thị Thử|31022185|Nữ|Số 2|01012190|||")

    assert qr is not None
    assert (qr.old_id, qr.birth, qr.sex) == ("", None, Sex.FEMALE)


@pytest.mark.parametrize(
    ("text", "name", "birth", "sex"),
    [
        ("5472E1BAA76E|09/03/2185|1|53E1BB91", "Trần", PartialDate(2185, 3, 9), Sex.MALE),
        ("5472e1baa76e|09/03/2185|2", "Trần", PartialDate(2185, 3, 9), Sex.FEMALE),
        ("5472E1BAA76E|03/2185|", "Trần", PartialDate(2185, 3), Sex.UNSPECIFIED),
        ("5472E1BAA76E|2185|Nữ", "Trần", PartialDate(2185), Sex.FEMALE),
        ("Trần Văn Thử|00/00/2185|1", "Trần Văn Thử", PartialDate(2185), Sex.MALE),
        ("5472E1BA|31/02/2185|9", "", None, Sex.UNSPECIFIED),
        ("547|x|", "", None, Sex.UNSPECIFIED),
    ],
)
def test_an_insurance_card_is_read_from_its_qr_code(
    text: str, name: str, birth: PartialDate | None, sex: Sex
):
    qr = read_qr(f"DN4010000000001|{text}")

    assert qr is not None
    assert (qr.kind, qr.value) == (Kind.CARD_NUMBER, "DN4010000000001")
    assert (qr.full_name, qr.birth, qr.sex) == (name, birth, sex)


@pytest.mark.parametrize(
    "text", ["", "https://example.test/x", "001485000016", "12345|a|b|c|d|e|f", "||||||"]
)
def test_any_other_text_is_no_card(text):
    assert read_qr(text) is None


def test_a_local_identity_never_looks_like_a_personal_id():
    made = {local_identity(bytes((seed * 7 + place) % 256 for place in range(10))) for seed in range(256)}

    assert all(len(one) == 12 and one.startswith("LT") and not one.isdigit() for one in made)


def test_a_gln_carries_a_check_digit():
    assert [last for last in range(10) if gln_is_right(f"400638133393{last}")] == [1]
    assert not gln_is_right("400638133393")


def test_partial_dates_agree_on_what_both_know():
    whole = PartialDate(2185, 3, 9)

    assert whole.agrees(PartialDate(2185))
    assert PartialDate(2185, 3).agrees(whole)
    assert not whole.agrees(PartialDate(2185, 4))
    assert [PartialDate(2185, 2, day).exists for day in (0, 28, 29, 31)] == [True, True, False, False]
    assert not PartialDate(2185, 0, 3).exists
    assert PartialDate(2185).youngest_age(date(2200, 6, 1)) == 14
    assert whole.youngest_age(date(2200, 3, 9)) == 15


NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        (Registration(Origin.UNKNOWN, "01999"), []),
        (Registration(Origin.NEWBORN, "01999"), ["birth_date", "mother"]),
        (
            Registration(
                Origin.NEWBORN,
                "01999",
                birth=PartialDate(2026, 11, 20),
                birth_certificate_number="01999.GCS.00001.26",
            ),
            [],
        ),
        (
            Registration(
                Origin.NEWBORN,
                "01999",
                birth=PartialDate(2024, 1, 1),
                birth_certificate_number="01999.GCS.00001.26",
            ),
            ["birth_date"],
        ),
        (Registration(Origin.FOREIGNER, "01999", full_name="A B"), ["nationality", "passport_number"]),
        (Registration(Origin.UNKNOWN, "01999", birth=PartialDate(2026, 2, 30)), ["birth_date"]),
        (Registration(Origin.UNKNOWN, "01999", birth=PartialDate(2026, 11, 22)), ["birth_date"]),
        (Registration(Origin.UNKNOWN, "01999", birth=PartialDate(2026, 12)), ["birth_date"]),
        (Registration(Origin.UNKNOWN, "01999", birth=PartialDate(2027)), ["birth_date"]),
        (Registration(Origin.UNKNOWN, "01999", birth=PartialDate(2026)), []),
        (Registration(Origin.UNKNOWN, "01999", address=Address(as_of=date(2026, 11, 22))), ["address.as_of"]),
    ],
)
def test_a_registration_says_all_that_it_lacks(asked, fields):
    assert [fault.field for fault in registration_faults(asked, NOW)] == fields
