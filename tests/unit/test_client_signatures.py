"""`lientuyen validate --certificates DIR`: signatures checked offline, a word for each file."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.samples import files
from tests.samples.files import sample
from tests.samples.signed_slips import signed_slip, slip, with_slip
from tests.samples.signing import NOW, public, signed

ROOT = files.HERE.parents[1]
COMMAND = [
    sys.executable,
    "-c",
    "import sys; from lientuyen_client.cli import main; sys.exit(main())",
    "validate",
]

# The command judges by its own clock; these certificates are in force for years around it.
DAYS = (datetime.now(UTC) - NOW).days + 3650
OURS, STRANGER = public(kind="ecdsa", days=DAYS), public(kind="ecdsa", days=DAYS)
OLD = public(kind="ecdsa", days=(datetime.now(UTC) - NOW).days - 2)


def run(*arguments: object, as_json: bool = True) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *(["--json"] if as_json else []), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Certificates in every form that they come in, for any facility, and of one for another."""
    certificates = tmp_path / "certificates"
    (certificates / "79999").mkdir(parents=True)
    (certificates / "ours.pem").write_bytes(OURS.pem)
    (certificates / "old.der").write_bytes(OLD.der)
    (certificates / "79999" / "theirs.CRT").write_bytes(STRANGER.pem)
    (certificates / "README.txt").write_text("none")
    return certificates


def verdicts(*lines: str) -> list[tuple[object, object, list[str]]]:
    objects = [json.loads(line) for line in lines]
    return [
        (
            each["accepted"],
            each["signature"],
            [found["rule"] for found in each["findings"] if found["severity"] == "refuse"],
        )
        for each in objects
    ]


def test_each_file_has_its_word(tmp_path: Path, folder: Path):
    good = signed(files.DOSSIER, OURS)
    contents = {
        "1-good": good,
        "2-altered": good.replace(b"<NGAYLAP>20261120", b"<NGAYLAP>20261119"),
        "3-another": signed(files.DOSSIER, STRANGER),
        "4-unknown": signed(files.DOSSIER, public(kind="ecdsa", days=DAYS)),
        "5-expired": signed(files.DOSSIER, OLD),
        "6-unsigned": files.DOSSIER,
        "7-check-in": signed(files.CHECK_IN, OURS),
    }
    for name, content in contents.items():
        (tmp_path / f"{name}.xml").write_bytes(content)

    done = run("--certificates", folder, *sorted(tmp_path.glob("*.xml")))

    assert done.returncode == 1
    assert verdicts(*done.stdout.splitlines()) == [
        (True, "good", []),
        (False, "bad", ["signature-altered"]),
        (False, "bad", ["signature-wrong-facility"]),
        (False, "bad", ["signature-unregistered"]),
        (False, "bad", ["signature-expired"]),
        (True, "none", []),
        (True, "good", []),
    ]


def test_without_certificates_it_says_that_no_signature_was_checked(tmp_path: Path):
    path = tmp_path / "signed.xml"
    path.write_bytes(signed(files.DOSSIER, OURS))

    assert verdicts(*run(path).stdout.splitlines()) == [(True, "not-checked", [])]
    assert "chưa kiểm tra chữ ký số" in run(path, as_json=False).stdout


def test_the_signatures_on_a_slip_are_checked_too_and_only_warn(tmp_path: Path, folder: Path):
    stranger = public(kind="ecdsa", days=DAYS)
    for name, second in (("1-good", OURS), ("2-stranger", stranger)):
        content = with_slip(sample(), signed_slip(slip(sample()), OURS, second))
        (tmp_path / f"{name}.xml").write_bytes(signed(content, OURS))

    done = run("--certificates", folder, *sorted(tmp_path.glob("*.xml")))
    warned = [
        [found["path"] for found in json.loads(line)["findings"] if found["rule"] == "slip-signature-invalid"]
        for line in done.stdout.splitlines()
    ]

    assert verdicts(*done.stdout.splitlines()) == [(True, "good", [])] * 2
    assert warned == [[], ["XML13"]]


def test_people_read_the_word_too(tmp_path: Path, folder: Path):
    (tmp_path / "signed.xml").write_bytes(signed(files.DOSSIER, STRANGER))
    shown = run("--certificates", folder, tmp_path / "signed.xml", as_json=False).stdout

    assert "chữ ký số không hợp lệ" in shown
    assert "signature-wrong-facility" in shown


@pytest.mark.parametrize("spoil", ["missing", "empty", "broken"])
def test_a_folder_without_certificates_is_told_before_any_file(tmp_path: Path, spoil: str):
    folder = tmp_path / "certificates"
    if spoil != "missing":
        folder.mkdir()
    if spoil == "broken":
        (folder / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n")
    (tmp_path / "file.xml").write_bytes(files.DOSSIER)

    done = run("--certificates", folder, tmp_path / "file.xml")
    failure = json.loads(done.stdout)

    assert done.returncode == 2
    assert failure["reason"] in ("FILE_NOT_FOUND", "CERTIFICATES_UNREADABLE")
    assert failure["message_vi"]


def test_the_samples_days_are_apart():
    assert OLD.certificate.not_valid_after_utc < datetime.now(UTC) - timedelta(days=1)
