"""A stack for each module of tests: the supervisor, PostgreSQL, four processes; and every span they send."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent import futures
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from laptop.trace_collector import INSERT, open_store, rows
from lientuyen_client import Stack, trace_tree
from lientuyen_client.running_stack import NoStack, read_stack
from tests.harness import eventually

# Seconds until the stack runs, and for one test: a machine ten times slower than ours keeps both.
START = 200
TEST = 600


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give the tests of whole stacks the time that they need."""
    item.add_marker(pytest.mark.timeout(TEST))


class Spans(trace_service_pb2_grpc.TraceServiceServicer):
    """Keeps what comes twice: the raw bytes, to look for secrets in; and as the collector does, to draw."""

    def __init__(self, home: Path) -> None:
        self.raw: list[bytes] = []
        self._home = home
        self._lock = threading.Lock()

    def Export(self, request, context):
        with self._lock:
            self.raw.append(request.SerializeToString())
            store = open_store(self._home)
            with store:
                store.executemany(INSERT, [row for batch in request.resource_spans for row in rows(batch)])
            store.close()
        return trace_service_pb2.ExportTraceServiceResponse()


class Metrics(metrics_service_pb2_grpc.MetricsServiceServicer):
    """Keeps the raw bytes of metrics."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []

    def Export(self, request, context):
        self.raw.append(request.SerializeToString())
        return metrics_service_pb2.ExportMetricsServiceResponse()


@dataclass
class Live:
    """A stack that runs."""

    home: Path
    collector: str
    spans: Spans
    metrics: Metrics
    stack: Stack = field(init=False)
    supervisor: subprocess.Popen[bytes] = field(init=False, repr=False)

    def start(self) -> None:
        """Start the stack, or start it again after it was stopped; return when it runs."""
        environment = {
            **os.environ,
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{self.collector}",
            "OTEL_TRACES_SAMPLER": "parentbased_always_on",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
            "OTEL_METRIC_EXPORT_INTERVAL": "500",
        }
        command = [sys.executable, "-m", "laptop", "--home", str(self.home)]
        self.supervisor = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        self.stack = wait(self.supervisor, self.home)

    def pid(self, service: str) -> int:
        """Return the process that serves *service* now."""
        return int(json.loads((self.home / "stack.json").read_text(encoding="utf8"))["processes"][service])

    def kill(self, service: str) -> None:
        """End *service* as a crash would."""
        os.kill(self.pid(service), signal.SIGKILL)

    def logs(self) -> str:
        return "".join(path.read_text(encoding="utf8") for path in (self.home / "logs").iterdir())

    def environment(self) -> dict[str, str]:
        return {**os.environ, "LIENTUYEN_HOME": str(self.home)}

    def settled(self, trace_id: str) -> list[trace_tree.Span]:
        """Return the spans of a trace when no more come."""
        seen, spans, until = -1, [], time.monotonic() + 20
        while len(spans) != seen and time.monotonic() < until:
            seen = len(spans)
            time.sleep(1.5)
            spans = trace_tree.read_spans(self.home, trace_id)
        return spans


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    home = tmp_path_factory.mktemp("e2e") / "home"
    spans, metrics = Spans(home), Metrics()
    receiver = grpc.server(futures.ThreadPoolExecutor(4), options=[("grpc.so_reuseport", 0)])
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(spans, receiver)
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(metrics, receiver)
    collector = f"127.0.0.1:{receiver.add_insecure_port('127.0.0.1:0')}"
    receiver.start()
    live = Live(home, collector, spans, metrics)
    try:
        live.start()
        yield live
    finally:
        live.supervisor.terminate()
        live.supervisor.wait(timeout=60)
        receiver.stop(grace=None).wait()


def wait(supervisor: subprocess.Popen[bytes], home: Path) -> Stack:
    def started() -> Stack | None:
        assert supervisor.poll() is None, "the supervisor ended"
        with suppress(NoStack):
            return read_stack(home)
        return None

    return asyncio.run(eventually(started, START))
