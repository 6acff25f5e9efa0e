"""The whole story through four real services, its trace, and what must not be seen in it."""

import asyncio
import json
from dataclasses import dataclass
from importlib.metadata import version

import pytest
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from lientuyen_client import trace_tree
from lientuyen_client.clock import today
from lientuyen_client.demo import people
from lientuyen_client.demo.journey import Cast, State, Step, lost_writes, play, visit_day
from lientuyen_client.demo.journey_steps import STEPS
from tests.harness import eventually
from tests.telemetry_tables import log_rows, metric_rows, span_rows

from .conftest import Live
from .exported import SERVICES, exported_metrics, exported_spans, resources

# What the patient's papers say of her; nothing of it may leave identity and the sealed originals.
SECRETS = [
    people.PATIENT_ID,
    people.PATIENT_NAME,
    people.CARD,
    people.CARD[5:],
    "Tăng huyết áp",
    "Đau đầu",
    "đường Mẫu",
]


@dataclass(frozen=True)
class Told:
    """The journey, played once."""

    trace_id: str
    shown: list[Step]
    lost: list[str]
    spans: list[trace_tree.Span]


@pytest.fixture(scope="module")
def told(live: Live) -> Told:
    provider = TracerProvider(resource=Resource.create({"service.name": "lientuyen-client"}))
    exporter = OTLPSpanExporter(endpoint=f"http://{live.collector}", insecure=True)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    shown: list[Step] = []

    async def tell() -> tuple[str, list[str]]:
        day = today()
        cast, state = Cast(live.stack), State(visit_day(day))
        try:
            await people.seed(cast("operator/dev"), cast("authority/bhxh"), day)
            trace_id = await play(cast, STEPS, state, shown.append)
            return trace_id, await lost_writes(cast, state)
        finally:
            await cast.close()

    try:
        trace_id, gone = asyncio.run(tell())
    finally:
        provider.shutdown()
    return Told(trace_id, shown, gone, live.settled(trace_id))


def test_every_step_sees_what_it_must_and_nothing_is_lost(told: Told):
    assert [step.title for step in told.shown] == [title for _, title, _ in STEPS]
    assert told.lost == []


def test_all_of_it_is_one_trace_without_orphans(told: Told):
    assert [root.name for root in trace_tree.build_tree(told.spans)] == ["journey"]
    assert trace_tree.services(told.spans) == ["identity", "pharmacy", "records", "routing"]


def under(span: trace_tree.Span, *names: str) -> bool:
    """Tell whether below *span* there is a path of spans whose names end so, gaps allowed."""
    if not names:
        return True
    rest = names[1:] if span.name.endswith(names[0]) or span.summary == names[0] else names
    return not rest or any(under(child, *rest) for child in span.children)


@pytest.mark.parametrize(
    "path",
    [
        ("Reception: who, and covered today? (tiếp đón)", "EligibilityService/CheckEligibility"),
        ("DossierService/SubmitDossier", "PersonService/FindPerson", "SELECT persons"),
        ("DossierService/SubmitDossier", "ReferralService/CreateReferral"),
        ("DossierService/SubmitDossier", "AppointmentService/CreateAppointment"),
        ("HealthBookService/FindReusableResults", "ConsentService/Authorize"),
        ("HealthBookService/GetHealthBook", "DispensingService/ListDispensings"),
    ],
    ids=" → ".join,
)
def test_the_trace_has_the_shape_of_the_story(told: Told, path: tuple[str, ...]):
    (root,) = trace_tree.build_tree(told.spans)

    assert under(root, *path)


@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_of_the_patient_is_in_spans_metrics_or_logs(live: Live, told: Told, secret: str):
    told_of_spans = b"".join(live.spans.raw)
    told_of_metrics = b"".join(live.metrics.raw)

    assert b"PersonService/FindPerson" in told_of_spans
    assert b"rpc.server.call.duration" in told_of_metrics
    assert secret.encode() not in told_of_spans
    assert secret.encode() not in told_of_metrics
    assert secret not in live.logs()


def test_every_span_of_the_journey_is_in_the_table_and_every_row_of_it_is_met(live: Live, told: Told):
    rows, met, unknown = span_rows(), set(), []
    for span in exported_spans(live.spans.raw):
        of_row = [row for row in rows if row.is_of(span.name, span.kind, span.attributes)]
        met.update(of_row)
        unknown += [] if of_row else [(span.name, span.kind, sorted(span.attributes))]

    assert unknown == []
    assert {row.template for row in rows if row.in_journey and row not in met} == set()


def test_every_metric_of_the_journey_is_in_the_table_and_every_row_of_it_is_met(live: Live, told: Told):
    rows = metric_rows()
    expected = {name for name, row in rows.items() if row.in_journey}
    asyncio.run(eventually(lambda: expected <= exported_metrics(live.metrics.raw).keys()))

    seen = exported_metrics(live.metrics.raw)
    assert seen.keys() - rows.keys() == set()
    for name, metric in seen.items():
        row = rows[name]
        assert (name, metric.instrument, metric.unit) == (name, row.instrument, row.unit)
        assert metric.attributes <= row.attributes, name


def test_every_line_of_the_journeys_logs_is_in_the_table(live: Live, told: Told):
    lines = [json.loads(line) for line in live.logs().splitlines() if line.startswith("{")]
    ours = [line for line in lines if "logger" not in line]

    assert {line["event"] for line in ours} - log_rows().keys() == set()
    refused = [line for line in ours if line["event"] == "request refused"]
    assert refused
    assert all(line["caller"] and line["method"] and line["reason"] and line["trace_id"] for line in refused)


def test_the_services_say_which_release_they_are(live: Live, told: Told):
    ours = [
        (resource["service.version"], schema_url)
        for resource, schema_url in resources(live.spans.raw)
        if resource["service.name"] in SERVICES
    ]

    assert {release for release, _ in ours} == {version("lientuyen")}
    assert {schema_url for _, schema_url in ours} == {"https://opentelemetry.io/schemas/1.44.0"}
