"""What goes wrong in a command is one sentence, or one JSON object, and an exit code: never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from laptop.authority import issue, make_ca
from lientuyen.identity.v1.person_pb2 import Person
from lientuyen.type.v1.date_pb2 import Date
from lientuyen_client.cli import main
from lientuyen_client.cli.common import message_object
from tests.samples import files
from tests.samples.files import DOSSIER

COMMAND = [sys.executable, "-c", "import sys; from lientuyen_client.cli import main; sys.exit(main())"]
ROOT = files.HERE.parents[1]
NUMBER = "001485000016"
ADDRESSES = [f"LIENTUYEN_{name}" for name in ("IDENTITY", "RECORDS", "ROUTING", "PHARMACY", "TLS")]


@pytest.fixture(autouse=True)
def no_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ADDRESSES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LIENTUYEN_HOME", str(tmp_path / "home"))
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *line: str) -> tuple[int, dict[str, Any], str]:
    """Return the exit code, the one JSON object on the output, and what was on the error output."""
    code = main([*line, "--json"])
    streams = capsys.readouterr()
    (text,) = streams.out.splitlines()
    return code, json.loads(text), streams.err


def test_without_a_stack_every_command_says_so_in_json_too(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    (tmp_path / "register.csv").write_text("personal_id\n001485000016\n")
    (tmp_path / "dossier.xml").write_bytes(DOSSIER)
    for line in (
        ["lookup", NUMBER],
        ["lookup", "--name", "A"],
        ["submit", str(tmp_path / "dossier.xml")],
        ["inbox"],
        ["health-book", NUMBER],
        ["import", "persons", str(tmp_path / "register.csv")],
    ):
        code, failure, complaint = said(capsys, *line)
        assert (code, failure["error"], failure["reason"]) == (3, "UNAVAILABLE", "NO_STACK"), line
        assert "lientuyen up" in failure["message"]
        assert "lientuyen up" in failure["message_vi"]
        assert complaint == ""


def test_a_failure_in_json_has_reason_field_and_two_sentences(capsys: pytest.CaptureFixture[str]):
    code, failure, complaint = said(capsys, "lookup", "12345")

    assert code == 2
    assert (failure["error"], failure["reason"], failure["field"]) == ("MISUSE", "NUMBER_FORM", "number")
    assert "12 digits" in failure["message"]
    assert "12 chữ số" in failure["message_vi"]
    assert complaint == ""


@pytest.mark.parametrize("missing", ["RECORDS", "ROUTING"])
def test_an_address_that_was_not_given_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, missing: str
):
    tls(tmp_path)
    for name in {"IDENTITY", "RECORDS", "ROUTING", "PHARMACY"} - {missing}:
        monkeypatch.setenv(f"LIENTUYEN_{name}", "127.0.0.1:1")
    monkeypatch.setenv("LIENTUYEN_TLS", str(tmp_path / "tls"))
    (tmp_path / "dossier.xml").write_bytes(DOSSIER)
    line = {"RECORDS": ["submit", str(tmp_path / "dossier.xml")], "ROUTING": ["inbox"]}[missing]

    code, failure, _ = said(capsys, *line)

    assert (code, failure["reason"]) == (3, "NO_STACK")
    assert f"LIENTUYEN_{missing}" in failure["message_vi"]


def tls(folder: Path) -> None:
    """Make a TLS folder of an authority that nobody knows."""
    issue(make_ca(folder / "ca"), folder / "tls", "facility/01999")


def test_a_certificate_that_is_not_there_is_misuse(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("LIENTUYEN_IDENTITY", "127.0.0.1:1")
    monkeypatch.setenv("LIENTUYEN_TLS", str(tmp_path / "nowhere"))

    code, failure, _ = said(capsys, "lookup", NUMBER)

    assert (code, failure["reason"], failure["field"]) == (2, "NO_CERTIFICATE", "--as")


@pytest.mark.parametrize("state", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1, "addresses": 2}', '{"pid": 1}'])
def test_a_damaged_state_is_no_stack(capsys: pytest.CaptureFixture[str], tmp_path: Path, state: str):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "stack.json").write_text(state)

    assert said(capsys, "lookup", NUMBER)[0] == 3


def test_files_that_cannot_be_read_are_told_each_and_the_others_are_sent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    tls(tmp_path)
    for name in ("IDENTITY", "RECORDS", "ROUTING", "PHARMACY"):
        monkeypatch.setenv(f"LIENTUYEN_{name}", "127.0.0.1:1")
    monkeypatch.setenv("LIENTUYEN_TLS", str(tmp_path / "tls"))

    code = main(["submit", "--json", str(tmp_path), str(tmp_path / "none.xml")])

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 2
    assert [line["reason"] for line in lines] == ["FILE_IS_FOLDER", "FILE_NOT_FOUND"]


@pytest.mark.parametrize("register", ["persons", "coverages"])
def test_a_register_that_cannot_be_read_names_its_place(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, register: str
):
    (tmp_path / "r.csv").write_text("personal_id;ghi chú\n1;2\n")

    code, failure, _ = said(capsys, "import", register, str(tmp_path / "r.csv"))

    assert (code, failure["reason"], failure["field"]) == (2, "CSV_COLUMNS", "line 1, column 2")
    assert said(capsys, "import", register, str(tmp_path))[1]["reason"] == "FILE_IS_FOLDER"
    assert said(capsys, "import", register, str(tmp_path / "none.csv"))[1]["reason"] == "FILE_NOT_FOUND"


@pytest.mark.parametrize("command", ["validate", "trace"])
@pytest.mark.parametrize(
    "shell", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full", "| true"]
)
@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_closed_and_full_streams_are_no_traceback(
    tmp_path: Path, command: str, shell: str, as_json: tuple[str]
):
    (tmp_path / "good.xml").write_bytes(DOSSIER)
    line = [command, *as_json, *([str(tmp_path / "good.xml")] * 5 if command == "validate" else [])]

    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f'"$@" {shell}', "bash", *COMMAND, *line],
        capture_output=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )

    assert done.returncode in (0, 1, 2, 3)
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


def test_a_full_disk_under_the_output_has_its_exit_code(tmp_path: Path):
    (tmp_path / "good.xml").write_bytes(DOSSIER)

    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "validate", str(tmp_path / "good.xml")],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
            cwd=ROOT,
            text=True,
        )

    assert done.returncode == 3
    assert "Đĩa đầy" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_may_not_be_read_is_told_so(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    (tmp_path / "closed.xml").write_bytes(DOSSIER)
    (tmp_path / "closed.xml").chmod(0)

    code, failure, _ = said(capsys, "validate", str(tmp_path / "closed.xml"))

    assert (code, failure["reason"]) == (2, "FILE_DENIED")


def test_traces_that_cannot_be_read_are_no_traceback(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    (tmp_path / "traces.db").write_text("no database " * 1_000)

    code, failure, _ = said(capsys, "trace", "--home", str(tmp_path))

    assert (code, failure["reason"], failure["field"]) == (2, "FILE_UNREADABLE", "traces.db")


def test_dates_are_written_as_iso_has_them():
    person = Person(full_name="A", birth_date=Date(year=1985, month=3, day=12))

    assert message_object(person) == {"full_name": "A", "birth_date": "1985-03-12"}
    person.birth_date.ClearField("day")
    assert message_object(person)["birth_date"] == "1985-03"
