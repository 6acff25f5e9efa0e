"""
A register in a CSV file, read line by line into the batches of an import.

    with path.open("rb") as file:
        lines = csv_lines(file)
        mapping = ColumnMapping.of("persons", next(lines))
        for request in batches(mapping, lines, salt): ...

The id of a batch comes from the content of the file and the batch's number: who sends the same
file again gets the first answers for what was stored, and goes on behind it.
"""

import csv
import hashlib
import io
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Self

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from lientuyen.identity.v1 import eligibility_service_pb2, person_service_pb2
from lientuyen.type.v1.date_pb2 import Date

# The most rows of a batch that the contract allows.
MAX_BATCH_ROWS = 5_000

# The namespace of the ids of batches: any UUID that is always the same.
REQUEST_ID_NAMESPACE = uuid.UUID("6a3c1c0e-5d1f-4d0b-9f57-3f7a5f0c2b11")

REGISTERS: dict[str, tuple[Any, Any]] = {
    "persons": (person_service_pb2.ImportPersonsRequest, person_service_pb2.PersonRow),
    "coverages": (eligibility_service_pb2.ImportCoveragesRequest, eligibility_service_pb2.CoverageRow),
}

# Sent for what cannot be read, so that the server refuses the row and names the field.
UNREADABLE_DATE = Date(year=9999, month=99, day=99)
UNREADABLE_NUMBER = -1

TRUE_CELLS = frozenset({"1", "true", "x", "có"})


class UnknownColumns(Exception):
    """The header names columns that the contract does not have."""

    def __init__(self, unknown: Sequence[str], known: Sequence[str]) -> None:
        super().__init__(f"{', '.join(unknown)}; {', '.join(known)}")
        self.unknown, self.known = unknown, known


@lru_cache(65_536)
def parse_date(text: str) -> Date:
    """Return the date in `1985-03-12`, `1985-03`, `1985` or `12/03/1985`."""
    if match := re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", text, re.ASCII):
        return Date(
            **dict(zip(("year", "month", "day"), (int(part or 0) for part in match.groups()), strict=True))
        )
    if match := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text, re.ASCII):
        return Date(year=int(match[3]), month=int(match[2]), day=int(match[1]))
    return UNREADABLE_DATE


def parse_number(text: str) -> int:
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else UNREADABLE_NUMBER


def parser_of(field: FieldDescriptor) -> Callable[[str], Any] | None:
    """Return what reads a cell of *field*; None for text."""
    if field.message_type is not None:
        return parse_date
    if field.type == FieldDescriptor.TYPE_BOOL:
        return lambda text: text.strip().lower() in TRUE_CELLS
    return None if field.type == FieldDescriptor.TYPE_STRING else parse_number


def columns(row: Descriptor) -> dict[str, FieldDescriptor]:
    """Return the columns that a file may have: `full_name`, `birth_date`, `address.line`, …"""
    by_name: dict[str, FieldDescriptor] = {}
    for field in row.fields:
        if field.is_repeated:
            continue
        if field.message_type is None or field.message_type is Date.DESCRIPTOR:
            by_name[field.name] = field
        else:
            by_name |= {f"{field.name}.{name}": inner for name, inner in columns(field.message_type).items()}
    return by_name


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """How the cells of a line become a row: which are text, which are parsed, which go into a nested message.

    Cells are named by their index in the line.
    """

    request: Any
    row: Any
    width: int
    texts: list[tuple[str, int]]
    parsed: list[tuple[str, int, Callable[[str], Any]]]
    nested: dict[str, list[tuple[str, int, Callable[[str], Any] | None]]]

    @classmethod
    def of(cls, register: str, header: Sequence[str]) -> Self:
        request, row = REGISTERS[register]
        known = columns(row.DESCRIPTOR)
        unknown = [name for name in header if name not in known]
        if unknown or not header:
            raise UnknownColumns(unknown, list(known))
        mapping = cls(request, row, len(header), [], [], {})
        for index, name in enumerate(header):
            parse = parser_of(known[name])
            outer, _, inner = name.rpartition(".")
            if outer:
                mapping.nested.setdefault(outer, []).append((inner, index, parse))
            elif parse is None:
                mapping.texts.append((name, index))
            else:
                mapping.parsed.append((name, index, parse))
        return mapping

    def build(self, cells: Sequence[str]) -> Any:
        """Return the row in *cells*.  A line of another length is an empty row, which is refused."""
        if len(cells) != self.width:
            return self.row()
        values: dict[str, Any] = {name: cells[index] for name, index in self.texts}
        for name, index, parse in self.parsed:
            if cells[index]:
                values[name] = parse(cells[index])
        for outer, fields in self.nested.items():
            inner = {
                name: parse(cells[index]) if parse else cells[index]
                for name, index, parse in fields
                if cells[index]
            }
            if inner:
                values[outer] = inner
        return self.row(**values)


def fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def csv_lines(file: BinaryIO) -> Iterator[list[str]]:
    return csv.reader(io.TextIOWrapper(file, encoding="utf-8-sig", newline=""))


def batches(
    mapping: ColumnMapping, lines: Iterator[list[str]], salt: str, size: int = MAX_BATCH_ROWS
) -> Iterator[Any]:
    """Give the requests for *lines*, which begin after the header; *salt* tells the file from any other."""
    first = 1
    while rows := next_rows(mapping, lines, size):
        request_id = uuid.uuid5(
            REQUEST_ID_NAMESPACE, f"{salt} {mapping.row.DESCRIPTOR.full_name} {size} {first}"
        )
        yield mapping.request(request_id=str(request_id), first_row=first, rows=rows)
        first += len(rows)


def next_rows(mapping: ColumnMapping, lines: Iterator[list[str]], size: int) -> list[Any]:
    rows: list[Any] = []
    for cells in lines:
        if cells:
            rows.append(mapping.build(cells))
        if len(rows) == size:
            break
    return rows
