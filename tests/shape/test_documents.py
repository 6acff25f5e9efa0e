"""What the documents name is there: files, folders, links, decisions; and a decision is half a page."""

import re
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import pytest

from .contract import ROOT
from .test_house import tracked

MAX_WORDS = 450

FILES = sorted(path.relative_to(ROOT).as_posix() for path in tracked())
FOLDERS = {str(folder) for name in FILES for folder in PurePosixPath(name).parents}
TOP_FOLDERS = {name.partition("/")[0] for name in FILES if "/" in name}
DOCUMENTS = [name for name in FILES if name.endswith(".md")]
# These tell of a day, with the names that things had then.
DATED = ("docs/measurements/", "CHANGELOG.md")

FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)")
DECISION = re.compile(r"docs/adr/(\d{4})")
FILE_NAME = re.compile(r"[\w.*-]+\.(py|proto|md|mjs|toml|yaml|lock)")


def spans(text: str) -> set[str]:
    return set(CODE_SPAN.findall(FENCED.sub("", text)))


def names_a_path(span: str) -> bool:
    """Whether *span* is a path from the root, or the bare name of a source file."""
    first, slash, _ = span.partition("/")
    if slash:
        return first in TOP_FOLDERS and re.fullmatch(r"[\w./*-]+", span) is not None
    return FILE_NAME.fullmatch(span) is not None


def is_there(path: str) -> bool:
    if "/" not in path:
        return any(fnmatch(PurePosixPath(name).name, path) for name in FILES)
    return path.rstrip("/") in FOLDERS or any(fnmatch(name, path) for name in FILES)


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if not name.startswith(DATED)])
def test_a_document_names_paths_that_are_there(document: str):
    text = (ROOT / document).read_text(encoding="utf8")

    assert [span for span in sorted(spans(text)) if names_a_path(span) and not is_there(span)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_links_to_what_is_there(document: str):
    links = LINK.findall((ROOT / document).read_text(encoding="utf8"))
    folder = (ROOT / document).parent

    assert [link for link in links if "://" not in link and not (folder / link).exists()] == []


def test_a_decision_that_is_referred_to_is_there():
    written = {Path(name).name[:4] for name in DOCUMENTS if name.startswith("docs/adr/")}
    referred = {
        (name, number)
        for name in FILES
        if name.endswith((".md", ".py", ".proto", ".yaml"))
        for number in DECISION.findall((ROOT / name).read_text(encoding="utf8"))
    }

    assert {(name, number) for name, number in referred if number not in written} == set()


@pytest.mark.parametrize("decision", [name for name in DOCUMENTS if name.startswith("docs/adr/")])
def test_a_decision_is_half_a_page_with_the_same_four_parts(decision: str):
    text = (ROOT / decision).read_text(encoding="utf8")

    assert len(text.split()) <= MAX_WORDS
    assert "\nStatus: " in text
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
