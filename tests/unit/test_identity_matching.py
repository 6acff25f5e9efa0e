"""How two descriptions of people are compared, and what an agreement weighs."""

import json
from dataclasses import fields, replace
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.values import PartialDate
from kcb.vietnamese_text import folded
from services.identity.matching.model.address_comparison import AddressLevel, compare_addresses
from services.identity.matching.model.blocking_keys import days_of, keys_of
from services.identity.matching.model.candidate_ranking import limit, missing_facts, ranked
from services.identity.matching.model.date_comparison import DateLevel, compare_dates, nearby
from services.identity.matching.model.letter_folding import unkeyed
from services.identity.matching.model.name_comparison import NameLevel, compare_names
from services.identity.matching.model.sex_and_phone import (
    PhoneLevel,
    SexLevel,
    compare_phones,
    compare_sexes,
    phone_keys,
)
from services.identity.matching.model.typing_mistakes import one_mistake
from services.identity.matching.model.weight_estimation import estimate, ordered
from services.identity.matching.model.weights import (
    FIELDS,
    LEVELS,
    Description,
    Scored,
    compare,
    prior,
    scored,
    shipped,
    table_of,
)
from services.identity.model.identifiers import Sex
from services.identity.model.persons import Address
from services.identity.model.places import MERGED_FROM, PROVINCES_63, today


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Nguyễn Văn An", "NGUYỄN  VĂN AN", NameLevel.SAME),
        ("Nguyễn Văn An", "Nguye\u0302\u0303n Va\u0306n An", NameLevel.SAME),
        ("Lê Thị Hòa", "Lê Thị Hoà", NameLevel.SAME),
        ("Đặng Thị Đào", "Dang Thi Dao", NameLevel.DIACRITICS_LOST),
        ("Đặng Thị Đào", "Đặng Thi Đao", NameLevel.DIACRITICS_DIFFER),
        ("Nguyễn Văn Hùng", "Nguyễn Văn Hưng", NameLevel.DIACRITICS_DIFFER),
        ("Nguyễn Văn Đạt", "Nguyeenx Vawn DDaatj", NameLevel.KEYS_LEFT),
        ("Nguyễn Văn Đạt", "Nguyenex Vanw Datdj", NameLevel.KEYS_LEFT),
        ("Trương Thị Hường", "Truowng Thij Huwowngf", NameLevel.KEYS_LEFT),
        ("Trương Thị Hường", "Tru7o7ng Thi5 Hu7o7ng2", NameLevel.KEYS_LEFT),
        ("Nguyễn Văn An", "An Nguyễn Văn", NameLevel.ORDER),
        ("Nguyễn Văn An", "An Van Nguyen", NameLevel.ORDER),
        ("Nguyễn Thị Thanh Hương", "Nguyễn Hương", NameLevel.MIDDLE),
        ("Nguyễn Thị Hương", "Nguyễn Thị Thu Hương", NameLevel.MIDDLE),
        ("Nguyễn Văn An", "Nguyễn Vna An", NameLevel.TYPING),
        ("Nguyễn Văn Anh", "Nguyễn Văn An", NameLevel.TYPING),
        ("Nguyễn Văn An", "NguyễnVăn An", NameLevel.TYPING),
        ("Nguyễn Văn An", "N. V. An", NameLevel.INITIALS),
        ("Nguyễn Văn Quỳnh Chi", "Nguyen Ngoc Quynh Chi", NameLevel.ALIKE),
        ("Nguyễn Văn An", "Trần Quốc An", NameLevel.GIVEN_ONLY),
        ("Nguyễn Văn An", "Lê Thị Hồng", NameLevel.DIFFERS),
    ],
)
def test_names_agree_in_a_named_way(one: str, other: str, level: NameLevel):
    assert compare_names(one, other) is level
    assert compare_names(other, one) is level


def test_a_name_that_is_not_told_says_nothing():
    assert compare_names("", "Nguyễn Văn An") is None
    assert compare_names("  ", "Nguyễn Văn An") is None


