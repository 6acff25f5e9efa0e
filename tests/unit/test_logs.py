"""A log line that cannot be written fails nothing else."""

import sys
from contextlib import suppress
from pathlib import Path

import pytest

from chassis.logs import log


def test_a_disk_that_is_full_under_the_log_fails_no_call(monkeypatch: pytest.MonkeyPatch):
    full = Path("/dev/full").open("w", encoding="utf8")  # noqa: SIM115  closing it fails too
    monkeypatch.setattr(sys, "stderr", full)

    log.info("dossier accepted", rows=113)

    with suppress(OSError):
        full.close()
