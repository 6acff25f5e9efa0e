"""
A register in a CSV file, sent in batches: only a few of them in memory, none twice.

    plan = Plan.of("persons", header)
    async for progress in sending(exchange.persons.ImportPersons, batches(plan, path, salt)):
        ...

The id of a batch comes from the content of the file and the batch's number: who sends the same
file again gets the first answers for what was stored, and goes on behind it.
"""

import asyncio
import csv
import hashlib
import io
import re
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Self

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from lientuyen.identity.v1 import eligibility_service_pb2, person_service_pb2
from lientuyen.identity.v1.import_pb2 import ImportProgress
from lientuyen.type.v1.date_pb2 import Date

from .errors import Unavailable

# Rows of a batch: the most that the contract allows.
BATCH = 5_000

# Batches sent and not answered.  The server works on two; one more is on its way.
WINDOW = 3

# How often a stream that broke is opened again without an answer in between, and the seconds before each.
ATTEMPTS = 8
PAUSE = 2.0

# What the ids of batches are made in.  Any UUID that is always the same.
SPACE = uuid.UUID("6a3c1c0e-5d1f-4d0b-9f57-3f7a5f0c2b11")

KINDS: dict[str, tuple[Any, Any]] = {
    "persons": (person_service_pb2.ImportPersonsRequest, person_service_pb2.PersonRow),
    "coverages": (eligibility_service_pb2.ImportCoveragesRequest, eligibility_service_pb2.CoverageRow),
}

# Sent for what cannot be read, so that the server refuses the row and names the field.
NO_DAY = Date(year=9999, month=99, day=99)
NO_NUMBER = -1

TRUE = frozenset({"1", "true", "x", "có"})


class UnknownColumns(Exception):
    """The header names columns that the contract does not have."""

    def __init__(self, unknown: Sequence[str], known: Sequence[str]) -> None:
        super().__init__(f"{', '.join(unknown)}; {', '.join(known)}")
        self.unknown, self.known = unknown, known


@lru_cache(65_536)
def day(text: str) -> Date:
    """Return the date in `1985-03-12`, `1985-03`, `1985` or `12/03/1985`."""
    if found := re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", text, re.ASCII):
        return Date(
            **dict(zip(("year", "month", "day"), (int(part or 0) for part in found.groups()), strict=True))
        )
    if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text, re.ASCII):
        return Date(year=int(found[3]), month=int(found[2]), day=int(found[1]))
    return NO_DAY


def whole_number(text: str) -> int:
    """Return the number, or one that the server refuses."""
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else NO_NUMBER


def reader(of: FieldDescriptor) -> Callable[[str], Any] | None:
    """Return what reads a cell of this field; None for text."""
    if of.message_type is not None:
        return day
    if of.type == FieldDescriptor.TYPE_BOOL:
        return lambda text: text.strip().lower() in TRUE
    return None if of.type == FieldDescriptor.TYPE_STRING else whole_number


def columns(row: Descriptor) -> dict[str, FieldDescriptor]:
    """Return the columns that a file may have: `full_name`, `birth_date`, `address.line`, …"""
    found: dict[str, FieldDescriptor] = {}
    for one in row.fields:
        if one.is_repeated:
            continue
        if one.message_type is None or one.message_type is Date.DESCRIPTOR:
            found[one.name] = one
        else:
            found |= {f"{one.name}.{name}": inner for name, inner in columns(one.message_type).items()}
    return found


@dataclass(frozen=True, slots=True)
class Plan:
    """How the cells of a line become a row: which are text, which are read, which go into a part."""

    request: Any
    row: Any
    width: int
    texts: list[tuple[str, int]]
    others: list[tuple[str, int, Callable[[str], Any]]]
    parts: dict[str, list[tuple[str, int, Callable[[str], Any] | None]]]

    @classmethod
    def of(cls, kind: str, header: Sequence[str]) -> Self:
        """Return the plan for a file with this *header*; raise `UnknownColumns`."""
        request, row = KINDS[kind]
        known = columns(row.DESCRIPTOR)
        unknown = [name for name in header if name not in known]
        if unknown or not header:
            raise UnknownColumns(unknown, list(known))
        plan = cls(request, row, len(header), [], [], {})
        for place, name in enumerate(header):
            read = reader(known[name])
            part, _, inner = name.rpartition(".")
            if part:
                plan.parts.setdefault(part, []).append((inner, place, read))
            elif read is None:
                plan.texts.append((name, place))
            else:
                plan.others.append((name, place, read))
        return plan

    def build(self, cells: Sequence[str]) -> Any:
        """Return the row in *cells*.  A line of another length is an empty row, which is refused."""
        if len(cells) != self.width:
            return self.row()
        told: dict[str, Any] = {name: cells[place] for name, place in self.texts}
        for name, place, read in self.others:
            if cells[place]:
                told[name] = read(cells[place])
        for part, several in self.parts.items():
            inside = {
                name: read(cells[place]) if read else cells[place]
                for name, place, read in several
                if cells[place]
            }
            if inside:
                told[part] = inside
        return self.row(**told)


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def opened(file: BinaryIO) -> Iterator[list[str]]:
    """Give the lines of a CSV file in UTF-8, with or without a byte order mark."""
    return csv.reader(io.TextIOWrapper(file, encoding="utf-8-sig", newline=""))


def batches(plan: Plan, lines: Iterator[list[str]], salt: str, size: int = BATCH) -> Iterator[Any]:
    """Give the requests for *lines*, which begin after the header; *salt* tells the file from any other."""
    first = 1
    while rows := _some(plan, lines, size):
        request_id = uuid.uuid5(SPACE, f"{salt} {plan.row.DESCRIPTOR.full_name} {size} {first}")
        yield plan.request(request_id=str(request_id), first_row=first, rows=rows)
        first += len(rows)


def _some(plan: Plan, lines: Iterator[list[str]], size: int) -> list[Any]:
    rows: list[Any] = []
    for cells in lines:
        if cells:
            rows.append(plan.build(cells))
        if len(rows) == size:
            break
    return rows


@dataclass(slots=True)
class _Sender:
    """What was sent and not answered, over all the streams that it took."""

    fresh: Iterator[Any]
    waiting: deque[Any] = field(default_factory=deque)
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(WINDOW))
    stream: int = 0

    async def feed(self) -> AsyncIterator[Any]:
        """Give again what was not answered, then what is new, as there is room."""
        self.stream += 1
        mine = self.stream
        for request in tuple(self.waiting):
            yield request
        while True:
            await self.room.acquire()
            if mine != self.stream:  # another stream has taken over
                self.room.release()
                return
            request = next(self.fresh, None)
            if request is None:
                return
            self.waiting.append(request)
            yield request

    def answered(self) -> None:
        self.waiting.popleft()
        self.room.release()


async def sending(
    method: Callable[[AsyncIterator[Any]], AsyncIterator[Any]], requests: Iterator[Any]
) -> AsyncIterator[ImportProgress]:
    """Send *requests* and give what became of each, in order.

    A stream that breaks is opened again, and goes on with the first batch that was not
    answered; `Unavailable` when nobody answers for about a minute.
    """
    sender, failed = _Sender(requests), 0
    while True:
        try:
            async for reply in method(sender.feed()):
                failed = 0
                sender.answered()
                yield reply.progress
            return
        except Unavailable:
            failed += 1
            if failed == ATTEMPTS:
                raise
        await asyncio.sleep(PAUSE * failed / 2)
