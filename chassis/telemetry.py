"""
Traces and metrics of one process, by the conventions of OpenTelemetry.

A tenth of the traces is kept, by the decision of whoever began the trace; a call
answered with an error is kept in any case, alone.  Nothing is exported unless
`OTEL_EXPORTER_OTLP_ENDPOINT`, or that of one signal, is set; the other standard
`OTEL_*` variables hold.  The spans themselves are in `spans`, the logs in `logs`;
both are reached from here.
"""

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from importlib import metadata as packages
from uuid import uuid4

from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter

from . import logs, spans
from .logs import log
from .recording import Recorder
from .spans import client_span, consumer_span, db_span, server_span, span, trace_id, traceparent

__all__ = [
    "client_span",
    "consumer_span",
    "count",
    "db_span",
    "gauge",
    "log",
    "server_span",
    "setup",
    "shutdown",
    "span",
    "trace_id",
    "traceparent",
]

# How it is decided when OTEL_TRACES_SAMPLER does not say, and what is kept then: one trace in ten.
OURS = "parentbased_traceidratio"
SAMPLE_RATIO = 0.1

# How long a stopping process waits for its last spans and figures to leave, in seconds.
# The exporters' own limits are 30 seconds each, which a stopping pod does not have.
FLUSH_TIMEOUT = 3.0


def setup(service: str, *, exporter: SpanExporter | None = None, reader: MetricReader | None = None) -> None:
    """Begin the telemetry of this process, under the name *service*; the first call holds until `shutdown`.

    *exporter* and *reader*, for tests, take the place of the exporters of the environment.
    """
    if spans.recorder.is_set_up:
        return
    logs.setup(service)
    processors: list[SpanProcessor] = [SimpleSpanProcessor(exporter)] if exporter else _span_processors()
    readers = [reader] if reader else _metric_readers()
    spans.recorder = Recorder(_resource(service), None, processors, readers, _ratio())


def shutdown() -> None:
    """Send what is left, waiting no longer than FLUSH_TIMEOUT, and stop recording."""
    ended, spans.recorder = spans.recorder, Recorder()
    flush = threading.Thread(target=ended.close, name="telemetry-flush", daemon=True)
    flush.start()
    flush.join(FLUSH_TIMEOUT)


Reading = Iterable[tuple[float, Mapping[str, str]]]


def count(name: str, amount: int = 1, *, description: str = "", **attributes: str) -> None:
    """Add *amount* to the counter *name* (`lientuyen.dossier.refused`), under *attributes*.

    Attributes come from small closed sets (a reason, a topic), never from a request's content.
    """
    spans.recorder.count(name, description, amount, attributes)


def gauge(name: str, read: Callable[[], Reading], *, unit: str = "1", description: str = "") -> None:
    """Report what *read* returns, pairs of a number and its attributes, whenever figures are collected.

    *read* is called on another thread: it returns what was noted last and waits for nothing.
    Call this after `setup`.
    """

    def observe(_: CallbackOptions) -> Iterable[Observation]:
        return [Observation(value, attributes) for value, attributes in read()]

    spans.recorder.meter.create_observable_gauge(name, [observe], unit, description)


def _resource(service: str) -> Resource:
    """Return who we are; OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word."""
    ours = Resource(
        {
            "service.name": service,
            "service.namespace": "lientuyen",
            "service.instance.id": str(uuid4()),
            "telemetry.sdk.language": "python",
            "telemetry.sdk.name": "opentelemetry",
            "telemetry.sdk.version": packages.version("opentelemetry-sdk"),
        }
    )
    return ours.merge(OTELResourceDetector().detect())


def _ratio() -> float | None:
    """Return the share of the traces begun here that is kept, or None when another sampler is named."""
    if os.environ.get("OTEL_TRACES_SAMPLER") not in (None, "", OURS):
        return None
    return float(os.environ.get("OTEL_TRACES_SAMPLER_ARG") or SAMPLE_RATIO)


def _span_processors() -> list[SpanProcessor]:
    return [BatchSpanProcessor(OTLPSpanExporter())] if _exports("TRACES") else []


def _metric_readers() -> list[MetricReader]:
    return [PeriodicExportingMetricReader(OTLPMetricExporter())] if _exports("METRICS") else []


def _exports(signal: str) -> bool:
    """Return whether the environment names a collector for *signal*, and does not turn it off."""
    environ = os.environ
    endpoint = environ.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT") or environ.get(
        "OTEL_EXPORTER_OTLP_ENDPOINT"
    )
    disabled = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return bool(endpoint) and not disabled and environ.get(f"OTEL_{signal}_EXPORTER", "otlp") == "otlp"
