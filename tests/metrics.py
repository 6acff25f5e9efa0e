"""What a process has measured, read as an exporter reads it."""

from collections.abc import Iterator

from opentelemetry.sdk.metrics.export import InMemoryMetricReader, Metric


def metrics(reader: InMemoryMetricReader) -> Iterator[Metric]:
    """Collect, and return each metric."""
    data = reader.get_metrics_data()
    for resource in data.resource_metrics if data else ():
        for scope in resource.scope_metrics:
            yield from scope.metrics
