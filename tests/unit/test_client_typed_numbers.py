"""Numbers as a clerk types, scans and pastes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lientuyen_client.cli.failures import CommandFailed
from lientuyen_client.cli.health_book import typed_personal_id
from lientuyen_client.cli.lookup import typed_number
from lientuyen_client.typed_numbers import clean, number_field

PERSONAL_ID, CARD = "001485000016", "GD4792000000001"


@pytest.mark.parametrize(
    ("typed", "field", "number"),
    [
        ("001485000016", "personal_id", PERSONAL_ID),
        ("001 485 000 016", "personal_id", PERSONAL_ID),
        ("001.485.000.016", "personal_id", PERSONAL_ID),
        ("001-485–000—016", "personal_id", PERSONAL_ID),
        ("\u00a0001485000016\u200b\t", "personal_id", PERSONAL_ID),
        ("００１４８５００００１６", "personal_id", PERSONAL_ID),
        ("٠٠١٤٨٥٠٠٠٠١٦", "personal_id", PERSONAL_ID),
        ("'001485000016", "personal_id", PERSONAL_ID),
        ("gd4 79 20000 00001", "card_number", CARD),
        ("GD-4-79-2000000001", "card_number", CARD),
        ("ｇｄ４７９２００００００００１", "card_number", CARD),
        ("te1 79 abc0000001", "card_number", "TE179ABC0000001"),
        ("012 345 6789", "social_insurance_number", "0123456789"),
        ("012 345 678", "old_id", "012345678"),
    ],
)
def test_what_stands_between_the_digits_and_small_letters_are_understood(typed, field, number):
    assert number_field(typed) == (field, number)


def test_the_text_of_a_qr_code_is_left_as_it_is():
    text = "001485000016|012345678|Trần Văn Thử|09031985|Nam|Số 0 đường Mẫu|01012022"

    assert number_field(f" {text}\n") == ("card_qr", text)


@pytest.mark.parametrize(
    "typed", ["", "   ", "12345", "00148500001O", "-", "dn401", "001485000016 001485000024"]
)
def test_a_number_of_no_form_is_told_what_is_wanted_and_not_repeated(typed):
    with pytest.raises(CommandFailed) as raised:
        typed_number(typed)

    failure = raised.value.failure
    assert (failure.exit_code, failure.reason, failure.field) == (2, "NUMBER_FORM", "number")
    assert "12 chữ số" in failure.message_vi
    assert "12 digits" in failure.message
    assert not typed.strip(" -") or typed not in failure.message_vi + failure.message


def test_a_health_book_wants_the_12_digits():
    assert typed_personal_id("001 485 000 016") == PERSONAL_ID
    with pytest.raises(CommandFailed, match="12 digits"):
        typed_personal_id("0123456789")


@given(st.text(max_size=40))
def test_whatever_is_typed_has_a_form_or_none(text):
    found = number_field(text)

    assert found is None or found[0] == "card_qr" or (found[1].isascii() and found[1].isalnum())
    assert clean(text) == clean(f" {text}.")
