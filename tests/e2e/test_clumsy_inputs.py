"""
Five thousand clumsy inputs to `validate`, `submit` and `lookup`: exit codes of 0 to 3, never a traceback.

They go through the entry point of the command, in this process, and to a stack that runs; a handful are real
processes.  The same seed makes the same inputs.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from lientuyen_client import connect
from lientuyen_client.cli import main
from lientuyen_client.clock import today
from lientuyen_client.demo import people
from tests.clumsy import clumsy_file, clumsy_lookup, huge
from tests.samples.files import long_stay

from .conftest import Live

SEED = 20261127
# What is written for people takes much longer to lay out than JSON.
VALIDATED = {"--json": 3_200, "--": 400}
SUBMITTED, LOOKED_UP, HUGE = 720, 720, 60
assert sum(VALIDATED.values()) + SUBMITTED + LOOKED_UP + HUGE >= 5_000

# Files of one command: its start is most of the time that a small file takes.
FILES_AT_ONCE = 40
EXIT_CODES = {0, 1, 2, 3}


@pytest.fixture(scope="module")
def seeded(live: Live) -> Live:
    async def seed() -> None:
        async with (
            connect("operator/dev", live.stack) as directory,
            connect("authority/bhxh", live.stack) as insurance,
        ):
            await people.seed(directory, insurance, today())

    asyncio.run(seed())
    return live


@pytest.fixture
def stack(seeded: Live, monkeypatch: pytest.MonkeyPatch) -> Live:
    monkeypatch.setenv("LIENTUYEN_HOME", str(seeded.home))
    return seeded


def written(folder: Path, contents: list[bytes]) -> list[str]:
    """Write files with the names that files have, and some that they should not have."""
    names = [
        "hồ sơ.xml",
        "a[red]b.xml",
        "-x.xml",
        "x\ny.xml",
        os.fsdecode(b"bad\xff.xml"),
        "x.XML",
        "1 (2).xml",
    ]
    paths = []
    for number, content in enumerate(contents):
        path = folder / f"{number}" / names[number % len(names)]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        paths.append(str(path))
    return paths


def run(capfd: pytest.CaptureFixture[str], words: list[str]) -> tuple[int, str]:
    """Run a command here; return its exit code and its output."""
    code = main(words)
    streams = capfd.readouterr()
    assert code in EXIT_CODES, (code, words[:3], streams.err[-500:])
    assert "Traceback" not in streams.out + streams.err
    assert "never retrieved" not in streams.err
    return code, streams.out


def verdicts(text: str) -> list[dict[str, Any]]:
    """Return the JSON lines, each of which says what became of a file, and if it was not taken, why."""
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        assert line["accepted"] or line.get("findings") or line.get("reason"), line
    return lines


@pytest.mark.parametrize("option", VALIDATED)
def test_validate(tmp_path: Path, capfd: pytest.CaptureFixture[str], option: str):
    chance, count, accepted = random.Random(f"{SEED} {option}"), VALIDATED[option], 0
    for _ in range(count // FILES_AT_ONCE):
        paths = written(tmp_path, [clumsy_file(chance) for _ in range(FILES_AT_ONCE)])
        code, text = run(capfd, ["validate", option, *paths])
        assert code == 1
        if option == "--json":
            lines = verdicts(text)
            assert len(lines) == FILES_AT_ONCE
            accepted += sum(line["accepted"] for line in lines)

    assert option == "--" or 0 < accepted < count


def test_validate_of_what_is_far_too_large(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    chance = random.Random(SEED)
    for _ in range(HUGE // 10):
        paths = written(tmp_path, [huge(chance) for _ in range(10)])
        assert len(verdicts(run(capfd, ["validate", "--json", "--", *paths])[1])) == 10


def test_submit(stack: Live, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    chance, lines = random.Random(SEED + 1), []
    for _ in range(SUBMITTED // FILES_AT_ONCE):
        paths = written(tmp_path, [clumsy_file(chance) for _ in range(FILES_AT_ONCE - 2)])
        paths += [str(tmp_path), str(tmp_path / "none.xml")]
        code, text = run(capfd, ["submit", "--json", "--", *paths])
        assert code == 2
        lines += verdicts(text)

    assert len(lines) == SUBMITTED
    reasons = Counter(line.get("reason") for line in lines)
    assert reasons["FILE_IS_FOLDER"] == reasons["FILE_NOT_FOUND"] == SUBMITTED // FILES_AT_ONCE
    assert any(line["accepted"] for line in lines)


def test_submit_of_a_stay_of_20000_rows_and_30_mib(
    stack: Live, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    (tmp_path / "long.xml").write_bytes(long_stay())

    code, text = run(capfd, ["submit", "--json", str(tmp_path / "long.xml")])

    assert (code, verdicts(text)[0]["accepted"]) == (0, True)


def test_lookup(stack: Live, capfd: pytest.CaptureFixture[str]):
    chance, codes = random.Random(SEED + 2), Counter[int]()
    for _ in range(LOOKED_UP):
        words = clumsy_lookup(chance)
        code, text = run(capfd, ["lookup", *words])
        codes[code] += 1
        if "--json" in words and code > 1:
            (failure,) = [json.loads(line) for line in text.splitlines()]
            assert failure["message_vi"]

    assert {0, 1, 2} <= codes.keys()


@pytest.mark.parametrize("number", range(6))
def test_the_same_in_a_process_of_its_own(stack: Live, tmp_path: Path, number: int):
    chance = random.Random(SEED + 3 + number)
    paths = written(tmp_path, [clumsy_file(chance) for _ in range(10)])
    words = [["validate", "--", *paths], ["submit", "--", *paths], ["lookup", *clumsy_lookup(chance)]][
        number % 3
    ]
    command = str(Path(sys.executable).with_name("lientuyen"))

    done = subprocess.run([command, *words], capture_output=True, timeout=100, check=False)

    assert done.returncode in EXIT_CODES
    assert b"Traceback" not in done.stdout + done.stderr
    assert b"never retrieved" not in done.stderr
