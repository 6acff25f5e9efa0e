"""What the services have exported over OTLP, as a reader of docs/telemetry.md meets it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from google.protobuf.message import Message
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

SERVICES = {"identity", "records", "routing", "pharmacy"}
KINDS = {
    Span.SPAN_KIND_SERVER: "SERVER",
    Span.SPAN_KIND_CLIENT: "CLIENT",
    Span.SPAN_KIND_PRODUCER: "PRODUCER",
    Span.SPAN_KIND_CONSUMER: "CONSUMER",
    Span.SPAN_KIND_INTERNAL: "INTERNAL",
}


@dataclass(frozen=True)
class ExportedSpan:
    """One span: its kind as the conventions write it, and its attributes."""

    name: str
    kind: str
    attributes: dict[str, str]


@dataclass
class ExportedMetric:
    """One metric: its instrument, its unit, and the keys of all attributes that it was recorded with."""

    instrument: str
    unit: str
    attributes: set[str] = field(default_factory=set)


def exported_spans(raw: Iterable[bytes]) -> list[ExportedSpan]:
    """Return the spans of the services, and of no client, in export requests."""
    return [
        ExportedSpan(span.name, KINDS[span.kind], _values(span.attributes))
        for request in map(ExportTraceServiceRequest.FromString, raw)
        for batch in request.resource_spans
        if _values(batch.resource.attributes).get("service.name") in SERVICES
        for scope in batch.scope_spans
        for span in scope.spans
    ]


def exported_metrics(raw: Iterable[bytes]) -> dict[str, ExportedMetric]:
    """Return the metrics of the services in export requests, by name."""
    metrics: dict[str, ExportedMetric] = {}
    for metric in _metrics(raw):
        instrument, points = _instrument(metric)
        seen = metrics.setdefault(metric.name, ExportedMetric(instrument, metric.unit))
        seen.attributes.update(*(_keys(point.attributes) for point in points))
    return metrics


def resources(raw: Iterable[bytes]) -> Iterator[tuple[dict[str, str], str]]:
    """Yield the attributes of each resource in export requests of spans, and their schema."""
    for request in map(ExportTraceServiceRequest.FromString, raw):
        for batch in request.resource_spans:
            yield _values(batch.resource.attributes), batch.schema_url


def _metrics(raw: Iterable[bytes]) -> Iterator[Metric]:
    for request in map(ExportMetricsServiceRequest.FromString, raw):
        for batch in request.resource_metrics:
            for scope in batch.scope_metrics:
                yield from scope.metrics


def _instrument(metric: Metric) -> tuple[str, Iterable[Message]]:
    kind = metric.WhichOneof("data") or ""
    data = getattr(metric, kind)
    if kind == "sum":
        kind = "counter" if data.is_monotonic else "up-down counter"
    return kind, data.data_points


def _values(attributes: Iterable[KeyValue]) -> dict[str, str]:
    return {pair.key: pair.value.string_value or str(pair.value.int_value) for pair in attributes}


def _keys(attributes: Iterable[KeyValue]) -> set[str]:
    return {pair.key for pair in attributes}