# The commonest syllables of names: none of them may be taken for keys of an input method.
COMMONEST = """
    Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Đoàn Trịnh Trương Lâm Mai
    Cao Hà Tạ Lương Đào Châu Quách Thái Tô Vương Kiều La Tống Lưu Nông Triệu Giàng Thạch Văn Thị Đức Hữu
    Minh Quang Quốc Ngọc Thanh Xuân Đình Công Anh Tuấn Trọng Gia Bá Duy Tiến Thế Thu Kim Hồng Phương Bích Mỹ
    Thùy Diệu Khánh Bảo Hoài Như Quỳnh Tuyết Hùng Dũng Nam Hải Long Sơn Thành Trung Hiếu Huy Khoa Phúc Đạt
    Kiên Cường Bình An Giang Quân Thắng Việt Vinh Phong Tú Tài Toàn Trường Hưng Nghĩa Nhân Oanh Loan Yến Hoa
    Huệ Huyền Uyên Thúy Thoại Quyên Xoan Nghiêm Khuất Quế Giáp Giỏi Gấm Ích Ý Ơn Úy Yên Khuê Thủy Nguyệt
    Liễu Miên Đường Được Điền Thuận Xiêm Quyền Cẩm
"""
SYLLABLES = COMMONEST.split()


def test_a_real_syllable_keeps_its_letters():
    assert {word: unkeyed(folded(word)) for word in SYLLABLES} == {word: folded(word) for word in SYLLABLES}


D = PartialDate


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (D(1985, 3, 12), D(1985, 3, 12), DateLevel.SAME),
        (D(1985, 3, 12), D(1985, 12, 3), DateLevel.SWAPPED),
        (D(1985, 3, 12), D(1985, 3, 17), DateLevel.DIGIT),
        (D(1985, 3, 12), D(1985, 3, 21), DateLevel.DIGIT),
        (D(1985, 3, 12), D(1958, 3, 12), DateLevel.DIGIT),
        (D(1985, 3, 12), D(1986, 3, 12), DateLevel.YEAR_OFF),
        (D(1985, 3), D(1985, 3, 12), DateLevel.MONTH),
        (D(1985), D(1985, 3, 12), DateLevel.YEAR),
        (D(1985, 1, 1), D(1985, 3, 12), DateLevel.YEAR),
        (D(1985, 4), D(1985, 3, 12), DateLevel.YEAR_ONLY),
        (D(1985, 11, 30), D(1985, 3, 12), DateLevel.YEAR_ONLY),
        (D(1986), D(1985, 3, 12), DateLevel.NEAR),
        (D(1999, 9, 9), D(1985, 3, 12), DateLevel.DIFFERS),
        (D(1999), D(1985, 3, 12), DateLevel.DIFFERS),
    ],
)
def test_dates_agree_in_a_named_way(one: PartialDate, other: PartialDate, level: DateLevel):
    assert compare_dates(one, other) is level
    assert compare_dates(other, one) is level


def test_a_date_without_a_year_says_nothing():
    assert compare_dates(D(0), D(1985)) is None
    assert compare_dates(None, D(1985)) is None


def test_every_date_that_agrees_in_one_respect_at_least_is_looked_for():
    near = nearby(D(1985, 3, 12))

    assert near[0] == D(1985, 3, 12)
    assert len(near) == len(set(near)) < 70
    assert {D(1985, 12, 3), D(1986, 3, 12), D(1985), D(1985, 3), D(1985, 3, 21), D(1995, 3, 12)} <= set(near)
    assert all(compare_dates(near[0], one) not in (DateLevel.DIFFERS, None) for one in near)


def test_a_year_has_every_day_and_every_unknown_one():
    days = days_of([1984])

    assert {D(1984), D(1984, 2), D(1984, 2, 29), D(1984, 12, 31)} <= set(days)
    assert len(days) == len(set(days)) == 1 + 12 * 32


A = Address


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (
            A("Thôn Đông 3, xã Tân Lập", "09163", "", "27"),
            A("thon dong 3, Tân Lập", "07420", "", "24"),
            "SAME",
        ),
        (
            A("Số 5 Lê Lợi, P. Tân An", province_code="01"),
            A("Số 6 Lê Lợi, Tân An", province_code="01"),
            "LINE",
        ),
        (A("Số 5 Lê Lợi", "00070", "", "01"), A("", "00070", "", "01"), "COMMUNE"),
        (A("Số 5 Lê Lợi", "00070", "002", "01"), A("Thôn Chùa", "00071", "002", "01"), "DISTRICT"),
        (A("Số 5 Lê Lợi", "00070", "", "74"), A("Thôn Chùa", "26734", "", "79"), "PROVINCE"),
        (A("Số 5 Lê Lợi", province_code="01"), A("Số 5 Lê Lợi", province_code="79"), "DIFFERS"),
    ],
)
def test_addresses_agree_across_the_mergers(one: Address, other: Address, level: str):
    assert compare_addresses(one, other) is AddressLevel[level]
    assert compare_addresses(other, one) is AddressLevel[level]


