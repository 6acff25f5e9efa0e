"""The command `lientuyen`, as a hospital's engineer types it."""

import asyncio
import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lientuyen_client import connect
from lientuyen_client.clock import today
from lientuyen_client.demo import people, sample_files
from lientuyen_client.demo.journey import visit_day

from .conftest import Live

COMMAND = str(Path(sys.executable).with_name("lientuyen"))
SAMPLES = sorted((Path(__file__).parents[1] / "samples").glob("*.xml"))


def run(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False, env=environment
    )


def objects(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def visit(live: Live) -> object:
    """Seed the directory; return the day of the visit."""
    day = today()

    async def seed() -> None:
        async with (
            connect("operator/dev", live.stack) as directory,
            connect("authority/bhxh", live.stack) as insurance,
        ):
            await people.seed(directory, insurance, day)

    asyncio.run(seed())
    return visit_day(day)


def test_validate_accepts_the_samples():
    outcome = run("validate", "--json", *map(str, SAMPLES))

    verdicts = objects(outcome.stdout)
    assert [Path(str(one["file"])).name for one in verdicts] == [path.name for path in SAMPLES]
    assert all(one["accepted"] for one in verdicts)
    assert outcome.returncode == 0


def plant(file: Path, changes: dict[str, tuple[str, str]]) -> bytes:
    """Return *file* with one change in each of the named tables."""

    def changed(match: re.Match[str]) -> str:
        old, new = changes.get(match[1], ("", ""))
        inner = base64.b64decode(match[2]).decode()
        assert old in inner
        encoded = base64.b64encode(inner.replace(old, new, 1).encode()).decode()
        return f"<LOAIHOSO>{match[1]}</LOAIHOSO><NOIDUNGFILE>{encoded}</NOIDUNGFILE>"

    pattern = r"<LOAIHOSO>(\w+)</LOAIHOSO><NOIDUNGFILE>([^<]+)</NOIDUNGFILE>"
    return re.sub(pattern, changed, file.read_text(encoding="utf8")).encode()


def test_validate_names_five_planted_faults_and_no_other(tmp_path: Path):
    dossier = next(path for path in SAMPLES if "dossier" in path.name)
    faults = {
        "XML1": ("<KET_QUA_DTRI>2<", "<KET_QUA_DTRI>99<"),
        "XML2": ("<SO_LUONG>20.000<", "<SO_LUONG>hai mươi<"),
        "XML3": ("<NGAY_YL>202611200805<", "<NGAY_YL>202613200805<"),
        "XML4": ("<MA_LK>01999.SYN.000001<", "<MA_LK>01999.SYN.000002<"),
        "XML13": ("<HO_TEN>TRẦN THỊ MẪU<", "<HO_TEN><"),
    }
    (tmp_path / "faulty.xml").write_bytes(plant(dossier, faults))

    outcome = run("validate", "--json", str(tmp_path / "faulty.xml"))

    (verdict,) = objects(outcome.stdout)
    refusals = [one for one in verdict["findings"] if one["severity"] == "refuse"]  # type: ignore[attr-defined]
    assert sorted(one["path"] for one in refusals) == sorted(
        ["XML1.KET_QUA_DTRI", "XML2[1].SO_LUONG", "XML3[1].NGAY_YL", "XML4[1].MA_LK", "XML13.HO_TEN"]
    )
    assert all(
        set(one) == {"rule", "severity", "path", "message_vi", "message_en", "expected", "found"}
        for one in refusals
    )
    assert outcome.returncode == 1


def test_misuse_has_an_exit_code_of_its_own(tmp_path: Path):
    assert run("validate").returncode == 2
    assert run("validate", str(tmp_path / "nowhere.xml")).returncode == 2
    assert run("lookup", "not-a-number").returncode == 2
    assert run("lookup").returncode == 2


def test_without_a_stack_the_exit_code_says_that_nobody_answered(tmp_path: Path):
    outcome = run("lookup", people.PATIENT_ID, environment={"LIENTUYEN_HOME": str(tmp_path), "PATH": ""})

    assert outcome.returncode == 3
    assert "lientuyen up" in outcome.stderr


def test_lookup_shows_reception_one_screen(live: Live, visit: object):
    outcome = run("lookup", people.PATIENT_ID, environment=live.environment())

    assert outcome.returncode == 0, outcome.stderr
    assert "tỉnh 01" not in outcome.stdout
    assert "Hà Nội" in outcome.stdout
    assert people.PATIENT_NAME in outcome.stdout
    assert "80%" in outcome.stdout


def test_lookup_says_what_the_category_told_gives_and_what_to_ask_for(live: Live, visit: object):
    arguments = ("--as", "facility/79999", "--came", "phieu-chuyen", "--form", "03", "--json")

    (told,) = objects(run("lookup", people.PATIENT_ID, *arguments, environment=live.environment()).stdout)

    assert (told["rate_known"], told["proposed_care_category"]) == (False, "1.3")
    assert "CODE_CARE_CATEGORY_PROPOSED" in {one["code"] for one in told["reasons"]}  # type: ignore[attr-defined]


def test_lookup_by_name_shows_who_it_may_be(live: Live, visit: object):
    told = ("--name", "tran thi mau", "--birth", "12/03/1985")

    shown = run("lookup", *told, environment=live.environment())
    listed = run("lookup", *told, "--json", environment=live.environment())

    assert shown.returncode == 0, shown.stderr
    assert objects(listed.stdout)[0]["birth_date"] == "1985-03-12"
    assert people.PATIENT_NAME in shown.stdout
    assert people.PATIENT_ID not in shown.stdout
    assert objects(listed.stdout)[0]["full_name"] == people.PATIENT_NAME


def test_lookup_compares_the_name_that_comes_with_a_number(live: Live, visit: object):
    number = ("lookup", people.PATIENT_ID, "--birth", "24/12/1971", "--name")

    doubtful = run(*number, "tran thi mau", environment=live.environment())
    other = run(*number, "Lê Văn Khác", environment=live.environment())

    assert (doubtful.returncode, other.returncode) == (0, 1)
    assert "Ngày sinh khai báo khác với hồ sơ." in doubtful.stdout
    assert "PERSON_DIFFERS" in other.stderr
    assert people.PATIENT_NAME not in other.stdout + other.stderr


def test_lookup_understands_a_number_as_clerks_type_it(live: Live, visit: object):
    spaced = run("lookup", "--json", *re.findall("...", people.PATIENT_ID), environment=live.environment())
    card = run("lookup", "--json", "dn4 01 0000-000000", environment=live.environment())

    for outcome in (spaced, card):
        (found,) = objects(outcome.stdout)
        assert (found["full_name"], found["birth_date"]) == (people.PATIENT_NAME, "1985-03-12")


@pytest.mark.parametrize("caller", ["authority/bhxh", "facility/88888", "pharmacy/NT00001", "nobody"])
def test_lookup_as_somebody_else_is_one_sentence(live: Live, visit: object, caller: str):
    outcome = run("lookup", people.PATIENT_ID, "--as", caller, environment=live.environment())

    assert outcome.returncode in (1, 2)
    assert outcome.stderr.startswith("✗ ")
    assert len(outcome.stderr.splitlines()) == 1


def test_a_service_that_is_down_is_one_vietnamese_sentence(live: Live, visit: object, tmp_path: Path):
    environment = {
        **live.environment(),
        "LIENTUYEN_IDENTITY": "127.0.0.1:1",
        "LIENTUYEN_TLS": str(live.stack.tls_folder("facility/01999")),
    }

    outcome = run("lookup", people.PATIENT_ID, environment=environment)

    assert outcome.returncode == 3
    (line,) = outcome.stderr.splitlines()
    assert line.startswith("✗ ")
    assert line.endswith("  UNAVAILABLE")
    assert "dịch vụ" in line.lower()


def test_an_unknown_number_is_refused_without_being_repeated(live: Live, visit: object):
    outcome = run("lookup", "001485000999", environment=live.environment())

    assert outcome.returncode == 1
    assert "001485000999" not in outcome.stdout + outcome.stderr


def test_submit_takes_a_dossier_and_the_health_book_shows_it(live: Live, visit, tmp_path: Path):
    file = tmp_path / "dossier.xml"
    file.write_bytes(sample_files.sign(sample_files.dossier(visit), live.stack.tls_folder("facility/01999")))

    sent = run("submit", "--json", str(file), environment=live.environment())
    book = run("health-book", "--json", people.PATIENT_ID, environment=live.environment())

    assert objects(sent.stdout)[0]["accepted"] is True
    assert objects(book.stdout)[0]["health_book"]["encounters"]  # type: ignore[index]
    assert objects(book.stdout)[0]["unreachable"] == []


def test_the_summary_is_a_document_that_only_its_owner_may_read(live: Live, visit, tmp_path: Path):
    file = tmp_path / "summary.json"

    shown = run("summary", people.PATIENT_ID, environment=live.environment())
    written = run("summary", people.PATIENT_ID, "--json", "-o", str(file), environment=live.environment())
    nowhere = run("summary", people.PATIENT_ID, "-o", str(tmp_path), environment=live.environment())

    for text in (shown.stdout, file.read_text(encoding="utf8")):
        assert json.loads(text)["entry"][1]["resource"]["name"][0]["text"]
    assert objects(written.stdout) == [{"file": str(file), "unreachable": []}]
    assert file.stat().st_mode & 0o777 == 0o600
    assert nowhere.returncode == 2


def test_the_health_book_is_a_page_for_its_owner_alone(live: Live, visit, tmp_path: Path):
    file, page = tmp_path / "dossier.xml", tmp_path / "book.html"
    content = sample_files.dossier(visit)
    file.write_bytes(sample_files.sign(content, live.stack.tls_folder("facility/01999")))
    run("submit", str(file), environment=live.environment())

    written = run("health-book", people.PATIENT_ID, "--html", str(page), environment=live.environment())
    shown = run("health-book", people.PATIENT_ID, "--all", environment=live.environment())
    before = run("health-book", people.PATIENT_ID, "--as-of", "01/01/2020", environment=live.environment())
    wrong = run("health-book", people.PATIENT_ID, "--as-of", "30/02/2026", environment=live.environment())

    assert [each.returncode for each in (written, shown, before, wrong)] == [0, 0, 0, 2]
    assert page.stat().st_mode & 0o777 == 0o600
    for text in (page.read_text(encoding="utf8"), shown.stdout):
        assert people.PATIENT_NAME in text
        assert "Thuốc mẫu A 5mg" in text
        assert "Ai đã xem" in text
        assert people.PATIENT_ID not in text
    assert "Thuốc mẫu A 5mg" not in before.stdout


def test_submit_confirms_an_unsigned_file_by_the_version_that_it_replaces(live: Live, visit, tmp_path: Path):
    signed, unsigned = tmp_path / "signed.xml", tmp_path / "unsigned.xml"
    content = sample_files.dossier(visit)
    signed.write_bytes(sample_files.sign(content, live.stack.tls_folder("facility/01999")))
    unsigned.write_bytes(content + b"\n\n")
    (first,) = objects(run("submit", "--json", str(signed), environment=live.environment()).stdout)

    outcome = run("submit", "--json", str(unsigned), environment=live.environment())
    confirmed = run(
        *("submit", "--json", str(unsigned), "--replaces-version", str(first["version"])),
        environment=live.environment(),
    )
    again = run("submit", str(signed), environment=live.environment())

    assert "REPLACEMENT_UNCONFIRMED" in outcome.stdout + outcome.stderr
    assert outcome.returncode == 1
    assert objects(confirmed.stdout)[0]["version"] == int(str(first["version"])) + 1
    assert f"giữ nguyên phiên bản {objects(confirmed.stdout)[0]['version']}" in again.stdout


def test_submit_as_another_facility_is_not_permitted(live: Live, visit, tmp_path: Path):
    file = tmp_path / "dossier.xml"
    file.write_bytes(sample_files.dossier(visit))

    outcome = run("submit", "--json", str(file), "--as", "facility/79999", environment=live.environment())

    (refusal,) = objects(outcome.stdout)
    assert (refusal["accepted"], refusal["error"], outcome.returncode) == (False, "PERMISSION_DENIED", 1)


def test_inbox_takes_what_waits(live: Live, visit, tmp_path: Path):
    file = tmp_path / "dossier.xml"
    file.write_bytes(sample_files.sign(sample_files.dossier(visit), live.stack.tls_folder("facility/01999")))
    run("submit", str(file), environment=live.environment())

    taken = run("inbox", "--take", str(tmp_path / "in"), environment=live.environment())
    left = run("inbox", "--json", environment=live.environment())

    assert taken.returncode == 0, taken.stderr
    assert left.stdout == ""


def test_trace_draws_the_newest(live: Live, visit: object):
    run("lookup", people.PATIENT_ID, environment=live.environment())
    live.settled("")

    outcome = run("trace", environment=live.environment())

    assert outcome.returncode == 0
    assert "ms" in outcome.stdout
