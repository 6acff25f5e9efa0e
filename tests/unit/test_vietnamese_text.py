"""One text, however it was typed, converted or sent: the same wherever texts are compared."""

import unicodedata
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.values import PartialDate
from kcb.vietnamese_text import INVISIBLE, folded, has_lost_letters, has_lost_letters_of_name
from services.identity.matching.model.blocking_keys import keys_of
from services.identity.matching.model.name_comparison import NameLevel, compare_names
from services.identity.matching.model.stated_person import compare_stated
from services.identity.matching.model.weights import Description
from services.identity.model.identifiers import Sex, read_qr
from services.identity.model.persons import Address, Origin, Person, PersonState, plausibility_warnings
from services.identity.portal.model import PortalUnavailable, Subject
from services.identity.portal.reply import read_reply
from services.pharmacy.model.drugs import Drug
from services.records.model.result_reuse import is_positive

CLOCK = datetime(2026, 11, 25, 5, tzinfo=UTC)

FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Đặng", "Đỗ", "Võ", "Huỳnh", "Bùi", "Ngô", "Dương", "Lý")
MIDDLE = ("Văn", "Thị", "Đình", "Quốc", "Thuỳ", "Minh", "Hữu", "Đức", "Ngọc", "Thế")
GIVEN = ("Hường", "Đạt", "Ửng", "Quyền", "Nhỡ", "Tuệ", "Ước", "Ý", "Thuận", "Đào", "Khuể", "Nghĩa", "Yến")

names = st.tuples(st.sampled_from(FAMILIES), st.sampled_from(MIDDLE), st.sampled_from(GIVEN)).map(" ".join)
spaces = st.sampled_from([" ", "  ", "\u00a0", "\u2009", "\u3000", "\t"])


def person_named(name: str) -> Person:
    return Person(
        UUID(int=1),
        PersonState.ACTIVE,
        Origin.REGISTER,
        name,
        PartialDate(1985, 3, 9),
        "",
        Sex.FEMALE,
        "",
        "",
        Address(),
        "",
        None,
        None,
        CLOCK,
        CLOCK,
        1,
    )


def code_page_1258(text: str) -> str:
    """Return *text* as it comes out of the code page 1258: precomposed vowels, then their tones."""
    written = b""
    for letter in unicodedata.normalize("NFC", text):
        try:
            written += letter.encode("cp1258")
        except UnicodeEncodeError:
            vowel, tone = tone_apart(letter)
            written += vowel.encode("cp1258") + tone.encode("cp1258")
    return written.decode("cp1258")


def tone_apart(letter: str) -> tuple[str, str]:
    parts = unicodedata.normalize("NFD", letter)
    tone = next(mark for mark in parts if mark in "\u0300\u0301\u0303\u0309\u0323")
    return unicodedata.normalize("NFC", parts.replace(tone, "")), tone


@st.composite
def written_otherwise(draw: st.DrawFn) -> tuple[str, str]:
    """A name, and the same as another keyboard, system or channel writes it; no letter is lost."""
    name = draw(names)
    other = draw(
        st.sampled_from(
            [
                *(unicodedata.normalize(form, name) for form in ("NFC", "NFD", "NFKC", "NFKD")),
                code_page_1258(name),
                *(name.replace("Đ", letter).replace("đ", letter.lower()) for letter in "ÐƉ"),
            ]
        )
    )
    if draw(st.booleans()):
        other = other.upper()
    at = draw(st.integers(0, len(other)))
    other = other[:at] + draw(st.sampled_from(["", *INVISIBLE])) + other[at:]
    return name, other.replace(" ", draw(spaces))


@given(written_otherwise())
def test_a_name_written_otherwise_is_the_same_name(pair: tuple[str, str]):
    name, other = pair

    assert folded(other) == folded(name)
    assert folded(other).isascii()


