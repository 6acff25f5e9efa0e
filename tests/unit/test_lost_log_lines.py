"""Logging never raises: not for a broken stderr, not for what cannot be written down."""

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from chassis import logs
from chassis.logs import log


class Unspeakable(str):
    """A text that nothing can be done with."""

    __slots__ = ()

    def __hash__(self) -> int:
        raise ValueError("no hash")

    def __iter__(self) -> Iterator[str]:
        raise ValueError("no letters")


def closed() -> io.TextIOBase:
    file = io.StringIO()
    file.close()
    return file


def full_disk() -> io.TextIOBase:
    return Path("/dev/full").open("w", encoding="utf8")


def ascii_only() -> io.TextIOBase:
    return io.TextIOWrapper(io.BytesIO(), encoding="ascii")


@contextmanager
def library() -> Iterator[logging.Logger]:
    """Give a library that logs by our door alone: pytest has handlers of its own, which do raise."""
    root = logging.getLogger()
    before, root.handlers = root.handlers, []
    logs.setup("identity")
    yield logging.getLogger("a.library")
    root.handlers = before


@pytest.mark.parametrize("broken", [closed, full_disk, ascii_only, lambda: None])
def test_a_line_that_cannot_be_written_is_counted_and_lost(monkeypatch, broken):
    before, stderr = logs.lost_lines(), broken()
    with monkeypatch.context() as patch, library() as logger:
        patch.setattr(sys, "stderr", stderr)
        for _ in range(3):
            log.error("sổ khám bệnh", exc_info=ValueError())
            logger.error("sổ khám bệnh", exc_info=ValueError())

    with suppress(OSError, AttributeError):  # what it could not write, it cannot write at its end either
        stderr.close()
    assert logs.lost_lines() == before + 6


def test_a_line_that_cannot_be_made_is_lost_and_the_next_is_written(capsys):
    class Raising:
        def __repr__(self) -> str:
            raise ValueError("no words")

    with library() as logger:
        log.info("it", what=Unspeakable("x"), **{"k\ud800": 1})
        logger.info("%s and %s", "one")
        logger.info("%s", Raising())
        log.info("the next")

    assert '"the next"' in capsys.readouterr().err
