"""Telemetry: which spans there are, what they say, and above all what they do not."""

import asyncio
from collections.abc import Iterator
from importlib.metadata import version

import grpc
import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, Metric
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from chassis import spans, telemetry
from chassis.db_spans import db_span
from chassis.messaging_spans import consumer_span
from tests.metrics import metrics

GET_PERSON = "lientuyen.identity.v1.PersonService/GetPerson"
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED = (("user-agent", "his/1"), ("traceparent", f"00-{TRACE}-{PARENT}-01"))
NOT_SAMPLED = (("traceparent", f"00-{TRACE}-{PARENT}-00"),)
SECRET = "Nguyễn Văn An 001485000016"


class Telemetry:
    """What a process has exported."""

    def __init__(self) -> None:
        self.exporter, self.reader = InMemorySpanExporter(), InMemoryMetricReader()

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    def metric(self, name: str) -> Metric:
        [found] = [metric for metric in metrics(self.reader) if metric.name == name]
        return found


@pytest.fixture
def kept() -> Iterator[Telemetry]:
    made = Telemetry()
    telemetry.setup("identity", exporter=made.exporter, reader=made.reader)
    yield made
    telemetry.shutdown()


def all_that_is_said(span: ReadableSpan) -> str:
    return span.to_json() if span.context else ""


def test_a_kept_call_has_one_span_by_the_conventions(kept: Telemetry) -> None:
    with spans.server_span(f"/{GET_PERSON}", SAMPLED) as call:
        inside = spans.trace_id()
        call.answered(grpc.StatusCode.NOT_FOUND)

    [span] = kept.spans
    assert (span.name, span.kind, inside) == (GET_PERSON, SpanKind.SERVER, TRACE)
    assert span.parent is not None
    assert span.parent.span_id == int(PARENT, 16)
    assert dict(span.attributes or {}) == {
        "rpc.system.name": "grpc",
        "rpc.method": GET_PERSON,
        "rpc.response.status_code": "NOT_FOUND",
    }
    assert span.status.status_code is StatusCode.UNSET
    assert span.resource.attributes["service.name"] == "identity"
    assert span.resource.attributes["service.namespace"] == "lientuyen"
    assert span.resource.attributes["service.version"] == version("lientuyen")
    scope = span.instrumentation_scope
    assert scope is not None
    assert (scope.name, scope.version) == ("lientuyen", version("lientuyen"))
    assert scope.schema_url == span.resource.schema_url == "https://opentelemetry.io/schemas/1.44.0"
    assert spans.trace_id() == ""


@pytest.mark.parametrize("code", list(grpc.StatusCode))
def test_a_servers_span_fails_only_for_what_is_its_own_fault(kept: Telemetry, code: grpc.StatusCode) -> None:
    with spans.server_span(GET_PERSON, SAMPLED) as call:
        call.answered(code)
    [span] = kept.spans
    own = code.name in {
        "UNKNOWN",
        "DEADLINE_EXCEEDED",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
    }
    assert (span.status.status_code is StatusCode.ERROR) is own
    assert (span.attributes or {}).get("error.type") == (code.name if own else None)
    assert (span.attributes or {})["rpc.response.status_code"] == code.name


def test_of_calls_not_kept_those_that_fail_are_kept_alone(kept: Telemetry) -> None:
    with spans.server_span(GET_PERSON, NOT_SAMPLED) as call:
        with db_span("SELECT", "SELECT persons", "identity"):
            pass
        call.answered(grpc.StatusCode.NOT_FOUND)
    assert kept.spans == ()

    with spans.server_span(GET_PERSON, NOT_SAMPLED) as call:
        with db_span("SELECT", "SELECT persons", "identity"), spans.client_span("a.B/C"):
            sent = spans.traceparent()
        call.answered(grpc.StatusCode.INTERNAL)

    [span] = kept.spans
    assert span.context is not None
    assert span.parent is not None
    assert sent == f"00-{TRACE}-{span.context.span_id:016x}-00"
    assert (span.context.trace_id, span.parent.span_id) == (int(TRACE, 16), int(PARENT, 16))
    assert (span.name, span.kind, span.status.status_code) == (GET_PERSON, SpanKind.SERVER, StatusCode.ERROR)
    assert dict(span.attributes or {}) == {
        "rpc.system.name": "grpc",
        "rpc.method": GET_PERSON,
        "rpc.response.status_code": "INTERNAL",
        "error.type": "INTERNAL",
        "lientuyen.kept_for": "error",
    }
    assert span.start_time
    assert span.end_time
    assert 0 < span.end_time - span.start_time < 1_000_000_000
    assert span.resource.attributes["service.name"] == "identity"