@given(written_otherwise())
def test_matching_finds_and_calls_the_same(pair: tuple[str, str]):
    name, other = pair

    assert compare_names(name, other) is NameLevel.SAME
    assert keys_of(Description(other)).exact == keys_of(Description(name)).exact


@given(written_otherwise())
def test_the_portal_s_answer_is_about_the_same_person(pair: tuple[str, str]):
    name, other = pair
    person = person_named(name)
    subject = Subject(person.id, person.full_name, person.birth, ("DN4010000000000",))
    body = {"maKetQua": "000", "hoTen": other, "maThe": "DN4010000000000", "gtTheTu": "01/01/2026"}

    assert read_reply(body, subject, CLOCK).cards[0].card_number == "DN4010000000000"


def test_an_answer_about_another_name_is_still_no_answer():
    person = person_named("Nguyễn Văn Đạt")
    subject = Subject(person.id, person.full_name, person.birth, ("DN4010000000000",))
    body = {"maKetQua": "000", "hoTen": "Nguyễn Văn Tạ", "maThe": "DN4010000000000", "gtTheTu": "01/01/2026"}

    with pytest.raises(PortalUnavailable, match="UPSTREAM_MISMATCH"):
        read_reply(body, subject, CLOCK)


@given(written_otherwise(), st.sampled_from(["Nữ", unicodedata.normalize("NFD", "Nữ"), "NỮ", "nữ\u200b"]))
def test_a_card_s_code_says_the_same(pair: tuple[str, str], sex: str):
    name, other = pair
    qr = read_qr(f"\ufeff001485000016\u200b||{other}|09031985|{sex}|Hà Nội|01012021")
    assert qr is not None

    stated = Description(full_name=qr.full_name, birth=qr.birth, sex=qr.sex)
    record = person_named(name)
    compared = compare_stated(
        "card_qr", stated, Description(full_name=record.full_name, birth=record.birth, sex=record.sex)
    )

    assert qr.sex is Sex.FEMALE
    assert compared.warnings == []


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_positive_finding_is_read_however_it_is_written(form: str):
    positive = unicodedata.normalize(form, "DƯƠNG TÍNH").replace("Đ", "Ð").replace(" ", "\u00a0")

    assert is_positive(positive, "")
    assert is_positive("", code_page_1258(positive))
    assert not is_positive(unicodedata.normalize(form, "Âm tính"), "")


def test_a_drug_is_found_by_its_words_however_they_are_written():
    drug = Drug("VD-12345-26", "Đơn thuốc mẫu", strength="5\u00a0mg")

    assert drug.words == "don thuoc mau 5 mg vd-12345-26"
    assert folded("Ðơn thu\u200bốc mẫu") in drug.words


@given(st.text(max_size=40))
def test_folding_a_folded_text_changes_nothing(text: str):
    assert folded(folded(text)) == folded(text)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_texts_can_be_compared(first: str, second: str):
    assert compare_names(first, second) is compare_names(second, first)


@pytest.mark.parametrize(
    ("text", "in_name", "in_words"),
    [
        ("Nguy?n Van A", True, True),
        ("Nguy\ufffdn V\ufffdn A", True, True),
        ("L? Th? H?", True, False),
        ("Tăng huy?t áp", True, True),
        ("Viêm ruột thừa?", True, False),
        ("Nguyễn Văn A", False, False),
        ("", False, False),
    ],
)
def test_lost_letters_are_seen_and_a_doctor_s_doubt_is_none(text: str, in_name: bool, in_words: bool):
    assert (has_lost_letters_of_name(text), has_lost_letters(text)) == (in_name, in_words)


def test_a_name_with_lost_letters_looks_odd():
    warnings = plausibility_warnings(person_named("Nguy?n V?n A"), [])

    assert [(fault.field, fault.rule) for fault in warnings] == [("full_name", "full_name.lost_letters")]


def test_what_is_no_letter_is_no_word():
    assert compare_names("Nguyễn \u0323 An", "Nguyễn An") is NameLevel.SAME
