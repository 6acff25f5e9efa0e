"""`make setup` tells how far it is, and never where packages come from."""

import sys
from pathlib import Path

import pytest

from tools import install


def test_a_line_says_how_many_packages_are_fetched():
    progress = install.Progress(2)
    for line in (
        "Collecting grpcio==1.85.1 (from -r x)",
        "  Downloading grpcio.whl (5 MB)",
        "Collecting pip",
    ):
        progress.read(line)

    assert str(progress).startswith("2 of 2 fetched, ")


def test_then_how_many_are_installed():
    progress = install.Progress(2)
    progress.read("Installing collected packages: grpcio, pip")

    assert str(progress).startswith("0 installed, ")


@pytest.mark.parametrize(
    "line",
    [
        "Looking in indexes: https://user:secret@registry.example/simple",
        "HTTPSConnectionPool(host='registry.example', port=443): Max retries exceeded",
        "ERROR: 404 Client Error: Not Found for url: http://registry.example/x (from y)",
    ],
)
def test_no_address_of_a_registry_is_repeated(line: str):
    assert "registry" not in install.without_addresses(line)
    assert "secret" not in install.without_addresses(line)


def test_what_pip_says_is_shown_when_it_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        install.pip_install("--no-index", "no-such-package-of-anybody", python=Path(sys.executable))

    assert "No matching distribution found for no-such-package-of-anybody" in capsys.readouterr().out


def test_a_line_comes_every_few_seconds(capsys: pytest.CaptureFixture[str]):
    asked: list[int] = []

    def status() -> str:
        asked.append(len(asked))
        return f"step {len(asked)}"

    with install.telling(status, interval=0.01):
        while len(asked) < 3:
            pass

    assert "step 1\n      step 2\n" in capsys.readouterr().out