def test_a_tenth_of_the_traces_that_begin_here_is_kept(kept: Telemetry) -> None:
    for _ in range(3000):
        with spans.server_span(GET_PERSON, ()):
            pass
    assert 180 < len(kept.spans) < 440


def test_the_environment_may_choose_another_sampler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_on")
    exporter = InMemorySpanExporter()
    telemetry.setup("identity", exporter=exporter)
    for _ in range(20):
        with spans.server_span(GET_PERSON, ()):
            pass
    telemetry.shutdown()
    assert len(exporter.get_finished_spans()) == 20


@pytest.mark.parametrize(("ratio", "flags"), [("0", "02"), ("1", "03")])
def test_a_call_has_ids_of_its_own_whether_its_trace_is_kept_or_not(
    monkeypatch: pytest.MonkeyPatch, ratio: str, flags: str
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", ratio)
    exporter = InMemorySpanExporter()
    telemetry.setup("identity", exporter=exporter)
    ids = set()
    for _ in range(10):
        with spans.server_span(GET_PERSON, ()):
            ids.add(spans.traceparent())
    telemetry.shutdown()
    assert len(ids) == 10
    assert {one.rpartition("-")[2] for one in ids} == {flags}  # random, and sampled or not
    kept = {f"{span.context.trace_id:032x}" for span in exporter.get_finished_spans() if span.context}
    assert kept == ({one.split("-")[1] for one in ids} if ratio == "1" else set())


def test_no_message_of_an_exception_is_on_any_span(kept: Telemetry) -> None:
    blocks = (
        lambda: spans.server_span(GET_PERSON, SAMPLED),
        lambda: spans.server_span(GET_PERSON, NOT_SAMPLED),
        lambda: consumer_span("referral.issued", "7", SAMPLED[1][1]),
    )
    for block in blocks:
        with (
            pytest.raises(ValueError, match="Nguyễn"),
            block(),
            spans.client_span("a.B/C", "localhost:1"),
            spans.span("work"),
            db_span("SELECT", "SELECT persons", "identity"),
        ):
            raise ValueError(SECRET)
    assert len(kept.spans) == 4 + 1 + 4
    for span in kept.spans:
        assert span.events == ()
        assert span.status.status_code is StatusCode.ERROR
        assert span.status.description is None
        assert (span.attributes or {})["error.type"] in ("UNKNOWN", "ValueError")
        assert "001485000016" not in all_that_is_said(span)


def test_a_cancelled_call_is_cancelled(kept: Telemetry) -> None:
    with pytest.raises(asyncio.CancelledError), spans.server_span(GET_PERSON, SAMPLED):
        raise asyncio.CancelledError
    [span] = kept.spans
    assert (span.attributes or {})["rpc.response.status_code"] == "CANCELLED"
    assert span.status.status_code is StatusCode.UNSET


def test_a_statement_says_which_and_not_with_what(kept: Telemetry) -> None:
    class Broken(Exception):
        sqlstate = "23505"

    with spans.server_span(GET_PERSON, SAMPLED):
        with db_span("SELECT", "SELECT persons", "identity"):
            pass
        with pytest.raises(Broken), db_span("INSERT", "INSERT persons", "identity"):
            raise Broken(SECRET)

    select, insert, call = kept.spans
    assert (select.name, select.kind) == ("SELECT persons", SpanKind.CLIENT)
    assert select.parent is not None
    assert call.context is not None
    assert select.parent.span_id == call.context.span_id
    assert dict(select.attributes or {}) == {
        "db.system.name": "postgresql",
        "db.namespace": "identity",
        "db.operation.name": "SELECT",
        "db.query.summary": "SELECT persons",
    }
    assert insert.status.status_code is StatusCode.ERROR
    assert (insert.attributes or {})["db.response.status_code"] == "23505"
    assert (insert.attributes or {})["error.type"] == "23505"


def test_a_statement_outside_a_trace_makes_no_span(kept: Telemetry) -> None:
    with db_span("SELECT", "SELECT persons", "identity"):
        pass
    assert kept.spans == ()


def test_an_event_is_delivered_in_the_trace_it_was_published_in(kept: Telemetry) -> None:
    with spans.server_span(GET_PERSON, SAMPLED):
        stored = spans.traceparent()
    with consumer_span("referral.issued", "7", stored):
        assert spans.trace_id() == TRACE
    published, delivered = kept.spans
    assert published.context is not None
    assert delivered.parent is not None
    assert delivered.parent.span_id == published.context.span_id
    assert delivered.kind is SpanKind.CONSUMER


def test_an_event_without_a_trace_begins_one(kept: Telemetry) -> None:
    with consumer_span("referral.issued", "7", ""):
        assert len(spans.trace_id()) == 32


def test_a_clients_span_fails_for_all_but_ok(kept: Telemetry) -> None:
    with spans.server_span(GET_PERSON, SAMPLED):
        for code in (grpc.StatusCode.OK, grpc.StatusCode.NOT_FOUND):
            with spans.client_span("a.B/C", "dns:///identity.lientuyen.svc:50051") as call:
                call.answered(code)
    fine, refused, _ = kept.spans
    assert fine.status.status_code is StatusCode.UNSET
    assert (refused.status.status_code, (refused.attributes or {})["error.type"]) == (
        StatusCode.ERROR,
        "NOT_FOUND",
    )
    assert (fine.attributes or {})["server.address"] == "identity.lientuyen.svc"


def test_durations_are_counted_by_method_and_status_with_the_trace_as_exemplar(kept: Telemetry) -> None:
    for metadata, code in ((SAMPLED, grpc.StatusCode.OK), (NOT_SAMPLED, grpc.StatusCode.INTERNAL)):
        with spans.server_span(GET_PERSON, metadata) as call:
            call.answered(code)
    metric = kept.metric("rpc.server.call.duration")
    fine, broken = sorted(metric.data.data_points, key=lambda point: str(point.attributes), reverse=True)
    assert metric.unit == "s"
    assert fine.attributes == {
        "rpc.system.name": "grpc",
        "rpc.method": GET_PERSON,
        "rpc.response.status_code": "OK",
    }
    assert broken.attributes["error.type"] == "INTERNAL"
    assert [exemplar.trace_id for exemplar in fine.exemplars] == [int(TRACE, 16)]
    assert fine.explicit_bounds[0] == 0.005


def test_gauges_and_counters(kept: Telemetry) -> None:
    telemetry.gauge("lientuyen.outbox.depth", lambda: [(3, {"topic": "referral.issued"})])
    telemetry.count("lientuyen.dossier.refused", reason="FIELD_MISSING")
    telemetry.count("lientuyen.dossier.refused", 2, reason="FIELD_MISSING")
    [depth] = kept.metric("lientuyen.outbox.depth").data.data_points
    [refused] = kept.metric("lientuyen.dossier.refused").data.data_points
    assert (depth.value, depth.attributes) == (3, {"topic": "referral.issued"})
    assert refused.value == 3


def test_without_setup_there_are_trace_ids_and_nothing_else() -> None:
    assert not telemetry.current().is_set_up
    with spans.server_span(GET_PERSON, ()) as call:
        assert len(spans.trace_id()) == 32
        call.answered(grpc.StatusCode.INTERNAL)


def test_a_malformed_traceparent_begins_a_new_trace(kept: Telemetry) -> None:
    with spans.server_span(GET_PERSON, (("traceparent", f"00-{'0' * 32}-{PARENT}-01"),)):
        assert spans.trace_id().strip("0")