def test_an_address_without_a_province_says_something_only_by_its_line():
    assert compare_addresses(A(), A("Số 5", province_code="01")) is None
    assert compare_addresses(A("Thôn Chùa 5"), A("thon chua 5")) is AddressLevel.SAME


def test_every_old_province_is_one_of_today():
    assert all(
        code in MERGED_FROM[today(code)] and today(today(code)) == today(code) for code in PROVINCES_63
    )
    assert today("99") == ""


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("0912 345 678", "+84912345678", PhoneLevel.SAME),
        ("0163 234 5678", "0332345678", PhoneLevel.SAME),
        ("0912345678", "0912345679", PhoneLevel.DIGIT),
        ("0912345678", "0987654321", PhoneLevel.DIFFERS),
        ("không có", "0987654321", None),
    ],
)
def test_telephone_numbers_agree_as_they_are_dialled(one: str, other: str, level: PhoneLevel | None):
    assert compare_phones(one, other) is level
    assert compare_phones(other, one) is level


def test_a_number_is_looked_for_as_it_was_before_2018_too():
    assert phone_keys("0332345678") == ["332345678", "632345678"]
    assert phone_keys("12") == []


def test_an_undetermined_sex_says_nothing():
    assert compare_sexes(Sex.MALE, Sex.FEMALE) is SexLevel.DIFFERS
    assert compare_sexes(Sex.UNDETERMINED, Sex.FEMALE) is None


@pytest.mark.parametrize("other", ["hugn", "hun", "hungg", "hang", "ung", "hungx"])
def test_one_key_wrong_is_one_mistake(other: str):
    assert one_mistake("hung", other)
    assert not one_mistake("hung", "hung")
    assert not one_mistake("hung", "huong1")


# Descriptions of anybody: parts of real names, and now and then any text at all.
NAMES = st.one_of(
    st.lists(st.sampled_from([*SYLLABLES, "Nguyeenx", "N.", "dat"]), max_size=5).map(" ".join),
    st.text(max_size=20),
)
DATES = st.none() | st.builds(
    PartialDate, st.integers(1980, 1983), st.integers(0, 12), st.integers(0, 28)
).filter(lambda day: day.exists)
ADDRESSES = st.builds(
    Address,
    st.sampled_from(["", "Số 5 Lê Lợi", "Thôn Chùa 3, xã Tân Lập", "thon chua 3"]),
    st.sampled_from(["", "00070", "00071"]),
    st.sampled_from(["", "002"]),
    st.sampled_from(["", "01", "74", "79"]),
)
PEOPLE = st.builds(
    Description,
    NAMES,
    DATES,
    st.sampled_from(Sex),
    ADDRESSES,
    st.sampled_from(["", "0912345678", "0912345679", "x"]),
    NAMES,
)


@settings(max_examples=300, deadline=None)
@given(PEOPLE, PEOPLE)
def test_comparing_is_symmetric_and_the_score_a_probability(one: Description, other: Description):
    assert compare(one, other) == compare(other, one)
    there, back = scored(shipped(), one, other, 10**7), scored(shipped(), other, one, 10**7)
    assert 0 <= there.score <= 1
    assert there.score == pytest.approx(back.score)


@settings(max_examples=200, deadline=None)
@given(PEOPLE, PEOPLE, st.sampled_from([field.name for field in fields(Description)]))
def test_what_is_not_told_weighs_nothing(one: Description, other: Description, field: str):
    empty = replace(one, **{field: getattr(Description(), field)})
    place = [field.name for field in fields(Description)].index(field)

    weight = scored(shipped(), empty, other, 10**7).weights[place]

    assert (weight.bits, weight.agreement, weight.note) == (0, 0, "not told")


@settings(max_examples=100, deadline=None)
@given(PEOPLE)
def test_no_description_fits_somebody_better_than_their_own(one: Description):
    other = replace(one, birth=PartialDate(1900, 2, 3), full_name="Quách Vô Danh", sex=Sex.UNSPECIFIED)

    assert scored(shipped(), one, one, 10**7).score >= scored(shipped(), one, other, 10**7).score


@pytest.mark.parametrize("field", FIELDS)
def test_a_better_agreement_never_weighs_less(field: str):
    weights = [shipped().weight(field, level) for level in LEVELS[field]]
    agreements = [level.agreement for level in LEVELS[field]]

    assert weights == sorted(weights, reverse=True)
    assert agreements == sorted(agreements, reverse=True)
    assert weights[0] > 0 > weights[-1]


def test_a_common_name_is_weaker_evidence_than_a_rare_one():
    def weight(name: str) -> float:
        return scored(shipped(), Description(name), Description(name), 10**7).weights[0].bits

    assert weight("Nguyễn Văn Hùng") < weight("Trần Đức Hùng") < weight("Thạch Trọng Nghĩa")


