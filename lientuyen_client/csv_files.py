"""
A CSV file as Excel and others write it: which encoding, which separator, which line a fault is in.

    with path.open("rb") as file:
        lines = CsvLines(file)
        for cells in lines:
            lines.number        # the line of the file that the cells end in, from 1

UTF-8 with and without a mark, UTF-16, and the Vietnamese code page 1258 of Windows are told apart by
their bytes.  Separators are comma, semicolon, tab and bar: the one that the first line has most of.
Only one record is in memory.
"""

import csv
import io
import unicodedata
from codecs import getincrementaldecoder
from typing import BinaryIO, Final, Self

SEPARATORS: Final = ",;\t|"

# Characters that are looked at for the separator; bytes that are read at once to tell the encoding.
HEAD_CHARS, BLOCK_BYTES = 64 * 1024, 1024 * 1024

# No cell of any register is longer; a quotation mark that is not closed makes one that is.
MAX_CELL_CHARS: Final = 131_072

BYTE_ORDER_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# A workbook, new and old.
EXCEL_MARKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
VIETNAMESE_CODE_PAGE: Final = "cp1258"


class UnreadableCsv(Exception):
    """A CSV file cannot be read.  *place* is where: `line 7`, `line 1, column 3`."""

    def __init__(self, message_vi: str, message: str, *, reason: str, line: int = 1, column: int = 0) -> None:
        self.place = f"line {line}" + (f", column {column}" if column else "")
        place_vi = f"dòng {line}" + (f", cột {column}" if column else "")
        super().__init__(f"{message} ({self.place}).")
        self.message_vi = f"{message_vi} ({place_vi})."
        self.reason = reason


class CsvLines:
    """The lines of a CSV file that are not empty, each as its cells: composed, without spaces around."""

    def __init__(self, file: BinaryIO) -> None:
        encoding = detect_encoding(file)
        file.seek(0)
        text = io.TextIOWrapper(file, encoding=encoding, newline="")
        head = text.read(HEAD_CHARS)
        text.seek(0)
        csv.field_size_limit(MAX_CELL_CHARS)
        self._reader = csv.reader(text, delimiter=detect_separator(head), strict=True)
        if head.lower().startswith("sep="):  # a line that Excel writes for itself
            next(self._reader, None)

    @property
    def number(self) -> int:
        return self._reader.line_num

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> list[str]:
        try:
            for cells in self._reader:
                if any(cell and not cell.isspace() for cell in cells):
                    return [composed(cell) for cell in cells]
        except csv.Error as error:
            raise self._fault(error) from None
        raise StopIteration

    def _fault(self, error: csv.Error) -> UnreadableCsv:
        if "field larger" in str(error):
            message_vi = f"Ô dài quá {MAX_CELL_CHARS} ký tự; thiếu dấu nháy đóng?"
            message = f"A cell of more than {MAX_CELL_CHARS} characters; a closing quotation mark is missing?"
        else:
            message_vi, message = "Dấu nháy kép đặt sai", "A quotation mark is in the wrong place"
        return UnreadableCsv(message_vi, message, reason="CSV_QUOTES", line=self.number)


def composed(cell: str) -> str:
    return cell.strip() if cell.isascii() else unicodedata.normalize("NFC", cell).strip()


def detect_encoding(file: BinaryIO) -> str:
    """Return the encoding in which the whole *file* can be read; UnreadableCsv when there is none."""
    encoding = begun_encoding(file.read(4))
    fault = first_undecodable(file, encoding)
    if fault is None:
        return encoding
    # What was UTF-8 so far is broken: read as another encoding it would become nonsense.
    if (
        encoding == "utf-8"
        and first_undecodable(file, "ascii") == fault
        and first_undecodable(file, VIETNAMESE_CODE_PAGE) is None
    ):
        return VIETNAMESE_CODE_PAGE
    raise UnreadableCsv(
        "Không phải UTF-8; hãy lưu lại dạng CSV UTF-8",
        "Not UTF-8; save it as CSV UTF-8",
        reason="CSV_ENCODING",
        line=line_of(file, fault),
    )


def begun_encoding(head: bytes) -> str:
    """Return the encoding that a file beginning with *head* seems to have."""
    if head.startswith(EXCEL_MARKS):
        raise UnreadableCsv(
            "Là tệp Excel; hãy lưu lại dạng CSV UTF-8",
            "A workbook of Excel; save it as CSV UTF-8",
            reason="CSV_IS_EXCEL",
        )
    for mark, encoding in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding
    if b"\0" in head:
        return "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
    return "utf-8"


def first_undecodable(file: BinaryIO, encoding: str) -> int | None:
    """Return the place of the first byte that *encoding* cannot read; None when it reads them all."""
    file.seek(0)
    decoder, place = getincrementaldecoder(encoding)(), 0
    while True:
        block = file.read(BLOCK_BYTES)
        begin = place - len(decoder.getstate()[0])
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            return begin + error.start
        place += len(block)
        if not block:
            return None


def line_of(file: BinaryIO, place: int) -> int:
    """Return the line that the byte at *place* is in, from 1."""
    file.seek(0)
    lines = 1
    while place > 0 and (block := file.read(min(BLOCK_BYTES, place))):
        lines += block.count(b"\n")
        place -= len(block)
    return lines


def detect_separator(head: str) -> str:
    """Return the separator that the first line with any text has most of, outside quotation marks."""
    if head.lower().startswith("sep=") and head[4:5]:
        return head[4]
    unquoted = "".join(head.split('"')[::2])
    line = next((line for line in unquoted.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=line.count)
