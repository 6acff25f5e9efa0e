"""`lientuyen validate --json FILE…` with whatever a shell can hand it: JSON lines and an exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kcb.report import Report
from lientuyen_client.cli.validate import check_file
from tests.samples import files
from tests.samples.files import DOSSIER, sample

COMMAND = [
    sys.executable,
    "-c",
    "import sys; from lientuyen_client.cli import main; sys.exit(main())",
    "validate",
]
ROOT = files.HERE.parents[1]


def run(*arguments: object, shell: str = "", **env: str) -> tuple[int, list[dict[str, object]], bytes]:
    """Return the exit code, the JSON lines, and what was complained of; *shell* closes or joins streams."""
    command = [*COMMAND, "--json", "--", *map(os.fsencode, map(str, arguments))]
    if shell:
        command = ["sh", "-c", f'"$@" {shell}', "sh", *command]
    done = subprocess.run(
        command, capture_output=True, timeout=60, check=False, cwd=ROOT, env={**os.environ, **env}
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.fixture
def good(tmp_path: Path) -> Path:
    (tmp_path / "good.xml").write_bytes(DOSSIER)
    return tmp_path / "good.xml"


def test_both_samples_are_accepted():
    code, lines, _ = run(files.HERE / "dossier-3176.synthetic.xml", files.HERE / "checkin.synthetic.xml")

    assert code == 0
    assert [line["accepted"] for line in lines] == [True, True]


def test_a_refused_file_names_its_fault(tmp_path: Path):
    bad = tmp_path / "bad.xml"
    bad.write_bytes(sample().set("XML3", 2, "NGAY_YL", "202611320800").bytes())

    code, lines, _ = run(bad)

    assert code == 1
    findings = lines[0]["findings"]
    assert isinstance(findings, list)
    refusals = [found for found in findings if found["severity"] == "refuse"]
    assert [(found["rule"], found["path"]) for found in refusals] == [("date-format", "XML3[2].NGAY_YL")]
    assert set(refusals[0]) == {"rule", "severity", "path", "message_vi", "message_en", "expected", "found"}


def test_people_are_shown_the_verdict_and_every_fault_with_its_place(tmp_path: Path):
    bad = tmp_path / "bad[1].xml"
    bad.write_bytes(sample().set("XML3", 2, "NGAY_YL", "202611320800").bytes())

    done = subprocess.run(
        [*COMMAND, str(bad)], capture_output=True, timeout=60, check=False, cwd=ROOT, text=True
    )

    assert done.returncode == 1
    assert "✗ 1 lỗi" in done.stdout
    assert "bad[1].xml" in done.stdout.replace("\n", "")
    assert "XML3[2].NGAY_YL" in done.stdout
    assert "date-format" in done.stdout


def test_a_file_that_is_too_large_is_refused_for_that(tmp_path: Path):
    large = tmp_path / "large.xml"
    with large.open("wb") as file:
        file.truncate(8 << 30)

    code, lines, _ = run(large)

    assert code == 1
    findings = lines[0]["findings"]
    assert isinstance(findings, list)
    assert [found["rule"] for found in findings] == ["too-large"]


def test_what_cannot_be_read_and_no_file_at_all_exit_with_2(tmp_path: Path):
    assert run(tmp_path / "none.xml")[0] == 2
    assert run()[0] == 2


def test_what_cannot_be_read_is_told_by_its_file_and_the_rest_is_checked(tmp_path: Path, good: Path):
    os.mkfifo(tmp_path / "fifo")

    code, lines, complaint = run(tmp_path / "none.xml", tmp_path, tmp_path / "fifo", good, "/proc/self/mem")

    assert code == 2
    assert [(line["file"], line["accepted"], line.get("reason")) for line in lines] == [
        (str(tmp_path / "none.xml"), False, "FILE_NOT_FOUND"),
        (str(tmp_path), False, "FILE_IS_FOLDER"),
        (str(tmp_path / "fifo"), False, "FILE_UNREADABLE"),
        (str(good), True, None),
        ("/proc/self/mem", False, "FILE_UNREADABLE"),
    ]
    assert complaint == b""


def test_an_empty_file_is_refused_for_one_reason(tmp_path: Path, good: Path):
    (tmp_path / "empty.xml").touch()

    code, lines, _ = run(good, tmp_path / "empty.xml")

    assert code == 1
    assert [line["accepted"] for line in lines] == [True, False]
    assert [found["rule"] for found in lines[1]["findings"]] == ["not-xml"]


def test_a_name_that_is_no_text_or_full_of_markup_is_still_one_json_line(tmp_path: Path):
    names = [os.fsdecode(b"bad\xff.xml"), 'a\n"b" [red]c[1].xml', "-x.xml", "ĐƠN thuốc.xml"]
    for name in names:
        (tmp_path / name).write_bytes(DOSSIER)

    code, lines, _ = run(*(tmp_path / name for name in names))

    assert code == 0
    assert [Path(str(line["file"])).name for line in lines] == ["bad\ufffd.xml", *names[1:]]


def test_a_thousand_files_are_a_thousand_lines_in_order(tmp_path: Path, good: Path):
    bad = tmp_path / "bad.xml"
    bad.write_bytes(sample().set("XML3", 2, "NGAY_YL", "x").bytes())

    code, lines, _ = run(*[good] * 499, bad, *[good] * 500)

    assert code == 1
    assert len(lines) == 1000
    assert [number for number, line in enumerate(lines) if not line["accepted"]] == [499]


@pytest.mark.parametrize(
    ("shell", "expected", "count"),
    [("<&-", 0, 1), ("2>&-", 0, 1), (">&-", 2, 0), ("<&- >&- 2>&-", 2, 0)],
)
def test_closed_streams_are_no_traceback(good: Path, shell: str, expected: int, count: int):
    code, lines, complaint = run(good, shell=shell)

    assert (code, len(lines)) == (expected, count)
    assert b"Traceback" not in complaint


def test_a_reader_who_has_enough_and_a_terminal_without_vietnamese_are_no_traceback(good: Path):
    _, lines, complaint = run(*[good] * 500, shell="| head -n 1")
    code, plain, _ = run(good, LC_ALL="C", PYTHONIOENCODING="ascii")

    assert len(lines) == 1
    assert b"Traceback" not in complaint
    assert (code, len(plain)) == (0, 1)


def test_a_fault_of_the_checks_is_told_as_a_bug_and_not_as_a_bad_file(
    good: Path, capsys: pytest.CaptureFixture[str]
):
    def broken(content: bytes) -> Report:
        raise RuntimeError("Nguyễn Văn An")

    assert check_file(good, as_json=True, validate=broken) == 70
    streams = capsys.readouterr()
    assert "RuntimeError" in json.loads(streams.out)["message"]
    assert "Nguyễn" not in streams.out + streams.err
