"""
Traces and metrics of one process, by OpenTelemetry's SDK: its sampler, its instruments, its exporters.

A tenth of the traces is kept, by the decision of whoever began the trace; a call
answered with an error is kept in any case, alone.  Nothing is exported unless
`OTEL_EXPORTER_OTLP_ENDPOINT`, or that of one signal, is set; the other standard
`OTEL_*` variables hold.  The spans themselves are in `spans`, the logs in `logs`; docs/telemetry.md
lists every name.
"""

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import metadata as packages
from typing import Final, TypeAlias
from uuid import uuid4

from opentelemetry import metrics
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import CallbackOptions, Counter, Histogram, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, Sampler, TraceIdRatioBased
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from . import logs

# How it is decided when OTEL_TRACES_SAMPLER does not say, and what is kept then: one trace in ten.
DEFAULT_SAMPLER: Final = "parentbased_traceidratio"
SAMPLE_RATIO: Final = 0.1

# The conventions that our names are from: https://github.com/open-telemetry/semantic-conventions.
SCHEMA_URL: Final = "https://opentelemetry.io/schemas/1.44.0"
VERSION: Final = packages.version("lientuyen")
SCOPE: Final = InstrumentationScope("lientuyen", VERSION, SCHEMA_URL)

# Seconds; the bounds that the conventions advise for calls, and for statements and whatever else is as short.
DURATION_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
SHORT_BUCKETS_S: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)

# How long a stopping process waits for its last spans and figures to leave.
# The exporters' own limits are 30 seconds each, which a stopping pod does not have.
FLUSH_TIMEOUT_S: Final = 3.0

Reading: TypeAlias = Iterable[tuple[float, Mapping[str, str]]]


class Telemetry:
    """The providers of a process and what is made of them.  The bare one makes trace ids and keeps nothing.

    *sampler* None is the one that OTEL_TRACES_SAMPLER names.
    """

    def __init__(
        self,
        resource: Resource | None = None,
        sampler: Sampler | None = ALWAYS_OFF,
        processors: Sequence[SpanProcessor] = (),
        readers: Sequence[MetricReader] = (),
    ) -> None:
        self.is_set_up = resource is not None
        self.resource = resource or Resource({})
        self.processors = processors
        self.readers = readers
        self.meters = MeterProvider(readers, self.resource, shutdown_on_exit=False)
        self.traces = TracerProvider(
            sampler, self.resource, shutdown_on_exit=False, meter_provider=metrics.NoOpMeterProvider()
        )
        for processor in processors:
            self.traces.add_span_processor(processor)
        self.tracer = self.traces.get_tracer(SCOPE.name, VERSION, schema_url=SCHEMA_URL)
        self.meter = self.meters.get_meter(SCOPE.name, VERSION, schema_url=SCHEMA_URL)
        long, short = DURATION_BUCKETS_S, SHORT_BUCKETS_S
        self.server_duration = self._durations("rpc.server.call.duration", "Calls answered.", long)
        self.client_duration = self._durations("rpc.client.call.duration", "Calls to peers.", long)
        self.http_duration = self._durations("http.client.request.duration", "Requests to others.", long)
        self.statement_duration = self._durations("db.client.operation.duration", "Statements.", short)
        self.pool_wait = self._durations("db.client.connection.wait_time", "Waits for a connection.", short)
        self.loop_delay = self._durations("lientuyen.eventloop.delay", "How late the event loop is.", short)
        self._counters: dict[str, Counter] = {}
        self._histograms: dict[str, Histogram] = {}

    def _durations(self, name: str, description: str, bounds: Sequence[float]) -> Histogram:
        return self.meter.create_histogram(name, "s", description, explicit_bucket_boundaries_advisory=bounds)

    def counter(self, name: str, unit: str, description: str) -> Counter:
        if name not in self._counters:
            self._counters[name] = self.meter.create_counter(name, unit, description)
        return self._counters[name]

    def histogram(self, name: str, unit: str, description: str, bounds: Sequence[float]) -> Histogram:
        if name not in self._histograms:
            self._histograms[name] = self.meter.create_histogram(
                name, unit, description, explicit_bucket_boundaries_advisory=bounds
            )
        return self._histograms[name]

    def export(self, span: ReadableSpan) -> None:
        for processor in self.processors:
            processor.on_end(span)

    def close(self) -> None:
        """Export what is left; may take a minute when a collector hangs."""
        self.traces.shutdown()
        self.meters.shutdown()


