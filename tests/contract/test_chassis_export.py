"""What leaves for a collector: by the standard variables, over OTLP/gRPC; and stopping never waits for it."""

import threading
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics_pb
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import (
    MetricsServiceServicer,
    add_MetricsServiceServicer_to_server,
)
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace_pb
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)

from chassis import spans, telemetry

GET_PERSON = "lientuyen.identity.v1.PersonService/GetPerson"


class Collector(TraceServiceServicer, MetricsServiceServicer):
    """A collector that keeps what it gets, or hangs until it is let go."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.hangs = False
        self.let_go = threading.Event()

    def Export(self, request: Any, context: Any) -> Any:
        if self.hangs:
            self.let_go.wait(30)
        self.got.append(request)
        traces = isinstance(request, trace_pb.ExportTraceServiceRequest)
        return (trace_pb.ExportTraceServiceResponse if traces else metrics_pb.ExportMetricsServiceResponse)()


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    made = Collector()
    server = grpc.server(futures.ThreadPoolExecutor(4))
    add_TraceServiceServicer_to_server(made, server)  # type: ignore[no-untyped-call]
    add_MetricsServiceServicer_to_server(made, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=pilot")
    yield made
    made.let_go.set()
    server.stop(None).wait()


def answer_one() -> None:
    with spans.server_span(GET_PERSON, ()) as call:
        call.answered(grpc.StatusCode.INTERNAL)


def test_spans_and_durations_reach_a_collector(collector: Collector) -> None:
    telemetry.setup("identity")
    answer_one()
    telemetry.shutdown()

    traces = [got for got in collector.got if isinstance(got, trace_pb.ExportTraceServiceRequest)]
    metrics = [got for got in collector.got if isinstance(got, metrics_pb.ExportMetricsServiceRequest)]
    [resource] = traces[0].resource_spans
    names = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
    assert (names["service.name"], names["service.namespace"]) == ("identity", "lientuyen")
    assert names["deployment.environment.name"] == "pilot"
    assert [span.name for scope in resource.scope_spans for span in scope.spans] == [GET_PERSON]
    recorded = {m.name for r in metrics[-1].resource_metrics for s in r.scope_metrics for m in s.metrics}
    assert "rpc.server.call.duration" in recorded


def test_a_collector_that_hangs_does_not_keep_a_process_from_stopping(collector: Collector) -> None:
    collector.hangs = True
    telemetry.setup("identity")
    answer_one()
    telemetry.shutdown(timeout_s=0.3)  # returns, or the test's own limit ends it
    assert not collector.let_go.is_set()
    collector.let_go.set()


@pytest.mark.parametrize(
    ("variable", "value"), [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")]
)
def test_export_can_be_turned_off(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    telemetry.setup("identity")
    assert telemetry.current().processors == []
    telemetry.shutdown()


def test_nothing_is_exported_unless_the_environment_says_where_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    telemetry.setup("identity")
    assert telemetry.current().processors == []
    assert not telemetry.current().readers
    telemetry.shutdown()
