"""Page tokens: which open, which are refused, and what the caller hears."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message

from chassis import clock
from chassis.encryption import Encryptor, make_key
from chassis.errors import InvalidArgument
from chassis.pagination import Paginator, from_micros, to_micros
from lientuyen.chassis.v1 import audit_service_pb2 as pb

PERSON = "//identity.lientuyen/persons/0b6f3a52-6d0e-4b1c-9d57-0c4a5b1f2e11"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder with one key."""
    make_key(tmp_path)
    return tmp_path


@pytest.fixture
def pages(keys: Path) -> Paginator:
    """Page tokens under that key."""
    return Paginator(Encryptor(keys))


def asked(subject: str = PERSON, **fields: int | str) -> pb.ListAccessesRequest:
    """A request for a list."""
    return pb.ListAccessesRequest(subject=subject, **fields)


def message(name: str, **fields: str) -> Message:
    """A message of a type made here, all of whose fields are strings."""
    file = descriptor_pb2.FileDescriptorProto(name=f"{name}.proto", package="test", syntax="proto3")
    file.message_type.add(name=name)
    for number, field in enumerate(fields, 1):
        file.message_type[0].field.add(name=field, number=number, type=9, label=1)
    made = message_factory.GetMessages([file], pool=descriptor_pool.DescriptorPool())
    return made[f"test.{name}"](**fields)


def is_refused(pages: Paginator, token: str, arguments: Message) -> bool:
    """Whether the token is refused, for the documented reason."""
    with pytest.raises(InvalidArgument) as caught:
        pages.position(token, arguments)
    return caught.value.reason.name == "ERROR_REASON_PAGE_TOKEN_INVALID"


@pytest.mark.parametrize("position", [[], ["a"], [1_795_000_000_123_456, "id"], ["Đ", -1, ""]], ids=str)
def test_a_token_gives_back_its_position(pages, position):
    assert pages.position(pages.token(position, asked()), asked()) == position


def test_no_token_is_the_first_page(pages):
    assert pages.position("", asked()) is None


def test_another_page_size_goes_on_with_the_same_token(pages):
    token = pages.token(["x"], asked(page_size=10))

    assert pages.position(token, asked(page_size=500, page_token=token)) == ["x"]


def test_another_access_context_goes_on_with_the_same_token(pages):
    token = pages.token(["x"], message("List", person="p", access="morning"))

    assert pages.position(token, message("List", person="p", access="evening")) == ["x"]


def test_a_token_for_other_arguments_is_refused(pages):
    token = pages.token(["x"], asked())

    assert is_refused(pages, token, asked(PERSON[:-1] + "2"))


def test_a_token_of_another_method_is_refused(pages):
    token = pages.token(["x"], message("ListResults", person="p"))

    assert is_refused(pages, token, message("ListImmunizations", person="p"))


def test_a_token_with_any_changed_letter_is_refused(pages):
    token = pages.token(["x", 12], asked())

    for place in range(len(token)):
        other = "A" if token[place] != "A" else "B"
        assert is_refused(pages, token[:place] + other + token[place + 1 :], asked())


@pytest.mark.parametrize("token", ["x", "====", "Trang hai", "AAAA" * 200, "\0"])
def test_what_was_never_a_token_is_refused(pages, token):
    assert is_refused(pages, token, asked())


def test_a_token_is_refused_after_three_days(pages):
    start = datetime(2026, 11, 21, 8, tzinfo=UTC)
    with clock.fixed(start):
        token = pages.token(["x"], asked())

    with clock.fixed(start + timedelta(days=3)):
        assert pages.position(token, asked()) == ["x"]
    with clock.fixed(start + timedelta(days=3, seconds=1)):
        assert is_refused(pages, token, asked())


def test_a_token_outlives_a_new_key_and_dies_with_its_own(pages, keys):
    token = pages.token(["x"], asked())
    make_key(keys)
    assert pages.position(token, asked()) == ["x"]

    min(keys.iterdir()).unlink()

    assert is_refused(pages, token, asked())


def test_a_token_shows_nothing_and_fits_into_a_request(pages):
    token = pages.token(["secret-position" * 30], asked())

    assert "secret" not in token
    assert len(token) <= 1024


def test_a_position_too_long_for_a_request_is_a_mistake_of_ours(pages):
    with pytest.raises(ValueError, match="ListAccessesRequest"):
        pages.token(["x" * 1000], asked())


@pytest.mark.parametrize(
    ("rows", "page", "more"),
    [([], [], False), ([1, 2], [1, 2], False), ([1, 2, 3], [1, 2], True)],
)
def test_the_row_too_many_makes_the_next_page(pages, rows, page, more):
    cut, token = pages.cut(rows, 2, lambda row: [row], asked())

    assert (cut, bool(token)) == (page, more)
    assert not more or pages.position(token, asked()) == [2]


def test_the_size_of_a_page_has_a_default_and_a_maximum(pages):
    assert [pages.size(asked) for asked in (0, 1, 500, 501)] == [50, 1, 500, 500]


def test_a_moment_survives_a_position_to_the_microsecond():
    moment = datetime(2026, 11, 21, 8, 30, 15, 123457, tzinfo=UTC)

    assert from_micros(to_micros(moment)) == moment
