"""`make setup` tells how far it is, and never where packages come from."""

import sys

import pytest

from tools import install


def test_a_line_says_how_many_packages_are_fetched():
    output = "Collecting grpcio==1.85.1 (from -r x)\n  Downloading grpcio.whl (5 MB)\nCollecting pip\n"

    assert install.progress(output, 2) == "2 of 2 fetched, "


def test_then_how_many_are_installed():
    output = "Collecting grpcio\nInstalling collected packages: grpcio, pip\n"

    assert install.progress(output, 2).endswith(" installed, ")


@pytest.mark.parametrize(
    "line",
    [
        "Looking in indexes: https://user:secret@registry.example/simple",
        "HTTPSConnectionPool(host='registry.example', port=443): Max retries exceeded",
        "ERROR: 404 Client Error: Not Found for url: http://registry.example/x (from y)",
        "WARNING: The repository located at registry.example is not a trusted or secure host",
    ],
)
def test_no_address_of_a_registry_is_repeated(line: str):
    assert "registry" not in install.without_addresses(line)
    assert "secret" not in install.without_addresses(line)


def test_what_pip_says_is_shown_when_it_fails():
    pip = (sys.executable, "-m", "pip", "install", "--no-index", "no-such-package-of-anybody")

    with pytest.raises(SystemExit, match="No matching distribution found for no-such-package-of-anybody"):
        install.run("this step", pip)


def test_a_line_comes_every_few_seconds(capsys: pytest.CaptureFixture[str]):
    command = (sys.executable, "-c", "import time; time.sleep(0.5)")

    install.run("this step", command, interval_s=0.05)

    title, *lines = capsys.readouterr().out.splitlines()
    assert title == "this step"
    assert len(lines) >= 3
    assert all(line.strip().endswith(" s") for line in lines)
