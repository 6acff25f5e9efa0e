"""The people of the bench: known by number, nobody alive, and none twice."""

from hypothesis import given
from hypothesis import strategies as st

from bench import invented
from bench.filling import CHUNK_ROWS, chunks
from common.values import PartialDate
from services.identity.model.identifiers import FORMS, Kind, personal_id_warnings
from services.identity.model.places import CARD_PROVINCES

NUMBERS = st.integers(0, invented.UNKNOWN[-1])


@given(NUMBERS)
def test_every_number_has_its_form(number: int):
    who = invented.invented(number)

    assert FORMS[Kind.PERSONAL_ID].fullmatch(who.personal_id)
    assert FORMS[Kind.SOCIAL_INSURANCE_NUMBER].fullmatch(who.insurance_number)
    assert FORMS[Kind.CARD_NUMBER].fullmatch(who.card_number)
    assert who.card_number[3:5] in CARD_PROVINCES


@given(NUMBERS)
def test_nobody_lives_and_nothing_else_about_them_is_odd(number: int):
    who = invented.invented(number)
    born = PartialDate(who.birth.year, who.birth.month, who.birth.day)

    assert who.birth.year < 2026
    assert [fault.rule for fault in personal_id_warnings(who.personal_id, born, who.sex)] == [
        "personal_id.birth_year"
    ]


@given(st.sets(NUMBERS, min_size=2, max_size=50))
def test_no_two_persons_share_a_number(numbers: set[int]):
    people = [invented.invented(number) for number in numbers]

    for kind in ("id", "personal_id", "insurance_number", "card_number"):
        assert len({getattr(who, kind) for who in people}) == len(numbers)


def test_names_vary_as_names_do():
    people = [invented.invented(number) for number in range(2000)]

    names = [who.full_name for who in people]
    families = [name.split()[0] for name in names]
    assert len(set(names)) > 1500
    assert 0.25 < families.count("NGUYỄN") / len(families) < 0.40
    assert 0.4 < sum(who.sex == 2 for who in people) / len(people) < 0.6


def test_those_stored_those_imported_and_those_unknown_are_different_people():
    assert invented.IMPORTED[0] >= invented.MAX_PERSONS
    assert invented.IMPORTED[-1] < invented.UNKNOWN[0]
    assert invented.UNKNOWN[-1] < 100_000_000


def test_chunks_are_all_persons_once():
    found = list(chunks(10, 2 * CHUNK_ROWS + 20))

    assert found == [
        (10, CHUNK_ROWS + 9),
        (CHUNK_ROWS + 10, 2 * CHUNK_ROWS + 9),
        (2 * CHUNK_ROWS + 10, 2 * CHUNK_ROWS + 19),
    ]
