"""CSV as Excel and others write it: encodings, separators, headings, and the line of what cannot be read."""

import io

import pytest

from lientuyen.identity.v1.person_pb2 import SEX_FEMALE
from lientuyen.type.v1.date_pb2 import Date
from lientuyen_client.csv_files import CsvLines, UnreadableCsv
from lientuyen_client.register_files import ColumnMapping, RowFault, batches, parse_date

TEXT = "Số CCCD;Họ và tên;Ngày sinh;Giới tính\r\n001 485 000 016;Nguyễn Thị Thử;9/3/1985;Nữ\r\n"
VIETNAMESE_1258 = "Nguyê\u0303n Thi\u0323 Thư\u0309"


def rows(
    content: bytes, register: str = "persons", faults: dict[int, RowFault] | None = None
) -> list[object]:
    lines = CsvLines(io.BytesIO(content))
    mapping = ColumnMapping.of(register, lines)
    found = {} if faults is None else faults
    return [row for request in batches(mapping, lines, "salt", found) for row in request.rows]


def fault_of(content: bytes) -> UnreadableCsv:
    with pytest.raises(UnreadableCsv) as raised:
        rows(content)
    return raised.value


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.replace("Số", "Sô\u0301").replace("Họ", "Ho\u0323").replace("Giới", "Giơ\u0301i")
        .replace("Nguyễn Thị Thử", VIETNAMESE_1258).replace("Nữ", "Nư\u0303").encode("cp1258"),
        TEXT.replace(";", "\t").encode(),
        TEXT.replace(";", ",").encode(),
        TEXT.replace(";", "|").encode(),
        f"sep=;\r\n{TEXT}".encode(),
        f"\r\n;;;\r\n{TEXT}\r\n\r\n".encode(),
        TEXT.replace("Nguyễn Thị Thử", '"Nguyễn Thị Thử"').encode(),
        TEXT.replace("\r\n", "\r").encode(),
        "\r\n".join(f"{line};;" for line in TEXT.split("\r\n") if line).encode(),
        b"STT;" + TEXT.replace("\r\n001", "\r\n1;001").encode(),
    ],
    ids=["utf8", "mark", "utf16", "utf16 bare", "utf16 be", "cp1258", "tab", "comma", "bar", "sep",
         "empty lines", "quotes", "mac", "nameless columns", "counter"],
)  # fmt: skip
def test_a_register_is_read_whoever_wrote_it(content):
    (row,) = rows(content)

    assert (row.personal_id, row.full_name, row.sex) == ("001485000016", "Nguyễn Thị Thử", SEX_FEMALE)
    assert row.birth_date == Date(year=1985, month=3, day=9)


def test_the_names_of_the_tables_are_headings_too():
    header = "MA_THE_BHYT,GT_THE_TU,GT_THE_DEN,MA_DKBD,SO_CCCD"
    content = f"{header}\ngd4 79 20000 00001,20260101,31/12/2026,01999,001485000016\n"

    (row,) = rows(content.encode(), "coverages")

    assert (row.card_number, row.personal_id, row.initial_facility_code) == (
        "GD4792000000001",
        "001485000016",
        "01999",
    )
    assert (row.valid_from, row.valid_to) == (
        Date(year=2026, month=1, day=1),
        Date(year=2026, month=12, day=31),
    )


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        ("Số CCCD;Ghi chú\n001485000016;x\n".encode(), "line 1, column 2", "Ghi chú"),
        ("Số CCCD;CCCD\n001485000016;x\n".encode(), "line 1, column 2", "personal_id"),
        (b"", "line 1", "personal_id"),
        (b"\n\n;;\n", "line 1", "personal_id"),
        (b"PK\x03\x04\x14\x00", "line 1", "Excel"),
        ("full_name\nNguyễn\n".encode() + b"Tr\xe2n\n", "line 3", "UTF-8"),
        (b'full_name\n"An" B\n', "line 2", "nháy"),
        (b'full_name\nAn\n"B\n' + b"x\n" * 70_000, "line", "nháy"),
        (TEXT.encode("utf-16")[:-1], "line 2", "UTF-8"),
    ],
    ids=["unknown", "twice", "nothing", "no names", "workbook", "encoding", "quotes", "unclosed",
         "half a character"],
)  # fmt: skip
def test_what_cannot_be_read_names_line_and_column(content, place, words):
    fault = fault_of(content)

    assert fault.place.startswith(place)
    assert words in fault.message_vi
    assert place.replace("line", "dòng").replace("column", "cột") in fault.message_vi


def test_a_line_that_is_no_row_is_sent_empty_and_told_by_its_line():
    faults: dict[int, RowFault] = {}
    content = (
        "personal_id;full_name;\n\n001485000016;A;\n001485000024\n001485000032;C;x\n001485000040;D;;;y\n"
    )

    found = rows(content.encode(), faults=faults)

    assert [row.full_name for row in found] == ["A", "", "", ""]
    assert {row: (fault.line, fault.rule) for row, fault in faults.items()} == {
        2: (4, "line.short"),
        3: (5, "line.nameless"),
        4: (6, "line.nameless"),
    }
    assert "cột 3" in faults[3].message_vi


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1985-03-09", (1985, 3, 9)),
        ("9/3/1985", (1985, 3, 9)),
        ("09.03.1985", (1985, 3, 9)),
        ("09-03-1985", (1985, 3, 9)),
        ("19850309", (1985, 3, 9)),
        ("198503090000", (1985, 3, 9)),
        ("1985-03-09 00:00:00", (1985, 3, 9)),
        ("03/1985", (1985, 3, 0)),
        ("1985", (1985, 0, 0)),
        ("hôm qua", (9999, 99, 99)),
        ("1985-03-09-01", (9999, 99, 99)),
    ],
)
def test_a_date_is_read_as_people_and_tables_write_it(text, date):
    read = parse_date(text)

    assert (read.year, read.month, read.day) == date
