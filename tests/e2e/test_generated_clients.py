"""The contract compiles for Go and Java, by the very commands of docs/howto/generate-a-client.md.

What is built has our code and protovalidate's published package in one program, and starts: it holds a
question to the rules of the contract.  Where a toolchain is missing, or its packages cannot be fetched,
the test says so and is skipped.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOWTO = (ROOT / "docs/howto/generate-a-client.md").read_text(encoding="utf8")

# Seconds that fetching from a module proxy may take, and that building may take on a busy machine.
FETCH_S, BUILD_S = 120, 500

PROGRAMS = {
    "go": ("docs/howto/go/lookup",),
    "java": ("java", "-cp", "docs/howto/java/target/classes:docs/howto/java/target/dependency/*", "Check"),
}
TOOLS = {"go": ("go",), "java": ("java", "javac", "mvn")}


def commands(language: str, step: str) -> str:
    """Return what the how-to says to run for a step (fetch, buf, protoc, build) of a language."""
    (section,) = re.findall(rf"^## {language}$(.*?)^## ", HOWTO, re.MULTILINE | re.DOTALL | re.IGNORECASE)
    (block,) = re.findall(rf"```sh {step}\n(.*?)```", section, re.DOTALL)
    return str(block)


class Checkout:
    """The parts of a fresh clone that a client needs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        ignored = shutil.ignore_patterns("com", "target", "v1", "lookup")
        shutil.copytree(ROOT / "protos", root / "protos")
        for language in PROGRAMS:
            shutil.copytree(ROOT / f"docs/howto/{language}", root / f"docs/howto/{language}", ignore=ignored)
        shutil.copy(ROOT / "buf.yaml", root)
        tools = (str(root / "bin"), str(Path(sys.executable).parent), os.environ["PATH"])
        self._environment = os.environ | {"GOBIN": str(root / "bin"), "PATH": os.pathsep.join(tools)}

    def run(self, *command: str, within_s: float) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            cwd=self.root,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )

    def fetch(self, language: str) -> None:
        """Fetch what a language needs, or skip the test."""
        try:
            outcome = self.run("bash", "-ec", commands(language, "fetch"), within_s=FETCH_S)
        except subprocess.TimeoutExpired:
            pytest.skip(f"the packages of {language} cannot be fetched here: no answer")
        if outcome.returncode:
            pytest.skip(f"the packages of {language} cannot be fetched here: {outcome.stderr[-200:]}")

    def step(self, language: str, step: str) -> None:
        outcome = self.run("bash", "-ec", commands(language, step), within_s=BUILD_S)
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.timeout(FETCH_S + 3 * BUILD_S)
@pytest.mark.parametrize("generator", ["buf", "protoc"])
@pytest.mark.parametrize("language", PROGRAMS)
def test_a_client_with_our_code_and_the_published_rules_starts(language: str, generator: str, tmp_path: Path):
    if missing := [tool for tool in TOOLS[language] if not shutil.which(tool)]:
        pytest.skip(f"not installed: {missing}")
    checkout = Checkout(tmp_path)
    checkout.fetch(language)

    checkout.step(language, generator)
    checkout.step(language, "build")
    refused = checkout.run(*PROGRAMS[language], "12", within_s=BUILD_S)

    assert not list(tmp_path.rglob("*alidate.pb.go")), "the copy of protovalidate is imported, never compiled"
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "personal_id: does not match regex pattern `^[0-9]{12}$`" in refused.stderr
