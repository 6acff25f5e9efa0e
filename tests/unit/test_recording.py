"""What is recorded late, or not at all, is still told right."""

from collections.abc import Iterator

import grpc
import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis import recording, spans, telemetry
from tests.metrics import metrics

GET_PERSON = "lientuyen.identity.v1.PersonService/GetPerson"
MANY = 3 * recording.WAITING + 1


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    yield InMemorySpanExporter()
    telemetry.shutdown()


def points(reader: InMemoryMetricReader) -> dict[str, float]:
    """The sums of counters, and the counts of durations, by name."""
    return {
        metric.name: sum(vars(point).get("count") or point.value for point in metric.data.data_points)
        for metric in metrics(reader)
    }


def test_figures_that_waited_are_all_there_when_they_are_collected(exporter: InMemorySpanExporter) -> None:
    reader = InMemoryMetricReader()
    telemetry.setup("identity", exporter=exporter, reader=reader)
    for _ in range(MANY):
        with telemetry.server_span(GET_PERSON, ()) as call:
            call.answered(grpc.StatusCode.OK)
        telemetry.count("lientuyen.lookup.missed", caller="facility")
    assert points(reader) == {"rpc.server.call.duration": MANY, "lientuyen.lookup.missed": MANY}
    telemetry.count("lientuyen.lookup.missed", 2, caller="facility")
    assert points(reader)["lientuyen.lookup.missed"] == MANY + 2


@pytest.mark.parametrize(("ratio", "flags"), [("0", "02"), ("1", "03")])
def test_a_call_has_ids_of_its_own_whether_its_trace_is_kept_or_not(
    exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch, ratio: str, flags: str
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", ratio)
    telemetry.setup("identity", exporter=exporter)
    ids = set()
    for _ in range(10):
        with telemetry.server_span(GET_PERSON, ()):
            ids.add(telemetry.traceparent())
    assert len(ids) == 10
    assert {one.rpartition("-")[2] for one in ids} == {flags}  # random, and sampled or not
    kept = {f"{span.context.trace_id:032x}" for span in exporter.get_finished_spans() if span.context}
    assert kept == ({one.split("-")[1] for one in ids} if ratio == "1" else set())


def test_the_trace_that_is_drawn_is_used_once(exporter: InMemorySpanExporter) -> None:
    telemetry.setup("identity", exporter=exporter)
    seen = []
    for _ in range(2_000):
        with telemetry.server_span(GET_PERSON, ()):
            seen.append(telemetry.trace_id())
        with telemetry.consumer_span("process referral.issued", ""):
            seen.append(telemetry.trace_id())
    assert len(set(seen)) == len(seen)
    assert spans.recorder.metered is False


def test_an_sdk_that_is_turned_off_keeps_no_trace_id_for_later(
    exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "1")
    telemetry.setup("identity", exporter=exporter)
    with telemetry.server_span(GET_PERSON, ()):
        pass
    assert spans.recorder._ids.drawn is None
    assert exporter.get_finished_spans() == ()
