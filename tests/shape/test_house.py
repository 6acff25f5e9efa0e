"""The rooms, the imports, the generated code, and what no file may hold."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from .contract import ROOT, SERVICES

ROOMS = {
    "__init__",
    "__main__",
    "app",
    "service",
    "access",
    "convert",
    "store",
    "schema",
    "migrations",
    "model",
    "settings",
}
# Whom a service asks, and features that are whole in a folder of their own.
OPTIONAL = {"peers", "directory", "policies", "lookup", "matching", "portal", "imports", "nodes", "adapters"}
LONGEST = 400


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)


def tracked() -> list[Path]:
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard").stdout.splitlines()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_same_rooms_as_the_others(service: str):
    rooms = {path.stem for path in (ROOT / "services" / service).iterdir() if path.name != "__pycache__"}

    assert ROOMS <= rooms <= ROOMS | OPTIONAL


def test_the_import_rules_hold():
    outcome = run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache")

    assert outcome.returncode == 0, outcome.stdout


def test_gen_is_fresh():
    outcome = run(sys.executable, "-m", "tools.gen", "--check")

    assert outcome.returncode == 0, outcome.stderr


def test_no_file_of_ours_is_longer_than_a_room():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked()
        if path.suffix == ".py"
        and "gen" not in path.relative_to(ROOT).parts[:1]
        and (lines := len(path.read_text(encoding="utf8").splitlines())) > LONGEST
    }

    assert long == {}


def test_every_public_module_says_what_it_is():
    silent = [
        str(path.relative_to(ROOT))
        for top in ("chassis", "services", "lientuyen_client", "tools")
        for path in (ROOT / top).rglob("*.py")
        if path.name not in ("__init__.py", "__main__.py")
        and not path.read_text(encoding="utf8").lstrip().startswith('"""')
    ]

    assert silent == []


# Three digits are the province (001 to 096), one is the century and the sex (0/1 the 1900s, 2/3 the 2000s),
# two are the year of birth.  An invented person is born in years still to come, and the number is nobody's.
PERSONAL_NUMBER = re.compile(r"(?<![0-9a-zA-Z.])0(?!00)[0-9]{2}([0-9])([0-9]{2})[0-9]{6}(?![0-9a-zA-Z])")


def test_invented_people_carry_numbers_that_can_belong_to_nobody():
    born = []
    for path in tracked():
        parts = path.relative_to(ROOT).parts
        if parts[0] in ("gen", "requirements.lock") or path.suffix not in (
            ".py",
            ".md",
            ".xml",
            ".json",
            ".js",
            ".mjs",
        ):
            continue
        for century, year in PERSONAL_NUMBER.findall(path.read_text(encoding="utf8", errors="replace")):
            if int(century) < 2 or (int(century) < 4 and int(year) <= 26):
                born.append((str(path.relative_to(ROOT)), century, year))

    assert born == []
