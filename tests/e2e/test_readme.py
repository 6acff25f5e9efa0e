"""What the README says to paste works as it stands."""

import asyncio
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lientuyen_client.running_stack import NoStack, read_stack
from tests.harness import eventually

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf8")


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """`lientuyen up`, as `make up` runs it, when it says that it is seeded."""
    home = tmp_path_factory.mktemp("readme") / "home"
    command = [str(Path(sys.executable).with_name("lientuyen")), "up", "--home", str(home)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        assert any("Seeded" in line for line in process.stdout)
        yield home
    finally:
        process.send_signal(signal.SIGINT)
        process.stdout.close()
        assert process.wait(timeout=60) == 0


def test_the_call_of_the_first_screen_answers(up: Path):
    (snippet,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)

    outcome = subprocess.run(
        [sys.executable, "-c", snippet],
        env={"LIENTUYEN_HOME": str(up)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.startswith("000 ")


def commands() -> list[str]:
    """What the first screen says to type, without the remarks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    lines = [line.split("  ")[0] for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("lientuyen ")]


def test_every_command_of_the_first_screen_answers(up: Path, tmp_path: Path):
    """In their order, and on a copy of the files, beside which a command may write."""
    for folder in ("tests/samples", "lientuyen_client/demo/sandbox_files"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    answers = {
        command: subprocess.run(
            [str(Path(sys.executable).with_name("lientuyen")), *shlex.split(command)[1:]],
            env={"LIENTUYEN_HOME": str(up)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        for command in commands()
    }

    failed = {
        name: answer.stderr for name, answer in answers.items() if answer.returncode or not answer.stdout
    }
    assert failed == {}
    assert len(answers) > 6
    assert "hộp thư trống" not in answers["lientuyen inbox --as facility/79999"].stdout


def test_every_file_that_the_readme_names_is_there():
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def is_running(home: Path) -> bool:
    try:
        read_stack(home)
    except NoStack:
        return False
    return True


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path):
    command = [
        str(Path(sys.executable).with_name("lientuyen")),
        "up",
        "--no-seed",
        "--home",
        str(tmp_path / "home"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    asyncio.run(eventually(lambda: is_running(tmp_path / "home")))

    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=60) == 0
    assert not is_running(tmp_path / "home")
