"""
What clumsy hands give a command: files, and command lines of `lookup`, each made of a good one by a seed.

    chance = random.Random(SEED)
    content = clumsy_file(chance)      # encodings, separators, broken off, wrong types, huge fields
    words = clumsy_lookup(chance)      # numbers, names, dates and options as people mistype them
"""

import base64
import gzip
import json
import random
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from xml.sax.saxutils import escape

from lientuyen_client.demo import people, sample_files
from tests.samples.files import CHECK_IN, DOSSIER, sample

VISIT = date(2026, 11, 20)
GOOD = (DOSSIER, CHECK_IN, sample_files.dossier(VISIT), sample_files.check_in(VISIT))
NO_XML = (
    b"",
    b"\0" * 100,
    b"PK\x03\x04" + bytes(range(256)),
    b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    b"<html><body><br></body></html>",
    json.dumps({"XML1": {"MA_LK": 1}}).encode(),
    "Số CCCD;Họ tên\n001485000016;Trần Văn Thử\n".encode(),
)
WORDS = (
    *(
        "",
        " ",
        "0",
        "-1",
        "1,5",
        "1.000,00",
        "1e9",
        "NaN",
        "null",
        "#REF!",
        "=SUM(A1)",
        "０１",
        "٣",
        "x" * 5_000,
    ),
    *(
        "hôm qua",
        "20/11/2026",
        "2026-11-20",
        "20261332",
        "00000000",
        "999912312359",
        "20261120 08:00",
        "True",
    ),
    *("A,B", "A;B;", ";;;;", "A|B", "<b>", "&amp;", "]]>", "\u202e", "\u200b", "\t", "\r\n", "Nguy?n", "🙂"),
)
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "utf-7", "cp1258", "ascii", "latin-1")


def clumsy_file(chance: random.Random) -> bytes:
    """Return a file that somebody might send: most are dossiers with something wrong, some are good."""
    return chance.choice(FILE_MAKERS)(chance)


def another_encoding(chance: random.Random) -> bytes:
    text = chance.choice(GOOD).decode()
    if chance.random() < 0.3:
        text = unicodedata.normalize("NFD", text)
    if chance.random() < 0.2:  # read as if it were Western, and saved
        return text.encode().decode("latin-1").encode()
    return text.encode(chance.choice(ENCODINGS), chance.choice(["ignore", "replace", "xmlcharrefreplace"]))


def broken_off(chance: random.Random) -> bytes:
    content = chance.choice(GOOD)
    begin, end = sorted((chance.choice([0, chance.randrange(len(content))]), chance.randrange(len(content))))
    return content[begin:end]


def flipped(chance: random.Random) -> bytes:
    content = bytearray(chance.choice(GOOD))
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(content))
        piece = chance.choice([b"", chance.randbytes(3), chance.choice(WORDS).encode(), b"<", b"&", b'"'])
        content[place : place + chance.choice([0, 1, 20])] = piece
    return bytes(content)


def wrong_values(chance: random.Random) -> bytes:
    file = sample()
    for _ in range(chance.randint(1, 10)):
        row = chance.choice(file.tables[chance.choice(list(file.tables))])
        index = chance.randrange(len(row))
        row[index] = (row[index][0], printable(chance.choice(WORDS)))
    return file.bytes()


def wrong_shape(chance: random.Random) -> bytes:
    """Leave elements out, repeat, exchange and rename them; sometimes there are thousands of rows."""
    file = sample()
    rows = file.tables[chance.choice(list(file.tables))]
    row = rows[0]
    first, second = chance.randrange(len(row)), chance.randrange(len(row))
    row[first], row[second] = row[second], row[first]
    row[first] = (chance.choice([row[first][0].lower(), "Cột", "A", row[second][0]]), row[first][1])
    del row[: chance.randint(0, 3)]
    rows *= chance.choice([0, 1, 2, 2, 2, 300])
    return file.bytes()


def wrong_inside(chance: random.Random) -> bytes:
    """Damage the document of one table, then encode it; or encode it otherwise."""

    def damaged(match: re.Match[str]) -> str:
        inner = base64.b64decode(match[2])
        if chance.random() < 0.5:
            return f"{match[1]}{chance.choice(WRAPPERS)(inner)}</NOIDUNGFILE>"
        place = chance.randrange(len(inner))
        piece = chance.choice([b"", b"<", b"&", b"]]>", b"\xff", b"\0", chance.choice(WORDS).encode(), inner])
        inner = inner[:place] + piece + inner[place + chance.choice([0, 1, 50]) :]
        return f"{match[1]}{base64.b64encode(inner).decode()}</NOIDUNGFILE>"

    count = chance.randint(1, 3)
    return re.sub(r"(<NOIDUNGFILE>)([^<]+)</NOIDUNGFILE>", damaged, DOSSIER.decode(), count=count).encode()


