"""A provincial axis as a way out of routing, against a server that behaves and misbehaves like one."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from chassis.errors import Unavailable
from services.routing.adapters import batch_client
from services.routing.adapters.wiring import batch_transport
from services.routing.model.messages import Kind, Message
from services.routing.peers.transports import Handover, Transport, TransportRefused
from tests.fake_axis import CODE_FIELD, ORGANIZATION, PASSWORD, USERNAME, FakeAxis
from tests.harness import Pki, World, eventually

NODE = "truc-ha-noi"
NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.fixture
async def axis() -> AsyncIterator[FakeAxis]:
    axis = await FakeAxis().start()
    yield axis
    await axis.stop()


class Adapters:
    """The folder of adapters, and what is made of it."""

    def __init__(self, world: World) -> None:
        self.folder = world.folder / "adapters"
        self.folder.mkdir()
        self._world = world
        self.password(PASSWORD)

    def password(self, password: str) -> None:
        (self.folder / f"{NODE}.password").write_text(f"{password}\n", encoding="utf8")

    def transport(self, url: str, authorities: tuple[bytes, ...] = (), **account: Any) -> Transport:
        chosen = {"username": USERNAME, "organization": ORGANIZATION, "timeout_seconds": 3.0, **account}
        (self.folder / f"{NODE}.json").write_text(json.dumps(chosen), encoding="utf8")
        transport = batch_transport(self.folder, NODE, url, authorities)
        assert transport is not None
        self._world.ending(transport.close)
        return transport


@pytest.fixture
def adapters(world: World) -> Adapters:
    return Adapters(world)


def message(content: bytes = b"<GIAMDINHHS/>", facility: str = "01999", **changes: Any) -> Message:
    first = Message(
        id=uuid4(),
        sender=f"//identity.lientuyen/facilities/{facility}",
        recipient="//identity.lientuyen/facilities/01929",
        kind=Kind.DOCUMENT,
        media_type="application/xml",
        size=len(content),
        sha256=bytes(32),
        accept_time=NOW,
        enqueue_time=NOW,
    )
    return replace(first, **changes)


async def body_of(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 4):
        yield content[start : start + 4]


async def deliver(transport: Transport, content: bytes = b"<GIAMDINHHS/>", **changes: Any) -> Handover:
    return await transport.deliver(message(content, **changes), body_of(content))


async def test_a_file_is_handed_over_byte_for_byte_with_its_transaction_number(
    axis: FakeAxis, adapters: Adapters
):
    handover = await deliver(adapters.transport(axis.url), b"<GIAMDINHHS>\xc4\x90</GIAMDINHHS>")

    (taken,) = axis.files
    assert (taken.facility, taken.content) == ("01999", b"<GIAMDINHHS>\xc4\x90</GIAMDINHHS>")
    assert (handover.reference, handover.is_final) == ("GD-1", True)
    assert json.loads(handover.receipt)["batchId"] == "LO-1"


async def test_what_waits_of_one_facility_goes_together_and_each_has_its_own_result(
    axis: FakeAxis, adapters: Adapters
):
    """Partial success: one of the files is refused, and the words for people stay there."""
    transport = adapters.transport(axis.url)
    contents = [b"<a%d/>" % number for number in range(6)]
    axis.refused.add(contents[3])
    axis.held.clear()
    tasks = [asyncio.create_task(deliver(transport, content)) for content in contents]
    await eventually(lambda: axis.paths[-1:] == ["/api/kcb/xml/qd3176/guiHoSoXml"])
    axis.held.set()

    outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    assert sum(axis.batches) == 6
    assert len(axis.batches) < 6
    taken = {taken.content: taken.transaction for taken in axis.files}
    for content, outcome in zip(contents, outcomes, strict=True):
        if content in axis.refused:
            assert isinstance(outcome, TransportRefused)
            assert outcome.note == "Hệ thống nhận từ chối tệp, mã 205."
        else:
            assert isinstance(outcome, Handover)
            assert outcome.reference == taken[content]


async def test_files_of_two_facilities_never_go_together(axis: FakeAxis, adapters: Adapters):
    transport = adapters.transport(axis.url)

    await asyncio.gather(*(deliver(transport, b"<a/>", facility=code) for code in ("01999", "79999")))

    assert axis.batches == [1, 1]
    assert {taken.facility for taken in axis.files} == {"01999", "79999"}


@pytest.mark.parametrize("mode", ["well", "401 told"])
async def test_a_token_that_is_refused_is_renewed_once(axis: FakeAxis, adapters: Adapters, mode: str):
    """Told by a bare 401, or in a reply with status 200."""
    transport = adapters.transport(axis.url)
    await deliver(transport)
    axis.valid.clear()
    axis.mode = mode

    await deliver(transport)

    assert len(axis.tokens) == 2
    assert len(axis.files) == 2


@pytest.mark.parametrize("seconds", [5, "5", None, -1, True, "bald"])
async def test_a_token_is_used_as_long_as_it_says_and_no_longer(
    axis: FakeAxis, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, seconds: object
):
    axis.token_seconds = seconds
    transport = adapters.transport(axis.url)
    await deliver(transport)
    now = batch_client.time.monotonic
    monkeypatch.setattr(batch_client.time, "monotonic", lambda: now() + 400)

    await deliver(transport)

    assert len(axis.tokens) == 2


async def test_an_account_that_is_refused_is_left_alone_and_a_new_password_is_read(
    axis: FakeAxis, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
):
    adapters.password("cũ")
    transport = adapters.transport(axis.url)
    for _ in range(5):
        with pytest.raises(Unavailable):
            await deliver(transport)
    assert axis.paths == ["/api/auth/token/take"]

    adapters.password(PASSWORD)
    monkeypatch.setattr(batch_client, "ACCOUNT_PAUSE_S", 0.0)
    now = batch_client.time.monotonic
    monkeypatch.setattr(batch_client.time, "monotonic", lambda: now() + 60)

    assert (await deliver(transport)).reference == "GD-1"


NOT_TAKEN = ["500", "503", "429", "404", "redirect"]


@pytest.mark.parametrize("mode", NOT_TAKEN)
async def test_a_batch_that_is_not_taken_is_to_be_tried_again(axis: FakeAxis, adapters: Adapters, mode: str):
    transport, of_one = adapters.transport(axis.url), message()
    axis.mode = mode
    with pytest.raises(Unavailable):
        await transport.deliver(of_one, body_of(b"<a/>"))
    axis.mode = "well"

    await transport.deliver(of_one, body_of(b"<a/>"))

    assert len(axis.files) == 1


UNANSWERED = [
    "lost",
    "half",
    "silent",
    "one short",
    "500 taken",
    "html",
    "list",
    "deep",
    "no results",
    "huge",
]
UNANSWERED += ["compressed"]


@pytest.mark.parametrize("mode", UNANSWERED)
async def test_a_file_whose_answer_was_lost_is_there_once_where_the_axis_takes_our_code(
    axis: FakeAxis, adapters: Adapters, mode: str
):
    transport = adapters.transport(axis.url, code_field=CODE_FIELD, timeout_seconds=1.0)
    of_one = message()
    axis.mode = mode
    with pytest.raises(Unavailable):
        await transport.deliver(of_one, body_of(b"<a/>"))
    axis.mode = "well"

    handover = await transport.deliver(of_one, body_of(b"<a/>"))

    assert [taken.code for taken in axis.files] == [str(of_one.id)]
    assert handover.reference == "GD-1"


async def test_another_replica_looks_before_it_sends_what_was_attempted_already(
    axis: FakeAxis, adapters: Adapters
):
    of_one = message()
    axis.mode = "lost"
    with pytest.raises(Unavailable):
        await adapters.transport(axis.url, code_field=CODE_FIELD).deliver(of_one, body_of(b"<a/>"))

    another = adapters.transport(axis.url, code_field=CODE_FIELD)
    handover = await another.deliver(replace(of_one, attempts=2), body_of(b"<a/>"))

    assert [taken.transaction for taken in axis.files] == [handover.reference]


async def test_what_may_be_there_twice_is_told(axis: FakeAxis, adapters: Adapters, capfd: Any):
    """Where the axis takes no code of ours, nobody can tell whether it has the file."""
    transport, of_one = adapters.transport(axis.url), message()
    axis.mode = "lost"
    with pytest.raises(Unavailable):
        await transport.deliver(of_one, body_of(b"<a/>"))

    await transport.deliver(of_one, body_of(b"<a/>"))

    assert len(axis.files) == 2
    lines = capfd.readouterr().err
    assert lines.count("a far system may have a file twice") == 1
    assert NODE in lines


async def test_a_batch_that_is_too_long_is_halved_and_a_file_that_is_refused(
    axis: FakeAxis, adapters: Adapters
):
    transport = adapters.transport(axis.url)
    axis.held.clear()
    tasks = [asyncio.create_task(deliver(transport, b"<a%d/>" % number)) for number in range(4)]
    await eventually(lambda: axis.paths[-1:] == ["/api/kcb/xml/qd3176/guiHoSoXml"])
    axis.mode = "413"
    axis.held.set()

    outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    assert sum(isinstance(outcome, Handover) for outcome in outcomes) >= 3
    assert {type(outcome) for outcome in outcomes} <= {Handover, TransportRefused}


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": Kind.NOTICE},
        {"kind": Kind.RECORD_REQUEST},
        {"media_type": "application/pdf"},
        {"size": 31 * 1024 * 1024},
    ],
)
async def test_what_the_axis_does_not_take_is_refused_before_it_is_sent(
    axis: FakeAxis, adapters: Adapters, changes: dict[str, Any]
):
    with pytest.raises(TransportRefused):
        await deliver(adapters.transport(axis.url), **changes)

    assert axis.paths == []


async def test_an_axis_that_is_away_is_tried_again(adapters: Adapters, world: World):
    with pytest.raises(Unavailable):
        await deliver(adapters.transport(f"http://{world.nowhere()}"))


def server_context(pki: Pki, identity: str) -> ssl.SSLContext:
    folder = pki.folder(identity).path
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    return context


def authority_of(pki: Pki) -> bytes:
    pem = pki.folder("service/routing").read().ca
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


async def test_only_a_server_that_the_directorys_authorities_certify_is_spoken_to(
    adapters: Adapters, world: World, tmp_path_factory: pytest.TempPathFactory
):
    axis = await FakeAxis().start(server_context(world.pki, "service/identity"))
    world.ending(axis.stop)
    foreign = Pki(tmp_path_factory.mktemp("foreign"))
    for authorities in ((authority_of(foreign),), ()):
        with pytest.raises(Unavailable):
            await deliver(adapters.transport(axis.url, authorities))
    assert axis.paths == []

    handover = await deliver(adapters.transport(axis.url, (authority_of(world.pki),)))

    assert handover.reference == "GD-1"


@pytest.mark.parametrize("url", ["http://truc.example", "ftp://truc.example", "truc.example:443", ""])
def test_no_password_goes_anywhere_in_the_clear(adapters: Adapters, url: str):
    adapters.transport("http://127.0.0.1:1")

    assert batch_transport(adapters.folder, NODE, url, ()) is None


@pytest.mark.parametrize("text", ["{}", "x", '{"username": "a", "password": "b"}', '{"username": ""}'])
def test_an_account_that_is_wrong_is_none(adapters: Adapters, text: str):
    """A password among the rest too: it has a file of its own."""
    (adapters.folder / f"{NODE}.json").write_text(text)

    assert batch_transport(adapters.folder, NODE, "http://127.0.0.1:1", ()) is None
    assert batch_transport(None, NODE, "http://127.0.0.1:1", ()) is None


async def test_nothing_secret_and_nothing_of_a_patient_is_logged(
    axis: FakeAxis, adapters: Adapters, capfd: Any
):
    transport = adapters.transport(axis.url)
    axis.refused.add(b"<GIAMDINHHS/>")
    with pytest.raises(TransportRefused) as refusal:
        await deliver(transport)
    axis.mode = "html"
    with pytest.raises(Unavailable):
        await deliver(transport, b"<b/>")
    (adapters.folder / f"{NODE}.password").unlink()
    axis.valid.clear()
    with pytest.raises(Unavailable):
        await deliver(transport, b"<c/>")

    output = "".join(capfd.readouterr())
    for secret in (PASSWORD, USERNAME, "token-1", "Nguyễn Văn", "bao tri"):
        assert secret not in output + str(refusal.value) + refusal.value.note
    assert '"fault": "no_password"' in output
