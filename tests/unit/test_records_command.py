"""`python -m services.records validate FILE…`: offline, one JSON object a line, an exit code."""

import json
import subprocess
import sys
from pathlib import Path

from tests.samples import files
from tests.samples.files import sample


def run(*arguments: object) -> tuple[int, list[dict[str, object]], str]:
    command = [sys.executable, "-m", "services.records", "validate", *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, cwd=files.HERE.parents[1]
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


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
    assert set(refusals[0]) == {"rule", "severity", "path", "message_vi", "message_en"}


def test_what_cannot_be_read_and_no_file_at_all_exit_with_2(tmp_path: Path):
    assert run(tmp_path / "none.xml")[0] == 2
    assert run()[0] == 2
