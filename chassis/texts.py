"""
What a text may hold, in every string of every request, however deep: no character that is not seen.

PostgreSQL takes no U+0000, so that a row with it is not written; an override of the direction (U+202E)
lets a reviewer read another reason than was given; and a name with a zero-width space is another name
that looks the same.  They are refused with the path of their field.  Which texts may have several lines,
and where numbers of people are struck out or refused, the contract says (`lientuyen.type.v1.text`).
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from lientuyen.type.v1 import text_pb2

from .errors import Violation
from .logs import has_number, redacted

LINES: Final = "\t\n\r"
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
UNSEEN: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff]"
)
UNSEEN_BUT_LINES: Final = re.compile(UNSEEN.pattern.replace(r"\x00-\x1f", r"\x00-\x08\x0b\x0c\x0e-\x1f", 1))

# Characters that every limit on a text whose numbers are struck out leaves: ours may be longer than a number.
SHORT: Final = 255

# Why a row is left of a refusal for a text: it was meant to hide something.
RULES: Final = "text."
HIDDEN: Final = f"{RULES}hidden"


class TextField(NamedTuple):
    """What a field that holds a text, a list of them, or messages takes."""

    unseen: re.Pattern[str]
    numbers: int
    is_text: bool
    is_list: bool
    is_map: bool
    is_message: bool
    row_by_row: bool


def text_faults(message: Message, path: str = "") -> list[Violation]:
    """Return what is wrong with the texts of *message*; those of rows that are judged apart are left out."""
    return list(_faults(message, path))


def strike_out(message: Message) -> None:
    """Strike out the numbers of people in those texts of *message* that the contract says."""
    own, inner = _struck(message.DESCRIPTOR)
    for name in own:
        text: str = getattr(message, name)
        setattr(message, name, redacted(text)[: max(len(text), SHORT)])
    for name, is_list in inner:
        for nested in getattr(message, name) if is_list else [getattr(message, name)]:
            if is_list or message.HasField(name):
                strike_out(nested)


def make_plain(message: Message) -> None:
    """Take out of the texts of *message* what a service refuses: we ask with what was read from a file."""
    for field, value in message.ListFields():
        kind = text_field(field)
        if kind.is_text and not kind.is_list:
            if kind.unseen.search(value):
                setattr(message, field.name, plain(value, kind.unseen))
        elif kind.is_text:
            value[:] = [plain(text, kind.unseen) for text in value]
        elif kind.is_message and not kind.is_map:
            for nested in value if kind.is_list else [value]:
                make_plain(nested)


def plain(text: str, unseen: re.Pattern[str] = UNSEEN) -> str:
    """Return *text* without what is not seen; a line break becomes a space where there is but one line."""
    if unseen.search(text) is None:
        return text
    return unseen.sub(lambda match: " " if match[0] in LINES else "", text)


def escaped(text: str) -> str:
    r"""Return *text* as the access log takes it whatever it holds: U+202E is written `\u202e`."""
    return UNSEEN.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def _faults(message: Message, path: str) -> Iterator[Violation]:
    for field, value in message.ListFields():
        kind = text_field(field)
        if not (kind.is_text or kind.is_message or kind.is_map) or kind.row_by_row:
            continue
        for place, entry in _entries(kind, value):
            where = f"{path}{field.name}{place}"
            if isinstance(entry, str):
                yield from _faults_of_text(kind, entry, where)
            elif isinstance(entry, Message):
                yield from _faults(entry, f"{where}.")


def _entries(kind: TextField, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a field holds, and its place in it: a key of a map comes from the caller, like a value."""
    if kind.is_map:
        for key in cast(Mapping[Any, Any], value):
            yield '["…"]', key
            yield '["…"]', value[key]
    elif kind.is_list:
        yield from ((f"[{index}]", entry) for index, entry in enumerate(value))
    else:
        yield "", value


def _faults_of_text(kind: TextField, text: str, where: str) -> Iterator[Violation]:
    if match := kind.unseen.search(text):
        yield _unseen(where, match)
    if kind.numbers == text_pb2.PERSON_NUMBERS_REFUSED and has_number(text):
        vi = "Không được chứa số định danh, số thẻ hay số điện thoại của người bệnh."
        yield Violation(where, f"{RULES}person_number", "holds what may be a number of a person", vi)


def _unseen(where: str, match: re.Match[str]) -> Violation:
    code, place = f"U+{ord(match[0]):04X}", match.start() + 1
    if CONTROL.fullmatch(match[0]):
        en, vi = f"has the control character {code}", f"Có ký tự điều khiển {code}"
        return Violation(where, f"{RULES}control", f"{en} at {place}", f"{vi} ở vị trí {place}.")
    en, vi = f"has {code}, which is not seen,", f"Có ký tự ẩn {code}"
    return Violation(where, HIDDEN, f"{en} at {place}", f"{vi} ở vị trí {place}.")


@cache
def text_field(field: FieldDescriptor) -> TextField:
    options = cast(Any, field.GetOptions()).Extensions
    inner = field.message_type
    is_map = inner is not None and inner.GetOptions().map_entry
    return TextField(
        unseen=UNSEEN_BUT_LINES if options[text_pb2.several_lines] else UNSEEN,
        numbers=options[text_pb2.person_numbers],
        is_text=field.type == FieldDescriptor.TYPE_STRING,
        is_list=field.is_repeated and not is_map,
        is_map=is_map,
        is_message=inner is not None and not is_map,
        row_by_row=options[text_pb2.row_by_row],
    )


@cache
def _struck(descriptor: Descriptor) -> tuple[tuple[str, ...], tuple[tuple[str, bool], ...]]:
    """Return the fields whose numbers are struck out, and those that hold messages with such ones."""
    own = [
        field.name
        for field in descriptor.fields
        if text_field(field).numbers == text_pb2.PERSON_NUMBERS_STRUCK_OUT
    ]
    inner = [
        (field.name, field.is_repeated)
        for field in descriptor.fields
        if text_field(field).is_message and field.message_type is not descriptor
        if any(_struck(field.message_type))
    ]
    return tuple(own), tuple(inner)
