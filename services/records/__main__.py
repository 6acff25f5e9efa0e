"""
`python -m services.records`: the records service alone.

`python -m services.records validate FILE…` checks files and needs no database: one JSON
object a line in UTF-8, {"file", "accepted", "findings": [{"rule", "severity", "path",
"message_vi", "message_en"}]}; exit 0 when all are accepted, 1 when one is refused, 2 when one
cannot be read or nobody takes what is written.
"""

import json
import os
import sys
from pathlib import Path

from kcb.report import Report
from kcb.validate import validate
from kcb.xml_parser import MAX_FILE_BYTES

USAGE = "usage: python -m services.records validate FILE…"

MISUSE = 2


def check_files(names: list[str]) -> int:
    """Check the files, write what is found, and return the exit code."""
    if not names or sys.stdout is None:
        complain(USAGE)
        return MISUSE
    try:
        return max(check_file(name) for name in names)
    except BrokenPipeError:
        # What is still in the buffer would be written at exit, to nobody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return MISUSE


def check_file(name: str) -> int:
    try:
        content = content_of(Path(name))
    except OSError as error:
        complain(f"{name}: {error.strerror}")
        return MISUSE
    report = validate(content)
    sys.stdout.buffer.write(json.dumps(told(name, report), ensure_ascii=False).encode() + b"\n")
    sys.stdout.buffer.flush()
    return 0 if report.accepted else 1


def content_of(path: Path) -> bytes:
    """Return a file's bytes, of one that is too large only so many that it is seen to be."""
    if path.exists() and not path.is_file():
        raise OSError(0, "not a file")
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES + 1)


def complain(sentence: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"{sentence}\n")


def told(name: str, report: Report) -> dict[str, object]:
    """Return what is said of one file; bytes of its name that are no UTF-8 become U+FFFD."""
    return {
        "file": os.fsencode(name).decode("utf8", "replace"),
        "accepted": report.accepted,
        "findings": [
            {
                "rule": found.rule,
                "severity": "refuse" if found.refuses else "warn",
                "path": found.path,
                "message_vi": found.vi,
                "message_en": found.en,
            }
            for found in report.findings
        ],
    }


if sys.argv[1:2] == ["validate"]:
    raise SystemExit(check_files(sys.argv[2:]))

from chassis.server import run  # noqa: E402

from .app import build  # noqa: E402
from .settings import Settings  # noqa: E402

run(build, Settings)
