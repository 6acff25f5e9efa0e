"""
A register in a CSV file, read line by line into the batches of an import.

    with path.open("rb") as file:
        lines = CsvLines(file)
        mapping = ColumnMapping.of("persons", lines)
        for request in batches(mapping, lines, salt, row_faults): ...

The id of a batch comes from the content of the file and the batch's number: who sends the same
file again gets the first answers for what was stored, and goes on behind it.
"""

import hashlib
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Self

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from kcb.vietnamese_text import folded
from lientuyen.identity.v1 import eligibility_service_pb2, person_service_pb2
from lientuyen.type.v1.date_pb2 import Date

from . import column_names
from .csv_files import CsvLines, UnreadableCsv
from .typed_numbers import clean

# The most rows of a batch that the contract allows.
MAX_BATCH_ROWS = 5_000

# The namespace of the ids of batches: any UUID that is always the same, while a file is read as it is now.
# When the same cells become other rows it must be another, or a batch would be refused for its id.
REQUEST_ID_NAMESPACE = uuid.UUID("0d0c8a0e-8f0f-4c58-9c27-5d0f2b1a7c44")

REGISTERS: dict[str, tuple[Any, Any]] = {
    "persons": (person_service_pb2.ImportPersonsRequest, person_service_pb2.PersonRow),
    "coverages": (eligibility_service_pb2.ImportCoveragesRequest, eligibility_service_pb2.CoverageRow),
}

# Sent for what cannot be read, so that the server refuses the row and names the field.
UNREADABLE_DATE = Date(year=9999, month=99, day=99)
UNREADABLE_NUMBER = -1

TRUE_CELLS = frozenset({"1", "true", "x", "co"})
# GIOI_TINH in words.
SEXES = {"nam": 1, "nu": 2, "chua xac dinh": 3}

# What people type with spaces, dots and small letters.
NUMBERS = frozenset(
    {"personal_id", "old_id", "social_insurance_number", "card_number", "initial_facility_code", "area_code"}
)

# 1985-03-12, 12/03/1985, 12.03.1985, 19850312; the day, and the month too, may be missing.
DATE_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"(?P<year>\d{4})(?:[-/.](?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2}))?)?(?:[ T]00:00(?::00)?)?",
        r"(?:(?P<day>\d{1,2})[-/.])?(?P<month>\d{1,2})[-/.](?P<year>\d{4})(?: 00:00(?::00)?)?",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:0000)?",
    )
)


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a line is not a row: it is sent empty, and its refusal told in these words."""

    line: int
    rule: str
    message_vi: str


@lru_cache(65_536)
def parse_date(text: str) -> Date:
    """Return the date in `1985-03-12`, `1985-03`, `1985`, `12/03/1985` or `19850312`."""
    match = next(filter(None, (form.fullmatch(text) for form in DATE_FORMS)), None)
    if match is None:
        return UNREADABLE_DATE
    return Date(**{part: int(digits) for part, digits in match.groupdict("0").items()})


def parse_number(text: str) -> int:
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else UNREADABLE_NUMBER


def parse_sex(text: str) -> int:
    return SEXES.get(column_names.fold(text)) or parse_number(text)


def parser_of(field: FieldDescriptor) -> Callable[[str], Any] | None:
    """Return what reads a cell of *field*; None for text."""
    if field.name in NUMBERS:
        return clean
    if field.name == "sex":
        return parse_sex
    if field.message_type is not None:
        return parse_date
    if field.type == FieldDescriptor.TYPE_BOOL:
        return lambda text: folded(text) in TRUE_CELLS
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

    Cells are named by their index in the line; those of *nameless* columns must be empty.
    """

    request: Any
    row: Any
    width: int
    texts: list[tuple[str, int]]
    parsed: list[tuple[str, int, Callable[[str], Any]]]
    nested: dict[str, list[tuple[str, int, Callable[[str], Any] | None]]]
    nameless: list[int]

    @classmethod
    def of(cls, register: str, lines: CsvLines) -> Self:
        """Return the mapping of the columns that the next line names; UnreadableCsv for an unknown one."""
        request, row = REGISTERS[register]
        known = columns(row.DESCRIPTOR)
        header = next(lines, [])
        names = column_fields(header, list(known), lines.number if header else 1)
        mapping = cls(
            request, row, len(header), [], [], {}, [index for index, cell in enumerate(header) if not cell]
        )
        for index, name in names.items():
            parse = parser_of(known[name])
            outer, _, inner = name.rpartition(".")
            if outer:
                mapping.nested.setdefault(outer, []).append((inner, index, parse))
            elif parse is None:
                mapping.texts.append((name, index))
            else:
                mapping.parsed.append((name, index, parse))
        return mapping

    def fault(self, cells: Sequence[str], line: int) -> RowFault | None:
        """Return why *cells* are no row: fewer than the columns, or one that no heading stands over."""
        if len(cells) < self.width:
            sentence = f"Dòng {line} có {len(cells)} ô, dòng đầu có {self.width}."
            return RowFault(line, "line.short", sentence)
        astray = next(
            (index for index in (*self.nameless, *range(self.width, len(cells))) if cells[index]), None
        )
        if astray is None:
            return None
        return RowFault(line, "line.nameless", f"Dòng {line}, cột {astray + 1}: ô không có tên cột.")

    def build(self, cells: Sequence[str]) -> Any:
        """Return the row in *cells*, which have no `fault`."""
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


def column_fields(header: Sequence[str], known: Sequence[str], line: int) -> dict[int, str]:
    """Return the field of each column, by its index, without those that have no name or only count."""
    names: dict[int, str] = {}
    for index, heading in enumerate(header):
        name = column_names.field_of(heading, known)
        if name is None:
            message_vi = f"Không có trường “{heading[:40]}”; các trường: {', '.join(known)}"
            raise column_fault(
                message_vi, f"No field {heading[:40]!r}; the fields are {', '.join(known)}", line, index
            )
        if name and name in names.values():
            raise column_fault(f"Hai cột cùng là {name}", f"Two columns are {name}", line, index)
        if name:
            names[index] = name
    if not names:
        message_vi = f"Dòng đầu phải ghi tên trường; các trường: {', '.join(known)}"
        raise column_fault(message_vi, f"The first line must name the fields: {', '.join(known)}", line, 0)
    return names


def column_fault(message_vi: str, message: str, line: int, index: int) -> UnreadableCsv:
    return UnreadableCsv(message_vi, message, reason="CSV_COLUMNS", line=line, column=index + 1)


def fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def batches(
    mapping: ColumnMapping,
    lines: CsvLines,
    salt: str,
    row_faults: dict[int, RowFault],
    size: int = MAX_BATCH_ROWS,
) -> Iterator[Any]:
    """Give the requests for *lines*, which begin after the header; *salt* tells the file from any other.

    A line that is no row is noted in *row_faults* by the number of its row, and sent empty, to be refused.
    """
    first = 1
    while rows := next_rows(mapping, lines, first, row_faults, size):
        request_id = uuid.uuid5(
            REQUEST_ID_NAMESPACE, f"{salt} {mapping.row.DESCRIPTOR.full_name} {size} {first}"
        )
        yield mapping.request(request_id=str(request_id), first_row=first, rows=rows)
        first += len(rows)


def next_rows(
    mapping: ColumnMapping, lines: CsvLines, first: int, row_faults: dict[int, RowFault], size: int
) -> list[Any]:
    rows: list[Any] = []
    for cells in islice(lines, size):
        if fault := mapping.fault(cells, lines.number):
            row_faults[first + len(rows)] = fault
        rows.append(mapping.row() if fault else mapping.build(cells))
    return rows
