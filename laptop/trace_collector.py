"""
A small receiver of traces, for one machine: `python -m laptop.trace_collector --home FOLDER`.

It takes OTLP over gRPC on loopback and keeps the last spans in `traces.db`
(SQLite) in the state folder, so that `lientuyen trace` can draw them.  Metrics
are accepted and dropped.  A deployment sends its telemetry to a real collector;
this one exists so that a laptop shows the same picture.
"""

import argparse
import asyncio
import signal
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Status

# About 60 MB on disk; older spans are dropped in steps.
MAX_SPANS = 200_000
SPANS_BETWEEN_TRIMS = 5_000

SCHEMA = """
create table if not exists spans (
    trace_id text not null,
    span_id text not null,
    parent_id text not null,
    service text not null,
    name text not null,
    kind integer not null,
    start_ns integer not null,
    end_ns integer not null,
    error integer not null,
    summary text not null
);
create index if not exists spans_of_a_trace on spans (trace_id);
"""
INSERT = "insert into spans values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
TRIM = "delete from spans where rowid <= (select max(rowid) from spans) - ?"


def open_store(folder: Path) -> sqlite3.Connection:
    folder.mkdir(parents=True, exist_ok=True)
    store = sqlite3.connect(folder / "traces.db", timeout=5)
    store.execute("pragma journal_mode = wal")
    store.executescript(SCHEMA)
    return store


def attribute(attributes: Iterable[KeyValue], key: str) -> str:
    return next((pair.value.string_value for pair in attributes if pair.key == key), "")


def rows(batch: ResourceSpans) -> Iterable[tuple[object, ...]]:
    service = attribute(batch.resource.attributes, "service.name")
    if node := attribute(batch.resource.attributes, "lientuyen.node"):
        service = f"{node}/{service}"
    for scope in batch.scope_spans:
        for span in scope.spans:
            yield (
                span.trace_id.hex(),
                span.span_id.hex(),
                span.parent_span_id.hex(),
                service,
                span.name,
                span.kind,
                span.start_time_unix_nano,
                span.end_time_unix_nano,
                int(span.status.code == Status.STATUS_CODE_ERROR),
                attribute(span.attributes, "db.query.summary"),
            )


class TraceService(trace_service_pb2_grpc.TraceServiceServicer):
    def __init__(self, store: sqlite3.Connection) -> None:
        self._store, self._since_trim = store, 0

    async def Export(
        self,
        request: trace_service_pb2.ExportTraceServiceRequest,
        context: grpc.aio.ServicerContext[
            trace_service_pb2.ExportTraceServiceRequest, trace_service_pb2.ExportTraceServiceResponse
        ],
    ) -> trace_service_pb2.ExportTraceServiceResponse:
        new_rows = [row for batch in request.resource_spans for row in rows(batch)]
        self._since_trim += len(new_rows)
        with self._store:
            self._store.executemany(INSERT, new_rows)
            if self._since_trim >= SPANS_BETWEEN_TRIMS:
                self._store.execute(TRIM, (MAX_SPANS,))
                self._since_trim = 0
        return trace_service_pb2.ExportTraceServiceResponse()


class MetricsService(metrics_service_pb2_grpc.MetricsServiceServicer):
    """Takes metrics and drops them, so that exporters do not complain."""

    async def Export(
        self,
        request: metrics_service_pb2.ExportMetricsServiceRequest,
        context: grpc.aio.ServicerContext[
            metrics_service_pb2.ExportMetricsServiceRequest, metrics_service_pb2.ExportMetricsServiceResponse
        ],
    ) -> metrics_service_pb2.ExportMetricsServiceResponse:
        return metrics_service_pb2.ExportMetricsServiceResponse()


async def serve(folder: Path, listen: str) -> None:
    store = open_store(folder)
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(TraceService(store), server)  # type: ignore[no-untyped-call]
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(MetricsService(), server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port(listen)
    await server.start()
    print(f"collector ready on {listen.rsplit(':', 1)[0]}:{port}", flush=True)  # noqa: T201
    stop = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    await stop.wait()
    await server.stop(grace=2)
    store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--home", type=Path, required=True, help="the state folder")
    parser.add_argument("--listen", default="127.0.0.1:0", help="host:port, loopback only")
    options = parser.parse_args()
    asyncio.run(serve(options.home, options.listen))


if __name__ == "__main__":
    main()
