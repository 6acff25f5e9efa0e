"""What a process has measured and traced, read as an exporter reads it."""

from collections.abc import Iterator
from typing import Any

from opentelemetry.sdk.metrics.export import InMemoryMetricReader, Metric
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis import telemetry


def metrics(reader: InMemoryMetricReader) -> Iterator[Metric]:
    """Collect, and return each metric."""
    data = reader.get_metrics_data()
    for resource in data.resource_metrics if data else ():
        for scope in resource.scope_metrics:
            yield from scope.metrics


class Observed:
    """All spans and metrics of this process, from `start` until `stop`."""

    exporter: InMemorySpanExporter
    reader: InMemoryMetricReader

    def start(self, service: str) -> None:
        """Begin anew, by the environment as it is now."""
        telemetry.shutdown()
        self.exporter, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        telemetry.setup(service, exporter=self.exporter, reader=self.reader)

    def stop(self) -> None:
        telemetry.shutdown()

    def spans(self, suffix: str) -> list[ReadableSpan]:
        """Return the ended spans whose name ends so, in the order of their ends."""
        return [span for span in self.exporter.get_finished_spans() if span.name.endswith(suffix)]

    def points(self, name: str) -> list[Any]:
        """Return the points of one metric; none when it was not recorded."""
        named = [metric for metric in metrics(self.reader) if metric.name == name]
        return [point for metric in named for point in metric.data.data_points]


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})
