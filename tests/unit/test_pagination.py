"""Page tokens: which open, which are refused, and what the caller hears."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message

from chassis import clock
from chassis.encryption import Encryptor, make_key
from chassis.errors import InvalidArgument
from chassis.pagination import MAX_PAGE_BYTES, NEWEST, Cursor, Paginator, from_micros, to_micros
from lientuyen.chassis.v1 import audit_service_pb2 as pb

PERSON = "//identity.lientuyen/persons/0b6f3a52-6d0e-4b1c-9d57-0c4a5b1f2e11"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder with one key."""
    make_key(tmp_path)
    return tmp_path


@pytest.fixture
def paginator(keys: Path) -> Paginator:
    """Page tokens under that key."""
    return Paginator(Encryptor(keys))


def asked(subject: str = PERSON, **fields: int | str) -> pb.ListAccessesRequest:
    """A request for a list."""
    return pb.ListAccessesRequest(subject=subject, **fields)


def message(name: str, **fields: str) -> Message:
    """A message of a type made here, all of whose fields are strings; with a `page_token`."""
    fields["page_token"] = ""
    file = descriptor_pb2.FileDescriptorProto(name=f"{name}.proto", package="test", syntax="proto3")
    file.message_type.add(name=name)
    for number, field in enumerate(fields, 1):
        file.message_type[0].field.add(name=field, number=number, type=9, label=1)
    made = message_factory.GetMessages([file], pool=descriptor_pool.DescriptorPool())
    return made[f"test.{name}"](**fields)


def position_in(paginator: Paginator, token: str, arguments: Message) -> list[str | int]:
    """Where the page of *arguments* begins, asked for with *token*."""
    request = type(arguments)()
    request.CopyFrom(arguments)
    request.page_token = token
    return paginator.open(request).position


def is_refused(paginator: Paginator, token: str, arguments: Message) -> bool:
    """Whether the token is refused, for the documented reason."""
    with pytest.raises(InvalidArgument) as caught:
        position_in(paginator, token, arguments)
    return caught.value.reason.name == "ERROR_REASON_PAGE_TOKEN_INVALID"


@pytest.mark.parametrize("position", [[], ["a"], [1_795_000_000_123_456, "id"], ["Đ", -1, ""]], ids=str)
def test_a_token_gives_back_its_position(paginator, position):
    assert position_in(paginator, paginator.token(position, asked()), asked()) == position


def test_no_token_is_the_first_page(paginator):
    assert position_in(paginator, "", asked()) == []
    assert paginator.open(asked()).before == NEWEST


def test_another_page_size_goes_on_with_the_same_token(paginator):
    token = paginator.token(["x"], asked(page_size=10))

    assert position_in(paginator, token, asked(page_size=500)) == ["x"]


def test_another_access_context_goes_on_with_the_same_token(paginator):
    token = paginator.token(["x"], message("List", person="p", access="morning"))

    assert position_in(paginator, token, message("List", person="p", access="evening")) == ["x"]


def test_a_token_for_other_arguments_is_refused(paginator):
    token = paginator.token(["x"], asked())

    assert is_refused(paginator, token, asked(PERSON[:-1] + "2"))


def test_a_token_of_another_method_is_refused(paginator):
    token = paginator.token(["x"], message("ListResults", person="p"))

    assert is_refused(paginator, token, message("ListImmunizations", person="p"))


def test_a_token_with_any_changed_letter_is_refused(paginator):
    token = paginator.token(["x", 12], asked())

    for place in range(len(token)):
        other = "A" if token[place] != "A" else "B"
        assert is_refused(paginator, token[:place] + other + token[place + 1 :], asked())


@pytest.mark.parametrize("token", ["x", "====", "Trang hai", "AAAA" * 200, "\0"])
def test_what_was_never_a_token_is_refused(paginator, token):
    assert is_refused(paginator, token, asked())


def test_a_token_is_refused_after_three_days(paginator):
    start = datetime(2026, 11, 21, 8, tzinfo=UTC)
    with clock.fixed(start):
        token = paginator.token(["x"], asked())

    with clock.fixed(start + timedelta(days=3)):
        assert position_in(paginator, token, asked()) == ["x"]
    with clock.fixed(start + timedelta(days=3, seconds=1)):
        assert is_refused(paginator, token, asked())


def test_a_token_outlives_a_new_key_and_dies_with_its_own(paginator, keys):
    token = paginator.token(["x"], asked())
    make_key(keys)
    assert position_in(paginator, token, asked()) == ["x"]

    min(keys.iterdir()).unlink()

    assert is_refused(paginator, token, asked())


def test_a_token_shows_nothing_and_fits_into_a_request(paginator):
    token = paginator.token(["secret-position" * 30], asked())

    assert "secret" not in token
    assert len(token) <= 1024


def test_a_position_too_long_for_a_request_is_a_mistake_of_ours(paginator):
    with pytest.raises(ValueError, match="ListAccessesRequest"):
        paginator.token(["x" * 1000], asked())


@pytest.mark.parametrize(
    ("rows", "page", "more"),
    [([], [], False), ([1, 2], [1, 2], False), ([1, 2, 3], [1, 2], True)],
)
def test_the_row_too_many_makes_the_next_page(paginator, rows, page, more):
    shown, token = paginator.open(asked(page_size=2)).close(rows, key=lambda row: [row])

    assert (shown, bool(token)) == (page, more)
    assert not more or position_in(paginator, token, asked()) == [2]


@pytest.mark.parametrize(
    ("rows", "fitting"),
    [([1, 1, 1], 2), ([MAX_PAGE_BYTES, 1], 1), ([MAX_PAGE_BYTES + 1, 1], 1), ([MAX_PAGE_BYTES - 1, 1], 2)],
)
def test_a_page_of_long_rows_is_shorter_and_is_gone_on_with(paginator, rows, fitting):
    page = paginator.open(asked(page_size=2))

    shown, token = page.close(rows, key=lambda row: [row], bytes_of=lambda row: row)

    assert shown == rows[:fitting]
    assert bool(token) == (len(rows) > fitting)


def test_the_size_of_a_page_has_a_default_and_a_maximum(paginator):
    sizes = [paginator.open(asked(page_size=size)).limit - 1 for size in (0, 1, 500, 501)]

    assert sizes == [50, 1, 500, 500]


def test_a_page_of_what_is_ordered_by_time_and_id_goes_on_before_its_last_row(paginator):
    moments = [datetime(2026, 11, day, 8, 30, 15, 123457, tzinfo=UTC) for day in (9, 8, 7)]
    rows = [Cursor(moment, UUID(int=moment.day)) for moment in moments]

    _, token = paginator.open(asked(page_size=2)).close(rows, key=lambda row: row)

    assert paginator.open(asked(page_token=token)).before == rows[1]


def test_a_moment_survives_a_position_to_the_microsecond():
    moment = datetime(2026, 11, 21, 8, 30, 15, 123457, tzinfo=UTC)

    assert from_micros(to_micros(moment)) == moment
