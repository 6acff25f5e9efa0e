"""Certificates that end are told of for weeks before; handshakes that fail, as far as gRPC tells of them."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from chassis import certificate_watch, telemetry
from laptop.authority import issue, make_ca
from lientuyen.chassis.v1.outcome_service_pb2 import GetOutcomeRequest
from lientuyen_client import errors
from lientuyen_client.client import Client
from lientuyen_client.running_stack import Stack
from tests.contract.chassis_echo import GOOD, Echo, Stub, serve_echo
from tests.harness import Running, World, eventually, refused
from tests.metrics import metrics


@pytest.fixture
def reader() -> Iterator[InMemoryMetricReader]:
    """The figures of this process, while the test runs."""
    reader = InMemoryMetricReader()
    telemetry.setup("echo", reader=reader)
    yield reader
    telemetry.shutdown()


def figure(reader: InMemoryMetricReader, name: str, **attributes: str) -> float | None:
    """Return the last value of the metric *name* under *attributes*; None while there is none."""
    points = [point for metric in metrics(reader) if metric.name == name for point in metric.data.data_points]
    values = [point.value for point in points if point.attributes == attributes]
    return values[-1] if values else None


async def test_the_days_that_certificates_have_left_are_a_figure_and_a_warning_from_thirty_on(
    world: World, echo: Echo, reader: InMemoryMetricReader, capfd: pytest.CaptureFixture[str]
):
    folder = world.folder / "service"
    issue(world.pki.ca, folder, "service/echo", lifetime=timedelta(days=10))

    await serve_echo(world, echo, tls_dir=str(folder))

    name = "lientuyen.certificate.days_left"
    days = await eventually(lambda: figure(reader, name, certificate="tls.crt"))
    assert 9 < days < 10
    assert figure(reader, name, certificate="ca.crt") > 300
    assert capfd.readouterr().err.count("a certificate ends soon") == 1


@pytest.mark.parametrize(
    ("lifetime", "lines"),
    [
        (timedelta(days=40), []),
        (timedelta(days=20), ["a certificate ends soon 30"]),
        (timedelta(days=5), ["a certificate ends soon 7"]),
        (timedelta(hours=12), ["a certificate ends soon 1"]),
        (timedelta(seconds=-1), ["a certificate has ended None"]),
    ],
)
def test_a_certificate_is_told_of_at_thirty_seven_and_one_days_once_each(
    world: World, tmp_path: Path, capfd: pytest.CaptureFixture[str], lifetime: timedelta, lines: list[str]
):
    issue(world.pki.ca, tmp_path, "service/echo", lifetime=lifetime)
    watch = certificate_watch.CertificateWatch(tmp_path / "tls.crt")
    watch.look()
    watch.look()

    written = map(json.loads, capfd.readouterr().err.splitlines())
    assert [f"{line['event']} {line.get('within_days')}" for line in written] == lines
    assert watch.ended() == (["tls.crt"] if lifetime < timedelta() else [])


async def test_a_renewed_certificate_is_noticed(world: World, reader: InMemoryMetricReader, tmp_path: Path):
    issue(world.pki.ca, tmp_path, "service/echo", lifetime=timedelta(days=10))
    watch = certificate_watch.CertificateWatch(tmp_path / "tls.crt")
    watch.look()
    issue(world.pki.ca, tmp_path, "service/echo", lifetime=timedelta(days=90))

    watch.look()

    assert [days > 80 for days, _ in watch.days_left()] == [True]


async def test_a_certificate_that_cannot_be_read_does_not_end_the_watch(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    (tmp_path / "tls.crt").write_text("half written")
    watch = certificate_watch.CertificateWatch(tmp_path / "tls.crt", tmp_path / "none.crt")

    watch.look()

    assert list(watch.days_left()) == []
    assert capfd.readouterr().err.count("a certificate cannot be read") == 2


async def test_handshakes_that_lead_to_no_call_show_as_a_difference(
    world: World, running: Running, reader: InMemoryMetricReader, tmp_path: Path
):
    """What is known of handshakes is how many began, and how many brought calls."""
    stranger = make_ca(tmp_path / "ca")
    issue(stranger, tmp_path / "stranger", "facility/01999")
    for _ in range(2):
        await Stub(world.channel(running)).Say(GOOD)
    await Stub(world.channel(running, "facility/79999")).Say(GOOD)
    credentials = grpc.ssl_channel_credentials(
        running_ca(running), *((tmp_path / "stranger" / name).read_bytes() for name in ("tls.key", "tls.crt"))
    )
    async with grpc.aio.secure_channel(running.address, credentials) as channel:
        await refused(Stub(channel).Say(GOOD, timeout=5))

    assert figure(reader, "lientuyen.server.connections") == 3
    assert figure(reader, "lientuyen.server.handshakes") > 3


@pytest.fixture
async def records(world: World, echo: Echo) -> Running:
    """The small service, with the certificate of the one that the client looks for."""
    return await serve_echo(world, echo, tls_dir=str(world.pki.folder("service/records").path))


def running_ca(running: Running) -> bytes:
    return (running.settings.tls_dir / "ca.crt").read_bytes()


def stack(running: Running, tls: Path) -> Stack:
    return Stack({"records": running.address}, tls, single_identity=True)


async def asked(running: Running, tls: Path) -> errors.ServiceError:
    """Return what a client with the certificates in *tls* is told."""
    request = GetOutcomeRequest(request_id="7b1d7c1e-8f0e-4a68-9d4c-3f1fba4a7c11")
    async with Client(stack(running, tls), "facility/01999") as client:
        with pytest.raises(errors.ServiceError) as told:
            await client.outcomes("records").GetOutcome(request, timeout=1)
    return told.value


async def test_a_client_is_told_that_its_certificate_has_ended(
    world: World, records: Running, tmp_path: Path
):
    issue(world.pki.ca, tmp_path, "facility/01999", lifetime=timedelta(seconds=-1))

    with pytest.raises(errors.Unauthenticated) as told:
        Client(stack(records, tmp_path), "facility/01999")

    assert "tls.crt" in told.value.message_vi
    assert "hết hạn" in told.value.message_vi


async def test_a_client_is_warned_two_weeks_before(
    world: World, records: Running, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    issue(world.pki.ca, tmp_path, "facility/01999", lifetime=timedelta(days=10))

    await Client(stack(records, tmp_path), "facility/01999").close()

    assert [record.levelname for record in caplog.records if "tls.crt" in record.getMessage()] == ["WARNING"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        pytest.param("ca.crt", "chứng thư số của máy chủ", id="it trusts another authority"),
        pytest.param("tls", "chứng thư số của đơn vị", id="its certificate is another authority's"),
    ],
)
async def test_a_client_is_told_what_a_failed_handshake_may_mean(
    world: World, records: Running, tmp_path: Path, change: str, word: str
):
    other: Any = make_ca(tmp_path / "other")
    issue(world.pki.ca if change == "ca.crt" else other, tmp_path, "facility/01999")
    trusted = tmp_path / "other" / "ca.crt" if change == "ca.crt" else records.settings.tls_dir / "ca.crt"
    (tmp_path / "ca.crt").write_bytes(trusted.read_bytes())

    error = await asked(records, tmp_path)

    assert isinstance(error, errors.Unavailable)
    assert word in error.message_vi


async def test_a_client_is_told_that_nobody_is_there(world: World, records: Running, tmp_path: Path):
    issue(world.pki.ca, tmp_path, "facility/01999")
    await records.server.stop(grace=0)

    assert "không có dịch vụ" in (await asked(records, tmp_path)).message_vi.lower()
