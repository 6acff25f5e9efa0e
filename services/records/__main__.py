"""
`python -m services.records`: the records service alone.

`python -m services.records validate FILE…` checks files and needs no database: one JSON
object a line, {"file", "accepted", "findings": [{"rule", "severity", "path", "message_vi",
"message_en"}]}; exit 0 when all are accepted, 1 when one is refused, 2 when one cannot be read.
"""

import json
import sys
from pathlib import Path

from .model.kcb.report import Report
from .model.kcb.validate import validate

USAGE = "usage: python -m services.records validate FILE…"


def check_files(names: list[str]) -> int:
    """Check the files, write what is found, and return the exit code."""
    if not names:
        sys.stderr.write(f"{USAGE}\n")
        return 2
    return max(check_file(name) for name in names)


def check_file(name: str) -> int:
    try:
        content = Path(name).read_bytes()
    except OSError as error:
        sys.stderr.write(f"{name}: {error.strerror}\n")
        return 2
    report = validate(content)
    sys.stdout.write(json.dumps(told(name, report), ensure_ascii=False) + "\n")
    return 0 if report.accepted else 1


def told(name: str, report: Report) -> dict[str, object]:
    """Return what is said of one file."""
    return {
        "file": name,
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
