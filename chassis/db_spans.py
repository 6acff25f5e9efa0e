"""
What is seen of a statement: its span where the trace is kept, its duration always; never its text.

Spans and figures tell which statement (`SELECT persons`), in which database, and PostgreSQL's own code for
what went wrong (SQLSTATE), by the conventions for databases (stable).
"""

import time
from functools import lru_cache
from types import TracebackType
from typing import Final

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from . import telemetry
from .spans import Attributes

_ERROR: Final = Status(StatusCode.ERROR)


class db_span:  # it reads as a call: `with db_span(…):`
    """The block in which a statement runs: `SELECT`, `SELECT persons`, and the database's name."""

    __slots__ = ("_attributes", "_began", "_span")

    def __init__(self, operation: str, summary: str, namespace: str) -> None:
        self._attributes = _statement(operation, summary, namespace)
        self._span: Span | None = None
        self._began = 0.0

    def __enter__(self) -> None:
        if trace.get_current_span().is_recording():
            name = str(self._attributes["db.query.summary"])
            self._span = telemetry.current().tracer.start_span(
                name, kind=SpanKind.CLIENT, attributes=self._attributes
            )
        self._began = time.perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> None:
        seconds = time.perf_counter() - self._began
        # One that was cancelled has not failed: whoever asked went away.
        ending = _failure(error) if isinstance(error, Exception) else {}
        attributes = {**self._attributes, **ending} if ending else self._attributes
        telemetry.current().statement_duration.record(seconds, attributes)
        if self._span is not None:
            if ending:
                self._span.set_attributes(ending)
                self._span.set_status(_ERROR)
            self._span.end()


def record_batched(
    summary: str, namespace: str, *, wait: tuple[int, int], run: tuple[int, int], size: int
) -> None:
    """Leave, in the trace of a call, the wait for a batch and the batch's statement, after they have been.

    *wait* and *run* are beginnings and ends in nanoseconds since 1970; *size* is how many questions
    went together.
    """
    if not trace.get_current_span().is_recording():
        return
    waiting = telemetry.current().tracer.start_span("wait for batch", start_time=wait[0])
    waiting.end(wait[1])
    operation = summary.partition(" ")[0]
    attributes = {**_statement(operation, summary, namespace), "lientuyen.batch.size": size}
    statement = telemetry.current().tracer.start_span(
        summary, kind=SpanKind.CLIENT, attributes=attributes, start_time=run[0]
    )
    statement.end(run[1])


@lru_cache(maxsize=256)
def _statement(operation: str, summary: str, namespace: str) -> Attributes:
    return {
        "db.system.name": "postgresql",
        "db.namespace": namespace,
        "db.operation.name": operation,
        "db.query.summary": summary,
    }


def _failure(error: Exception) -> Attributes:
    """Return PostgreSQL's code for *error*, where there is one; else the name of its type."""
    sqlstate = getattr(error, "sqlstate", None)
    if isinstance(sqlstate, str):
        return {"db.response.status_code": sqlstate, "error.type": sqlstate}
    return {"error.type": type(error).__qualname__}
