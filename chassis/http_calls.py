"""
Calls over HTTP to whoever speaks no gRPC: their span and their duration, by OpenTelemetry's conventions.

    with http_span("coverage.look_up", "POST", url) as span:
        response = await client.post(...)
        span.answered(response.status_code)

The span's name is ours and constant.  Neither the path nor a query is recorded, nor
anything of a body.
"""

import asyncio
import time
from functools import lru_cache
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.metrics import Histogram, Meter
from opentelemetry.trace import SpanKind, Status, StatusCode

from . import spans
from .recording import BUCKETS


class HttpSpan:
    """One request; end it with `answered`, or `failed` where the status alone does not tell."""

    __slots__ = ("_attributes", "_began", "_error", "_span", "_status")

    def __init__(self, name: str, method: str, url: str) -> None:
        place = urlsplit(url)
        port = place.port or (443 if place.scheme == "https" else 80)
        self._attributes: dict[str, str | int] = {
            "http.request.method": method,
            "server.address": place.hostname or "",
            "server.port": port,
        }
        self._status, self._error = 0, ""
        current = trace.get_current_span()
        # Under a call whose trace is not kept there is nothing to add.
        quiet = current.get_span_context().is_valid and not current.is_recording()
        self._span = None if quiet else spans.recorder.start(name, SpanKind.CLIENT, self._attributes)

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        return self

    def answered(self, status: int) -> None:
        """Note the status code that came."""
        self._status = status

    def failed(self, error: str) -> None:
        """Note that the answer was none, by a word of a closed set."""
        self._error = error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        ending = self._ending(error)
        spans.recorder.took(
            _histogram(spans.recorder.meter),
            time.perf_counter() - self._began,
            {**self._attributes, **ending},
            self._span or trace.get_current_span(),
        )
        if self._span is not None:
            self._span.set_attributes(ending)
            if "error.type" in ending:
                self._span.set_status(Status(StatusCode.ERROR))
            self._span.end()

    def _ending(self, error: BaseException | None) -> dict[str, str | int]:
        ending: dict[str, str | int] = {"http.response.status_code": self._status} if self._status else {}
        if self._error:
            return {**ending, "error.type": self._error}
        if isinstance(error, asyncio.CancelledError):
            return {**ending, "error.type": "cancelled"}
        if error is not None:
            return {**ending, "error.type": type(error).__qualname__}
        return {**ending, "error.type": str(self._status)} if self._status >= 400 else ending


def http_span(name: str, method: str, url: str) -> HttpSpan:
    """Return the block of one request to *url*, of which host and port are recorded."""
    return HttpSpan(name, method, url)


@lru_cache(maxsize=4)
def _histogram(meter: Meter) -> Histogram:
    return meter.create_histogram(
        "http.client.request.duration",
        "s",
        "How long requests to others took.",
        explicit_bucket_boundaries_advisory=BUCKETS,
    )