WRAPPERS: tuple[Callable[[bytes], str], ...] = (
    lambda inner: escape(inner.decode()),
    lambda inner: inner.decode().partition("?>")[2],
    lambda inner: base64.urlsafe_b64encode(inner).decode().rstrip("="),
    lambda inner: base64.b64encode(base64.b64encode(inner)).decode(),
    lambda inner: re.sub("(.{76})", "\\1\r\n", base64.b64encode(inner).decode()),
    lambda inner: base64.b64encode(gzip.compress(inner, mtime=0)).decode(),
    lambda inner: base64.b64encode(inner.decode().encode("utf-16")).decode(),
    lambda inner: base64.b64encode(inner.decode().encode("cp1258", "ignore")).decode(),
    lambda inner: inner.hex(),
    lambda inner: "",
)


def huge(chance: random.Random) -> bytes:
    """Make one thing far too large: a field, the depth, the names, the attributes, the file."""
    size = chance.choice([5_000, 100_000, 1_000_000])
    return chance.choice(
        [
            sample().set("XML1", 1, chance.choice(["HO_TEN", "MA_BENH_KT", "T_BHTT"]), "9" * size).bytes(),
            b"<GIAMDINHHS>" + b"<a>" * (size // 10) + b"</a>" * (size // 10) + b"</GIAMDINHHS>",
            b"<GIAMDINHHS>" + b"".join(b"<a%x/>" % number for number in range(size // 50)) + b"</GIAMDINHHS>",
            b"<GIAMDINHHS " + b" ".join(b"a%x=''" % number for number in range(size // 50)) + b"/>",
            DOSSIER + b" " * size,
            DOSSIER.replace(b"<CHUKYDONVI/>", b"<CHUKYDONVI>" + b"x" * size + b"</CHUKYDONVI>"),
        ]
    )


def no_dossier(chance: random.Random) -> bytes:
    return chance.choice([*NO_XML, gzip.compress(DOSSIER, mtime=0), DOSSIER * 2, chance.randbytes(500)])


def printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable() or letter in "\t\r\n")


FILE_MAKERS = (
    *(another_encoding, broken_off, flipped, flipped, wrong_values, wrong_values, wrong_values, wrong_shape),
    *(wrong_inside, wrong_inside, no_dossier, lambda chance: chance.choice(GOOD)),
)

NUMBERS = (people.PATIENT_ID, people.CARD, "0123456789", "012345678", "001485000999", "TE1790000000001")
QR = f"{people.PATIENT_ID}|012345678|Trần Thị Mẫu|12031985|Nữ|Số 0 đường Mẫu|01012022"
NAMES = (
    "Trần Thị Mẫu",
    "TRAN THI MAU",
    "Trâ\u0300n Thi\u0323 Mẫu",
    "Mau Thi",
    "Tra6n Thi5 Ma64u",
    "Nguy?n",
    "A.",
)
BIRTHS = (
    "12/03/1985",
    "1985-03-12",
    "12.3.1985",
    "1985",
    "0",
    "31/02/1985",
    "85",
    "12/03/85",
    "1985-13-40",
    "xyz",
)
CALLERS = (
    "facility/01999",
    "facility/79999",
    "Facility/01999",
    "facility/88888",
    "01999",
    "authority/bhxh",
    "/",
)


def clumsy_lookup(chance: random.Random) -> list[str]:
    """Return the words after `lookup`: half of them a number, some a name, and options of every kind."""
    kind = chance.random()
    words = clumsy_number(chance) if kind < 0.7 else clumsy_person(chance)
    for option, values in OPTIONS.items():
        if chance.random() < 0.12:
            words += [option, chance.choice(values)]
    if chance.random() < 0.5:
        words.append("--json")
    if chance.random() < 0.05:
        words.insert(
            chance.randint(0, len(words)), chance.choice(["--bogus", "-x", "--", "--json=1", "extra"])
        )
    return words


def clumsy_number(chance: random.Random) -> list[str]:
    number = chance.choice([*NUMBERS, QR])
    separator = chance.choice(["", "", "", " ", ".", "-", "–", "\u00a0", "\u200b", "'", "/", ";"])
    length = chance.choice([1, 2, 3, 4])
    text = separator.join(number[place : place + length] for place in range(0, len(number), length))
    text = chance.choice([str, str.lower, str.title, full_width, lambda text: text.replace("0", "O")])(text)
    for _ in range(chance.choice([0, 0, 0, 1, 3])):
        place = chance.randint(0, len(text))
        piece = chance.choice([*WORDS, "\udcff", "7"])
        text = text[:place] + piece + text[place + chance.choice([0, 1]) :]
    return text.split(" ") if chance.random() < 0.5 else [text]


def full_width(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def clumsy_person(chance: random.Random) -> list[str]:
    words = ["--name", chance.choice([*NAMES, *WORDS, "\udcff"])]
    return words + (["--birth", chance.choice([*BIRTHS, *WORDS])] if chance.random() < 0.8 else [])


OPTIONS = {
    "--as": CALLERS,
    "--practitioner": ("", "000001/HNO-GPHN", "x" * 1_000, "🙂", "\udcff"),
    "--category": ("1.1", "1,1", "9.9", "", "x" * 100),
    "--form": ("03", "3", "99", "ngoại trú"),
    "--came": ("cap-cuu", "cấp cứu", "", "1"),
    "--sex": ("nam", "nữ", "F", "2"),
}
