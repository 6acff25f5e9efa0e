"""A folder of lists is what `lientuyen validate --lists` holds a file against."""

import json
import random
from pathlib import Path

import pytest

from lientuyen_client.cli import main
from lientuyen_client.facility_lists import CODES, LISTS, read_lists
from tests.corpus.drafts import Draft
from tests.corpus.shapes import SHAPES


@pytest.fixture
def draft() -> Draft:
    return SHAPES["visit"](random.Random(3))


def write_lists(folder: Path, draft: Draft) -> None:
    """Write lists in which the dossier is right."""
    drugs = ["MA_THUOC", "TEN_THUOC", "SO_DANG_KY", "HAM_LUONG", "DON_GIA"]
    services = ["MA_DICH_VU", "TEN_DICH_VU", "DON_GIA_BH"]
    lists = {
        "01": (["MA_KHOA"], [["K01"]]),
        "02": (["MA_BAC_SI"], [["000000/HNO-GPHN"], ["000001/HNO-GPHN"], ["000002/HNO-CCHN"]]),
        "03": (
            [*drugs, "TU_NGAY", "DEN_NGAY"],
            [[*of(row, drugs), "20260101", ""] for row in draft.rows("XML2")],
        ),
        "05": (services, [of(row, services) for row in draft.rows("XML3")]),
        "06": (["MA_MAY"], [["CLS.1.01999.SYN-01"]]),
        "facilities": (["MA_CSKCB"], [["01999"]]),
        "icd10-20260701": (["MA_BENH", "COT"], [[draft.main["MA_BENH_CHINH"], ""]]),
        "annex-1": (["MA_BENH", "TU_TUOI", "DEN_TUOI"], [["C00", "", "18"]]),
    }
    for name, (columns, rows) in lists.items():
        lines = [";".join(columns), *(";".join(row) for row in rows)]
        (folder / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8-sig")


def of(row: dict[str, str], names: list[str]) -> list[str]:
    return [row[name] for name in names]


def rules(capsys: pytest.CaptureFixture[str], folder: Path, draft: Draft) -> list[tuple[str, str]]:
    path = folder / "dossier.xml"
    path.write_bytes(draft.bytes())
    main(["validate", "--json", "--lists", str(folder), str(path)])
    findings = json.loads(capsys.readouterr().out)["findings"]
    return [
        (each["rule"], each["path"])
        for each in findings
        if each["rule"].startswith(("list-", "icd-", "facility-"))
    ]


def test_a_dossier_that_the_lists_have_is_right(
    draft: Draft, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    write_lists(tmp_path, draft)

    assert rules(capsys, tmp_path, draft) == []


def test_what_the_lists_have_not_is_named(draft: Draft, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    write_lists(tmp_path, draft)
    draft.main.update(MA_DKBD="48999", MA_DOITUONG_KCB="1.4", MA_BENH_KT="Z99")
    draft.tables["XML2"][0]["MA_BAC_SI"] = "999999/HNO-GPHN"
    draft.tables["XML2"][1]["HAM_LUONG"] = "500mg"
    draft.tables["XML3"][0]["TEN_DICH_VU"] = "Khám khác"

    assert rules(capsys, tmp_path, draft) == [
        ("facility-known", "XML1.MA_DKBD"),
        ("icd-known", "XML1.MA_BENH_KT"),
        ("list-staff", "XML2[1].MA_BAC_SI"),
        ("list-drug", "XML2[2].MA_THUOC"),
        ("list-name", "XML3[1].TEN_DICH_VU"),
    ]


def test_a_row_counts_on_its_days(draft: Draft, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    write_lists(tmp_path, draft)
    text = (tmp_path / "03.csv").read_text("utf-8-sig")
    (tmp_path / "03.csv").write_text(text.replace(";20260101;", ";20260101;20261031"), encoding="utf8")

    assert [path for _, path in rules(capsys, tmp_path, draft)] == ["XML2[1].MA_THUOC", "XML2[2].MA_THUOC"]


def test_an_empty_folder_has_nothing_to_say_and_no_folder_is_misuse(tmp_path: Path, draft: Draft):
    registers = read_lists(tmp_path)
    assert [getattr(registers, name) for name in (*LISTS.values(), *CODES.values())] == [None] * 8
    assert main(["validate", "--lists", str(tmp_path / "none"), str(tmp_path)]) == 2


def test_a_list_without_columns_is_misuse(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "01.csv").write_text("12345\n", encoding="utf8")

    assert main(["validate", "--lists", str(tmp_path), str(tmp_path / "x.xml")]) == 2
    assert "tên cột" in capsys.readouterr().err
