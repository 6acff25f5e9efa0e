"""`lientuyen validate` on files that are meant to take a hospital's machine: refused, in bounded memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.samples.bombs import BOMBS
from tests.samples.files import DOSSIER

MIB = 2**20
COMMAND = (sys.executable, "-c", "import sys; from lientuyen_client.cli import main; sys.exit(main())")

# Of one file: as much as it is long some times, and something of its own.
MAX_TIMES, MAX_OWN = 5, 200 * MIB

pytestmark = pytest.mark.timeout(300)


def validate(path: Path) -> tuple[int, dict[str, list[dict[str, str]]], int]:
    """Run the command; return its exit code, what it says of the file, and the bytes that it held at most."""
    process = subprocess.Popen([*COMMAND, "validate", "--json", str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    line = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    return process.returncode, json.loads(line), usage.ru_maxrss * 1024


@pytest.fixture(scope="module")
def at_rest(tmp_path_factory: pytest.TempPathFactory) -> int:
    """The bytes that the command holds for a small file."""
    path = tmp_path_factory.mktemp("validate") / "small.xml"
    path.write_bytes(DOSSIER)
    return validate(path)[2]


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_file_is_refused_in_bounded_memory(tmp_path: Path, at_rest: int, name: str):
    rule, make = BOMBS[name]
    content = make()
    path = tmp_path / "bomb.xml"
    path.write_bytes(content)

    code, told, most = validate(path)

    assert code == 1
    assert rule in {finding["rule"] for finding in told["findings"]}
    assert most - at_rest < MAX_OWN + MAX_TIMES * len(content)


def test_of_a_gigabyte_of_base64_no_more_is_read_than_shows_that_it_is_too_large(
    tmp_path: Path, at_rest: int
):
    path = tmp_path / "bomb.xml"
    head, _, tail = DOSSIER.partition(b"<NOIDUNGFILE>")
    with path.open("wb") as file:
        file.write(head + b"<NOIDUNGFILE>")
        for _ in range(1024):
            file.write(b"QUFB" * (MIB // 4))
        file.write(tail[tail.index(b"</NOIDUNGFILE>") :])

    code, told, most = validate(path)

    assert code == 1
    assert [finding["rule"] for finding in told["findings"]] == ["too-large"]
    assert most - at_rest < MAX_OWN
