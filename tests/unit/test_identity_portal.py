"""Reading the insurance portal's replies: whatever comes is an answer or a reason, never an exception."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from common.values import PartialDate
from services.identity.model.coverages import PORTAL, Coverage, Issuer
from services.identity.model.eligibility import Place, Question, decide
from services.identity.model.facilities import Level
from services.identity.model.identifiers import Identifier, Kind, State
from services.identity.model.staleness import CoverageResult, Staleness, StaleReason, with_source_reasons
from services.identity.portal import reply
from services.identity.portal.model import PortalResponse, PortalUnavailable, Subject, reconcile
from services.identity.portal.retry_schedule import MAX_ATTEMPTS, VerificationTask, next_retry
from services.identity.settings import Settings
from tests.fake_portal import PASSWORD, SETTINGS, card_of

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
TODAY = date(2026, 11, 21)
SUBJECT = Subject(UUID(int=1), "Trần Văn Thử", PartialDate(1985, 3, 9), ("001485000016",))
FIELDS = [*card_of({"maThe": "001485000016", "hoTen": "", "ngaySinh": ""})]


def body(**more: Any) -> dict[str, Any]:
    asked = {"maThe": "0000000001", "hoTen": SUBJECT.full_name, "ngaySinh": "09/03/1985"}
    return {**card_of(asked), "gtTheTu": "01/01/2026", "gtTheDen": "31/12/2026", **more}


def read(**more: Any) -> PortalResponse:
    return reply.read_reply(body(**more), SUBJECT, NOW)


def response_of(code: str) -> PortalResponse:
    return PortalResponse(SUBJECT.person_id, NOW, code)


def attempt(read_it: Callable[[], Any]) -> Any:
    """What was read, or why nothing was."""
    try:
        return read_it()
    except PortalUnavailable as error:
        return error


def reason(**more: Any) -> str:
    with pytest.raises(PortalUnavailable) as unavailable:
        read(**more)
    return unavailable.value.reason.name


def card(number: str = "DN4010000000001", **more: Any) -> Coverage:
    given = {
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 12, 31),
        "group_code": "DN",
        "benefit_level": 4,
        "initial_facility": "01999",
        "area_code": "",
        "five_years_date": None,
        "issuer": Issuer.SOCIAL_INSURANCE,
        "standing": "",
        "verify_time": NOW,
    }
    return Coverage(number, **{**given, **more})


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
CODES = st.sampled_from(
    [
        *reply.UNAVAILABLE_CODES,
        *reply.NO_CARD_CODES,
        *reply.OTHER_ISSUERS,
        *reply.USABLE_CODES,
        *reply.STOPPED_CODES,
        "010",
        "777",
        0,
        4,
        None,
    ]
)
LIKELY = st.sampled_from(
    [
        "01/01/2026",
        "31/02/2026",
        "1/1/2026",
        "2026-01-01",
        "٠١/٠١/٢٠٢٦",
        "00/00/1985",
        "1985",
        "DN4010000000001",
        "",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), ANYTHING | LIKELY, max_size=8), CODES | ANYTHING)
def test_no_reply_breaks_the_reader(odd: dict[str, Any], code: Any):
    said = attempt(lambda: read(**{**odd, "maKetQua": code}))

    if isinstance(said, PortalUnavailable):
        assert len(said.code) <= 8
    else:
        assert all(one.valid_to is None or one.valid_from <= one.valid_to for one in said.cards)
        assert said.cards or said.code not in reply.USABLE_CODES


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | ANYTHING.map(lambda said: json.dumps(said).encode()))
def test_no_body_breaks_the_reader(content: bytes):
    said = attempt(lambda: reply.read_body(content))

    assert isinstance(said, dict) or said.reason is StaleReason.UPSTREAM_ODD


def test_deep_nesting_is_odd():
    with pytest.raises(PortalUnavailable):
        reply.read_body(b"[" * 200_000)


@settings(max_examples=200, deadline=None)
@given(ANYTHING | st.from_regex(r"[0-9T:.Z/ +-]{0,25}", fullmatch=True) | st.datetimes().map(str))
def test_no_token_is_kept_for_longer_than_a_day(said: Any):
    assert NOW <= reply.token_end(said, NOW) <= NOW + reply.MAX_LIFE


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("2026-11-21T03:05:00Z", 270),
        ("2026-11-21T03:05:00.1234567", 270.123456),
        ("2026-11-21T10:05:00+07:00", 270),
        ("21/11/2026 03:05:00", 270),
        (300, 270),
        ("300", 270),
        (int(NOW.timestamp() * 1000) + 300_000, 270),
        (20, 15),
        ("2026-11-21T02:00:00Z", 0),
        (None, 45),
        ("mai", 45),
    ],
)
def test_a_token_ends_before_its_end(said: Any, seconds: float):
    assert reply.token_end(said, NOW) - NOW == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("31/12/2026", date(2026, 12, 31)),
        ("31122026", date(2026, 12, 31)),
        ("20261231", date(2026, 12, 31)),
        ("20112012", date(2012, 11, 20)),
        ("1-2-2026", date(2026, 2, 1)),
        ("2026-12-31T00:00:00", date(2026, 12, 31)),
        ("31/12/2026 23:59:59", date(2026, 12, 31)),
        ("31/02/2026", None),
        ("31/12/26", None),
        ("00/12/2026", None),
        ("", None),
    ],
)
def test_days_are_read_in_the_forms_seen_and_no_other(said: str, day: date | None):
    assert reply.read_day(said) == day


@settings(max_examples=200, deadline=None)
@given(st.dates(date(1850, 1, 1), date(2299, 12, 31)))
def test_eight_digits_mean_one_day(day: date):
    assert reply.read_day(f"{day:%d%m%Y}") == reply.read_day(f"{day:%d/%m/%Y}") == day


@pytest.mark.parametrize(
    ("birth", "said"),
    [(PartialDate(1985, 3, 9), "09/03/1985"), (PartialDate(1985, 3), "03/1985"), (PartialDate(1985), "1985")],
)
def test_a_birth_date_is_written_as_far_as_it_is_known(birth: PartialDate, said: str):
    assert reply.write_birth(birth) == said
    assert reply.read_birth(said) == birth


def test_a_card_is_read_whole():
    response = read(maKV="k2", maTheCu="HC4010000000001", maSoBHXH="0000000001")

    assert response.code == "000"
    five = date(datetime.now(UTC).year - 1, 1, 1)
    assert response.cards == (card(area_code="K2", five_years_date=five, source=PORTAL),)
    assert response.numbers == (
        Identifier(Kind.CARD_NUMBER, "DN4010000000001"),
        Identifier(Kind.CARD_NUMBER, "HC4010000000001", State.SUPERSEDED),
    )


def test_of_a_ten_digit_card_the_level_stays_what_was_known():
    response = read(maThe="0000000001")
    known = [card("0000000001", benefit_level=2, group_code="HT")]

    assert (response.cards[0].benefit_level, response.cards[0].group_code) == (0, "")
    assert reconcile(response, known, TODAY)[0].benefit_level == 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"maKetQua": "777"}, "UPSTREAM_ODD"),
        ({"maKetQua": ""}, "UPSTREAM_ODD"),
        ({"maKetQua": True}, "UPSTREAM_ODD"),
        ({"gtTheTu": "hôm nay"}, "UPSTREAM_ODD"),
        ({"gtTheDen": "hôm nay"}, "UPSTREAM_ODD"),
        ({"gtTheTu": "01/01/2027"}, "UPSTREAM_ODD"),
        ({"maThe": "DN90100"}, "UPSTREAM_ODD"),
        ({"hoTen": "Trần Văn Khác"}, "UPSTREAM_MISMATCH"),
        ({"ngaySinh": "10/03/1985"}, "UPSTREAM_MISMATCH"),
        ({"maKetQua": "070"}, "UPSTREAM_MISMATCH"),
        ({"maKetQua": "055"}, "ACCOUNT_REFUSED"),
        ({"maKetQua": "101"}, "UPSTREAM_DOWN"),
    ],
)
def test_what_is_no_answer_has_its_reason(more: dict[str, Any], said: str):
    assert reason(**more) == said


@pytest.mark.parametrize("name", ["TRAN VAN THU", "Trần  văn Thử ", "tra\u0302\u0300n văn thử", ""])
def test_a_name_is_the_same_however_it_is_typed(name: str):
    assert read(hoTen=name).cards


@pytest.mark.parametrize("end", ["", "31/12/2099", "21/11/2026"])
def test_a_card_that_the_portal_calls_lapsed_covers_nobody_whatever_its_last_day_says(end: str):
    response = read(maKetQua="010", gtTheDen=end)
    result = CoverageResult(
        reconcile(response, [card()], TODAY), None, "" if response.cards else response.code
    )

    answer = with_source_reasons(decide(QUESTION, list(result.cards)), result)

    assert (answer.covered, answer.result_code) == (False, "010")


def test_a_lapsed_card_is_known_by_its_last_day():
    assert [one.valid_to for one in read(maKetQua="010", gtTheDen="20/11/2026").cards] == [date(2026, 11, 20)]


def test_a_card_without_its_owner_is_nobodys():
    assert reason(hoTen="", ngaySinh="không rõ") == "UPSTREAM_ODD"


def test_what_the_portal_does_not_name_counts_for_the_days_before_and_what_is_over_stays():
    old = card("HC4010000000001", valid_from=date(2025, 1, 1), valid_to=date(2025, 12, 31))
    other = card("HT2010000000001", benefit_level=2)
    gone = card("TN2010000000001", unlisted_on=date(2026, 3, 1))

    cards = {one.card_number: one for one in reconcile(read(), [old, other, gone], TODAY)}

    assert sorted(cards) == ["DN4010000000001", "HC4010000000001", "HT2010000000001", "TN2010000000001"]
    assert (cards["HC4010000000001"], cards["TN2010000000001"]) == (old, gone)
    assert cards["HT2010000000001"] == replace(other, unlisted_on=TODAY)
    assert cards["DN4010000000001"].unlisted_on is None


def test_a_card_that_the_portal_names_again_counts_again():
    assert reconcile(read(), [card(unlisted_on=date(2026, 3, 1))], TODAY)[0].unlisted_on is None


@pytest.mark.parametrize(
    ("day", "said"),
    [(date(2026, 11, 20), (True, "000")), (TODAY, (False, "050")), (date(2027, 1, 2), (False, "050"))],
)
def test_of_whom_the_portal_does_not_know_the_days_before_are_judged_by_what_was_known(
    day: date, said: tuple[bool, str]
):
    result = CoverageResult(reconcile(response_of("050"), [card()], TODAY), None, "050")

    answer = with_source_reasons(decide(replace(QUESTION, day=day), list(result.cards)), result)

    assert (answer.covered, answer.result_code) == said


def test_a_stop_stops_what_runs_and_not_what_was_unlisted():
    gone = card("TN2010000000001", unlisted_on=date(2026, 3, 1))

    cards = reconcile(response_of("121"), [card(), gone], TODAY)

    assert [(one.card_number, one.standing) for one in cards] == [
        ("DN4010000000001", "121"),
        ("TN2010000000001", ""),
    ]


def test_a_stop_without_a_card_stops_what_is_known():
    cards = reconcile(response_of("121"), [card()], TODAY)

    assert [one.standing for one in cards] == ["121"]


QUESTION = Question(TODAY, Place("01999", Level.BASIC))


def test_an_answer_confirmed_is_not_touched():
    answer = decide(QUESTION, [card()])

    assert with_source_reasons(answer, CoverageResult([card()])) is answer


@pytest.mark.parametrize("silence", list(StaleReason))
def test_every_stale_answer_says_that_nobody_is_refused(silence: StaleReason):
    for cards in ([], [card()]):
        result = CoverageResult(cards, Staleness(silence, timedelta(hours=1)))
        answer = with_source_reasons(decide(QUESTION, cards), result)
        assert "không từ chối người bệnh" in answer.message_vi
        assert answer.covered is bool(cards)
        assert answer.unknown is not bool(cards)
        assert (answer.basis_points is None) is not bool(cards)


def test_the_last_known_answer_may_be_that_there_is_no_card():
    result = CoverageResult([], Staleness(StaleReason.UPSTREAM_DOWN, timedelta(hours=1)), "050")

    answer = with_source_reasons(decide(QUESTION, []), result)

    assert (answer.covered, answer.result_code, answer.unknown) == (False, "050", False)


def test_tries_that_did_not_reach_the_portal_do_not_count_and_the_others_end():
    task = VerificationTask(UUID(int=1), 1)
    for _ in range(1000):
        retry = next_retry(task, StaleReason.BREAKER_OPEN)
        assert retry is not None
        task = VerificationTask(task.person_id, retry.attempts + 1)
    assert task.attempts == 1

    waits = []
    while (retry := next_retry(task, StaleReason.UPSTREAM_ODD)) is not None:
        waits.append(retry.delay)
        task = VerificationTask(task.person_id, retry.attempts + 1)

    assert len(waits) == MAX_ATTEMPTS - 1
    assert waits == sorted(waits)
    assert next_retry(VerificationTask(UUID(int=1), 1), StaleReason.UPSTREAM_MISMATCH) is None


def portal_settings(**more: Any) -> Settings:
    settled = {
        "database_url": "postgresql://nobody@nowhere/identity",
        "tls_dir": Path("/nowhere"),
        "keys_dir": Path("/nowhere"),
        **SETTINGS,
    }
    return Settings(**{**settled, **more})


def test_a_portal_needs_an_account_and_tls():
    assert portal_settings(portal_url="https://portal.test").portal_url
    assert portal_settings(portal_url="http://127.0.0.1:8080").portal_url

    for wrong in (
        {"portal_url": "http://portal.test"},
        {"portal_url": "https://portal.test/api?token=1"},
        {"portal_url": "https://portal.test", "portal_password": ""},
        {"portal_url": "https://portal.test", "portal_staff_id": ""},
    ):
        with pytest.raises(ValidationError) as refused:
            portal_settings(**wrong)
        assert PASSWORD not in str(refused.value)


def test_settings_show_no_secret():
    assert PASSWORD not in repr(portal_settings(portal_url="https://portal.test"))
