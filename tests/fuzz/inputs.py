"""
What the bytes of a fuzzer stand for: a file as it is, a table in a dossier, a signature, changes to a sample.

A dossier holds its tables as base64, which no mutation of bytes gets behind; so the first byte says what the
rest is put into.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from kcb.ksk_catalogue import ksk_catalogue
from kcb.tables import dossier_tables, tables
from tests.samples import files, health_checks
from tests.samples.files import File, sample, table_xml

CODES = tuple(dossier_tables())

# Changes of one sample, at most, and the letters of one value.
MAX_CHANGES, MAX_VALUE = 24, 40

# Values that mean something to a rule, among them what is no number, day or code though it looks like one.
VALUES = (
    *(
        "",
        " ",
        "0",
        "-1",
        "1",
        "9",
        "00",
        "1.000",
        "1e9",
        "٣",
        "１",
        "NaN",
        "Infinity",
        "-0",
        "1,5",
        ".",
        "9" * 30,
    ),
    *(
        "99999999999.99",
        "20261120",
        "202611201015",
        "20261320",
        "000000000000",
        "99991231",
        "20240229",
        "20250229",
    ),
    *("01999", "79999", "I10", "I10;E11", ";;", "Z00.0", "B20", "DN4010000000000", "001385000016", "XML3"),
    *("Nguyễn", "Nguye\u0302\u0303n", "\u200b", "\ufeff", "𠀀", "&lt;", "]]>", "<b/>", "\r\n", "\t"),
)


# The elements around the tables.
ENVELOPE = (
    "GIAMDINHHS",
    "THONGTINDONVI",
    "MACSKCB",
    "THONGTINHOSO",
    "NGAYLAP",
    "SOLUONGHOSO",
    "DANHSACHHOSO",
)
ENVELOPE += ("HOSO", "FILEHOSO", "LOAIHOSO", "NOIDUNGFILE", "CHUKYDONVI", "KHAMSUCKHOE")


@dataclass
class Reader:
    """Takes numbers and texts from bytes; when there are none left, zeros and empty texts."""

    data: bytes
    at: int = 0

    def number(self, below: int) -> int:
        size = 1 if below <= 256 else 2
        taken = self.data[self.at : self.at + size]
        self.at += size
        return int.from_bytes(taken) % below

    def text(self) -> str:
        length = self.number(MAX_VALUE)
        taken = self.data[self.at : self.at + length]
        self.at += length
        return taken.decode("utf8", "replace")

    @property
    def is_spent(self) -> bool:
        return self.at >= len(self.data)


def as_it_is(data: bytes) -> bytes:
    return data


def as_table(data: bytes) -> bytes:
    """A dossier one of whose tables is what follows the first byte."""
    code = CODES[data[0] % len(CODES)] if data else CODES[0]
    file = sample()
    file.tables.setdefault(code, [])
    body = base64.b64encode(data[1:]).decode()
    return file.bytes("".join(file.file(each, body if each == code else None) for each in file.tables))


def as_module(data: bytes) -> bytes:
    """A health check one of whose modules is what follows the first byte."""
    content = health_checks.adult_modules().bytes()
    parts = content.split(b"<NOIDUNGFILE>")
    number = 1 + (data[0] if data else 0) % (len(parts) - 1)
    _, end, rest = parts[number].partition(b"</NOIDUNGFILE>")
    parts[number] = base64.b64encode(data[1:]) + end + rest
    return b"<NOIDUNGFILE>".join(parts)


def as_signature(data: bytes) -> bytes:
    return sample().bytes(signature="\0").replace(b"\0", data)


def as_changes(data: bytes) -> bytes:
    """The sample with values set, elements left out and doubled, and rows and tables taken away."""
    reader, file = Reader(data), _with_all_tables()
    for _ in range(MAX_CHANGES):
        if reader.is_spent:
            break
        change(reader, file)
    return file.bytes()


def _with_all_tables() -> File:
    return replace(
        _SAMPLE, tables={code: [list(row) for row in rows] for code, rows in _SAMPLE.tables.items()}
    )


def _filled_sample() -> File:
    """Return the sample with a row of each table that it has not."""
    file = sample()
    for code in CODES:
        file.tables.setdefault(code, [files.full_row(tables()[code])])
    return file


_SAMPLE = _filled_sample()


def change(reader: Reader, file: File) -> None:
    code = CODES[reader.number(len(CODES))]
    rows = file.tables.get(code)
    if not rows:
        return
    row = rows[reader.number(len(rows))]
    if not row:
        return
    at, what = reader.number(len(row)), reader.number(16)
    name, value = row[at]
    match what:
        case 0:
            del row[at]
        case 1:
            row.append((name, value))
        case 2:
            rows.append(list(row))
        case 3:
            del file.tables[code]
        case 4:
            row[at] = (name, reader.text())
        case 5:
            file.everywhere(name, VALUES[reader.number(len(VALUES))])
        case 6:
            other = row[reader.number(len(row))]
            row[at] = (name, other[1])
        case 7:
            row[at] = (name, value + VALUES[reader.number(len(VALUES))])
        case _:
            row[at] = (name, VALUES[reader.number(len(VALUES))])


KINDS: tuple[Callable[[bytes], bytes], ...] = (as_it_is, as_table, as_module, as_signature, as_changes)


def content_of(data: bytes) -> bytes:
    """Return the file that *data* stands for."""
    return KINDS[data[0] % len(KINDS)](data[1:]) if data else b""


def seeds() -> Iterator[bytes]:
    """Yield what the fuzzer begins with: each sample, table, module and signature, and some changes."""
    yield from (b"\0" + content for content in _whole_files())
    for number, code in enumerate(CODES):
        rows = [files.full_row(tables()[code])]
        yield bytes((1, number)) + table_xml(tables()[code], rows).encode()
        yield bytes((1, number)) + table_xml(tables()[code], rows * 2).replace("\r\n", "").encode()
    for number, module in enumerate(_modules()):
        yield bytes((2, number)) + module
    for path in sorted((files.HERE / "signatures").glob("*.xml")):
        content = path.read_bytes()
        yield b"\0" + content
        begin, end = content.find(b"<CHUKYDONVI>"), content.find(b"</CHUKYDONVI>")
        yield b"\3" + content[begin + len(b"<CHUKYDONVI>") : end]
    for number in range(64):
        yield b"\4" + bytes((number % len(CODES), 0, number, 9, number)) * 3


def _whole_files() -> list[bytes]:
    return [files.DOSSIER, files.CHECK_IN, files.check_in(2), health_checks.adult_modules().bytes()]


def _modules() -> list[bytes]:
    content = health_checks.adult_modules().bytes()
    bodies = [part.partition(b"</NOIDUNGFILE>")[0] for part in content.split(b"<NOIDUNGFILE>")[1:]]
    return [base64.b64decode(body) for body in bodies]


@cache
def words() -> Mapping[str, None]:
    """The words of the formats: names of elements and algorithms, and values that mean something."""
    names = [
        name for table in tables().values() for name in (table.root, table.list, table.item, *table.names)
    ]
    known = [
        *names,
        *ENVELOPE,
        *ksk_catalogue().fields,
        *VALUES,
        "<!DOCTYPE",
        "<!ENTITY",
        "<?xml",
        "<![CDATA[",
        "xmlns=",
    ]
    return dict.fromkeys(word for word in known if word and word.isascii() and word.isprintable())
