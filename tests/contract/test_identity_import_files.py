"""A register as a clerk saves it from Excel, brought in by the command to the service itself."""

from pathlib import Path

import pytest

from lientuyen_client.cli.import_register import import_file
from lientuyen_client.csv_files import UnreadableCsv
from tests.harness import World

from .identity_env import Identity

HEADINGS = "STT;Số CCCD;Họ và tên;Ngày sinh;Giới tính;;"
# Letters of code page 1258: tones stand apart, as combining characters.
CODE_PAGE = str.maketrans(
    {
        "ố": "ô\u0301",
        "ọ": "o\u0323",
        "ớ": "ơ\u0301",
        "ễ": "ê\u0303",
        "ử": "ư\u0309",
        "ị": "i\u0323",
        "ữ": "ư\u0303",
    }
)


@pytest.fixture
async def identity(world: World, monkeypatch: pytest.MonkeyPatch) -> Identity:
    identity = await Identity(world).start()
    monkeypatch.setenv("LIENTUYEN_IDENTITY", identity.running.address)
    monkeypatch.setenv("LIENTUYEN_TLS", str(world.pki.folder("authority/bhxh").path))
    return identity


async def bring(path: Path) -> int:
    return await import_file("persons", path, "authority/bhxh", afresh=False, as_json=True)


async def test_a_file_of_excel_in_the_vietnamese_code_page_is_brought_in(identity: Identity, tmp_path: Path):
    text = f"{HEADINGS}\r\n1;001 485 000 016;Nguyễn Thị Thử;9/3/1985;nữ;;\r\n".translate(CODE_PAGE)
    (tmp_path / "people.csv").write_bytes(text.encode("cp1258"))

    assert await bring(tmp_path / "people.csv") == 0

    [person] = await identity.rows("SELECT full_name, birth_day, sex FROM persons")
    assert tuple(person) == ("Nguyễn Thị Thử", 9, 2)
    [number] = await identity.rows("SELECT value FROM identifiers WHERE kind = 1")
    assert number[0] == "001485000016"


async def test_lines_that_are_no_rows_are_listed_by_their_line(identity: Identity, tmp_path: Path):
    lines = [
        HEADINGS,
        "",
        "1;001485000016;Trần Văn Thử;1985;1;;",
        "2;001485000024",
        "3;001485000032;C;1985;1;x;",
    ]
    (tmp_path / "people.csv").write_text("\n".join(lines), encoding="utf8")

    assert await bring(tmp_path / "people.csv") == 1

    refused = (tmp_path / "people.refused.csv").read_text(encoding="utf8").splitlines()
    assert refused[1:] == [
        '2,line 4,line.short,"Dòng 4 có 2 ô, dòng đầu có 7."',
        '3,line 5,line.nameless,"Dòng 5, cột 6: ô không có tên cột."',
    ]
    assert len(await identity.rows("SELECT FROM persons")) == 1


async def test_a_file_that_breaks_off_is_told_by_its_line_and_what_came_before_is_kept(
    identity: Identity, tmp_path: Path
):
    rows = [f"k{number};Trần Văn Thử;1985" for number in range(5_000)]
    text = "\n".join(["source_key;full_name;birth_date", *rows, 'k5000;"Trần "Văn" Thử;1985', ""])
    (tmp_path / "people.csv").write_text(text, encoding="utf8")

    with pytest.raises(UnreadableCsv, match="line 5002"):
        await bring(tmp_path / "people.csv")

    [(count,)] = await identity.rows("SELECT count(*) FROM persons")
    assert count == 5_000
    assert not (tmp_path / "people.refused.csv").exists()