def test_what_a_family_shares_makes_nobody_the_same_person():
    home = A("Thôn Chùa 3, xã Tân Lập", province_code="01")
    brother = Description("Đinh Bá Kiên", D(1985, 3, 12), Sex.MALE, home, "0912345678", "Lê Thị Tư")
    other = replace(brother, full_name="Đinh Bá Trung", birth=D(1991, 8, 25))

    result = scored(shipped(), brother, other, 10**5)

    assert result.score < 0.01
    household = {one.field: one.bits for one in result.weights[3:6]}
    alone = [
        scored(shipped(), Description(**{name: getattr(brother, name)}), brother, 10**5) for name in household
    ]
    assert sum(household.values()) == pytest.approx(
        max(sum(w.bits for w in one.weights[:6]) for one in alone)
    )


def test_the_more_people_there_are_the_less_an_agreement_says():
    one = Description("Đinh Bá Kiên", PartialDate(1985, 3, 12))

    assert scored(shipped(), one, one, 10**8).score < scored(shipped(), one, one, 10**6).score
    assert prior(shipped(), 5) == prior(shipped(), 100_000)


def test_no_note_names_a_value():
    one = Description(
        "Đinh Bá Kiên", D(1985, 3, 12), Sex.MALE, A("Số 5", province_code="01"), "0912345678", "Lê Tư"
    )
    text = " ".join(weight.note for weight in scored(shipped(), one, one, 10**7).weights)

    assert not any(word in text for word in ("Đinh", "1985", "Số 5", "0912", "Lê"))


def test_neighbours_in_the_wrong_order_are_taken_as_one():
    made = ordered(
        PhoneLevel, {"SAME": 0.5, "DIGIT": 0.4, "DIFFERS": 0.1}, {"SAME": 0.1, "DIGIT": 0.01, "DIFFERS": 0.89}
    )

    assert made["SAME"] == made["DIGIT"] == [0.45, 0.055]
    assert made["DIFFERS"] == [0.1, 0.89]


def test_what_is_learnt_without_labels_tells_one_person_from_two():
    random = Random(7)
    given_names = [word for word in SYLLABLES if len(word) > 2]
    people = [
        Description(
            " ".join(random.sample(given_names, 3)),
            D(random.randint(1950, 2000), random.randint(1, 12), random.randint(1, 28)),
            random.choice((Sex.MALE, Sex.FEMALE)),
        )
        for _ in range(3000)
    ]
    twice = [replace(one, full_name=folded(one.full_name)) for one in people[:600]]

    table = table_of(
        json.loads(json.dumps(estimate([*people, *twice], random, {"made": "here"}, pairs=20_000)))
    )

    assert (
        scored(table, people[0], twice[0], 10**6).score
        > 0.5
        > scored(table, people[0], people[1], 10**6).score
    )
    assert (
        table.weight("full_name", NameLevel.DIACRITICS_LOST)
        > 5
        > table.weight("full_name", NameLevel.DIFFERS)
    )


def test_of_several_entries_of_one_person_the_best_counts_once():
    root, other = UUID(int=1), UUID(int=2)
    scores = [
        (root, Scored(0.4, ())),
        (other, Scored(0.7, ())),
        (root, Scored(0.9, ())),
        (other, Scored(0.05, ())),
    ]

    found = ranked(scores, least=0.1, most=10)

    assert [(one.survivor, one.scored.score) for one in found] == [(root, 0.9), (other, 0.7)]
    assert ranked(scores, least=0.1, most=1) == found[:1]


def test_candidates_are_ten_unless_told_and_fifty_at_most():
    assert [limit(asked) for asked in (0, 1, 50, 51)] == [10, 1, 50, 50]


def test_a_name_and_what_finds_people_are_needed():
    assert missing_facts(Description("An", D(1985))) == []
    assert missing_facts(Description("An", phone="0912345678")) == []
    assert missing_facts(Description(mother_name="Lê Tư", birth=D(2026, 1, 2))) == []
    assert [one.field for one in missing_facts(Description(sex=Sex.MALE))] == [
        "demographics.full_name",
        "demographics.birth_date",
    ]


def test_a_name_is_looked_for_in_each_order_and_by_each_part():
    keys = keys_of(Description("Đạt Nguyeenx Vawn", D(1985, 3, 9)))

    assert folded("Nguyễn Văn Đạt")[::-1] in keys.exact
    assert ("tad", "tad!") in keys.given_names