_telemetry = Telemetry()


def current() -> Telemetry:
    """Return the telemetry of this process: that of `setup`, or the bare one."""
    return _telemetry


def setup(service: str, *, exporter: SpanExporter | None = None, reader: MetricReader | None = None) -> None:
    """Begin the telemetry of this process, under the name *service*; the first call holds until `shutdown`.

    *exporter* and *reader*, for tests, take the place of the exporters of the environment.
    """
    global _telemetry
    if _telemetry.is_set_up:
        return
    logs.setup(service)
    processors: list[SpanProcessor] = [SimpleSpanProcessor(exporter)] if exporter else _span_processors()
    readers = [reader] if reader else _metric_readers()
    _telemetry = Telemetry(_resource(service), _sampler(), processors, readers)


def shutdown(timeout_s: float = FLUSH_TIMEOUT_S) -> None:
    """Send what is left, waiting no longer than *timeout_s*, and stop recording."""
    global _telemetry
    ended, _telemetry = _telemetry, Telemetry()
    # Not on this thread: an exporter that waits for a collector cannot be hurried.
    flush = threading.Thread(target=ended.close, name="telemetry-flush", daemon=True)
    flush.start()
    flush.join(timeout_s)


def count(name: str, amount: int = 1, *, description: str = "", **attributes: str) -> None:
    """Add *amount* to the counter *name* (`lientuyen.dossier.refused`), under *attributes*.

    Attributes come from small closed sets (a reason, a topic), never from a request's content.
    """
    _telemetry.counter(name, "1", description).add(amount, attributes)


def record(
    name: str, value: float, *, unit: str, bounds: Sequence[float], description: str = "", **attributes: str
) -> None:
    """Add *value* to the histogram *name* with buckets up to *bounds*, under *attributes* as for `count`."""
    _telemetry.histogram(name, unit, description, bounds).record(value, attributes)


def gauge(name: str, read: Callable[[], Reading], *, unit: str = "1", description: str = "") -> None:
    """Report what *read* returns, pairs of a number and its attributes, whenever figures are collected.

    *read* is called on another thread: it returns what was noted last and waits for nothing.
    Call this after `setup`.
    """
    _telemetry.meter.create_observable_gauge(name, [_observing(read)], unit, description)


def level(name: str, read: Callable[[], Reading], *, unit: str, description: str = "") -> None:
    """Report as `gauge` does what adds up over processes: the conventions' UpDownCounter."""
    _telemetry.meter.create_observable_up_down_counter(name, [_observing(read)], unit, description)


def _observing(read: Callable[[], Reading]) -> Callable[[CallbackOptions], Iterable[Observation]]:
    return lambda _: [Observation(value, attributes) for value, attributes in read()]


def _resource(service: str) -> Resource:
    """Return who we are; OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word."""
    ours = Resource(
        {
            "service.name": service,
            "service.namespace": "lientuyen",
            "service.version": VERSION,
            "service.instance.id": str(uuid4()),
            "telemetry.sdk.language": "python",
            "telemetry.sdk.name": "opentelemetry",
            "telemetry.sdk.version": packages.version("opentelemetry-sdk"),
        },
        SCHEMA_URL,
    )
    return ours.merge(OTELResourceDetector().detect())


def _sampler() -> Sampler | None:
    """Return our default, of a tenth unless OTEL_TRACES_SAMPLER_ARG says else; None for another sampler."""
    if os.environ.get("OTEL_TRACES_SAMPLER") not in (None, "", DEFAULT_SAMPLER):
        return None
    return ParentBased(TraceIdRatioBased(float(os.environ.get("OTEL_TRACES_SAMPLER_ARG") or SAMPLE_RATIO)))


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
