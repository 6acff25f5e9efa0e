"""A commune station: a mobile check-up and a dose by the command, and the citizen's book after them."""

import asyncio
import json
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from lientuyen_client import connect
from lientuyen_client.clock import VIETNAM, today
from lientuyen_client.demo import people
from tests.samples.health_checks import CheckFile, adult_modules

from .conftest import Live

COMMAND = str(Path(sys.executable).with_name("lientuyen"))


def run(live: Live, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**live.environment(), "COLUMNS": "200"},  # so that no cell is folded
    )


def objects(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def station(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seed the directory; return a folder with the files of three people: taken, not known, faulty."""

    async def seed() -> None:
        async with (
            connect("operator/dev", live.stack) as directory,
            connect("authority/bhxh", live.stack) as insurance,
        ):
            await people.seed(directory, insurance, today())

    asyncio.run(seed())
    folder = tmp_path_factory.mktemp("station")
    (folder / "1.xml").write_bytes(checked().bytes())
    (folder / "2.xml").write_bytes(checked().set("MA_LK", "2").set("SO_CCCD", "001485000099").bytes())
    (folder / "3.xml").write_bytes(checked().set("MA_LK", "3").set("PHAN_LOAI_SK", "").bytes())
    return folder


def checked() -> CheckFile:
    """A check of this morning, of the demo's patient."""
    begin = datetime.now(VIETNAM) - timedelta(hours=2)
    file = adult_modules().set("SO_CCCD", people.PATIENT_ID).set("HO_TEN", people.PATIENT_NAME)
    file.set("CAC_VAN_DE_SUC_KHOE", "Theo dõi huyết áp").set("TUOI", "")
    file.set("NGAY_VAO", f"{begin:%Y%m%d%H%M}")
    return file.set("NGAY_RA", f"{begin + timedelta(hours=1):%Y%m%d%H%M}")


def test_a_station_brings_a_check_up_and_a_dose_and_the_citizen_reads_both(live: Live, station: Path):
    files = [str(path) for path in sorted(station.iterdir())]

    before = run(live, "health-check", "validate", "--json", *files)
    sent = run(live, "health-check", "submit", "--json", *files)
    again = run(live, "health-check", "submit", "--json", files[0])
    dose = ("immunize", people.PATIENT_ID, "--vaccine", "893310000126", "--vaccine-name", "Vắc-xin mẫu")
    given = run(live, *dose, "--dose", "1", "--lot", "LO-1", "--name", people.PATIENT_NAME, "--json")
    book = run(live, "health-book", people.PATIENT_ID)

    assert [each["accepted"] for each in objects(before.stdout)] == [True, True, False]
    results = {Path(str(each["file"])).name: each for each in objects(sent.stdout)}
    assert {name: each["accepted"] for name, each in results.items()} == {
        "1.xml": True,
        "2.xml": False,
        "3.xml": False,
    }
    assert [each["path"] for each in results["2.xml"]["violations"]] == ["XML1.SO_CCCD"]  # type: ignore[attr-defined]
    assert [each["path"] for each in results["3.xml"]["violations"]] == ["XML8.PHAN_LOAI_SK"]  # type: ignore[attr-defined]
    assert (sent.returncode, again.returncode, given.returncode) == (1, 0, 0), given.stderr
    assert objects(again.stdout)[0]["name"] == results["1.xml"]["name"]
    (recorded,) = objects(given.stdout)
    assert recorded["immunization"]["lot"] == "LO-1"  # type: ignore[index]
    assert book.returncode == 0, book.stderr
    assert re.search(
        r"Khám sức khỏe *\n.*\n.*\n.*\n.*01999.*Loại II: khỏe.*I10.*Theo dõi huyết áp", book.stdout
    ), book.stdout
    assert re.search(r"Tiêm chủng *\n.*\n.*\n.*\n.*Vắc-xin mẫu +1 .*01999.* LO-1", book.stdout), book.stdout


def test_a_number_of_somebody_else_gets_no_dose(live: Live, station: Path):
    outcome = run(
        live,
        *("immunize", people.PATIENT_ID, "--vaccine", "893310000126", "--dose", "2"),
        *("--name", "Lê Văn Khác", "--birth", "01/01/1970"),
    )

    assert outcome.returncode == 1
    assert "shown.personal_id" in outcome.stderr
    assert people.PATIENT_ID not in outcome.stderr
