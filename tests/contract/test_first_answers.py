"""
The id is looked up before the request is judged: every write of the contract, accepted, and sent again
four weeks later to a replica whose peers are all down.
"""

import asyncio
from datetime import timedelta
from importlib import import_module

import pytest
from grpc import StatusCode

from chassis import clock
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.records.v1.dossier_service_pb2_grpc import DossierServiceStub
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceStub
from tests.contract import routing_env
from tests.contract.every_write import STORIES
from tests.contract.identity_env import key
from tests.contract.recorded_calls import WRITES, RecordedCalls, repeated, writes_of
from tests.contract.records_env import Records, submission
from tests.contract.routing_env import PROVINCE, Routing, upload
from tests.harness import Running, ServiceUnderTest, World, refused
from tests.samples import files
from tests.samples.signing import NOW, authority, facility, signed

# Less than the thirty days for which an answer is kept.
WEEKS = timedelta(days=28)
RECIPIENT = "facility/79999"
INVALID = StatusCode.INVALID_ARGUMENT


async def without_peers(service: ServiceUnderTest) -> Running:
    """Start another replica of *service*, which reaches nobody."""
    peers = ("identity_address", "records_address", "routing_address", "pharmacy_address")
    settings = service.running.settings.model_copy(update={name: service.world.nowhere() for name in peers})
    build = import_module(f"services.{service.service}.app").build
    return await service.world.serve(settings, build)


async def hold_to_first_answers(service: RecordedCalls) -> None:
    """Send all that was written again, four weeks later, to a replica without peers."""
    await service.running.server.stop(grace=0.5)
    with clock.fixed(clock.now() + WEEKS):
        lonely = await without_peers(service)
        for write in service.writes:
            channel = service.world.channel(lonely, write.caller)
            assert await repeated(channel, write) == write.responses, write.method


MAIL = ("lientuyen.routing.v1.MailboxService/", "lientuyen.routing.v1.TransparencyService/")


def expected(story: str) -> set[str]:
    """The writes that a story is there for."""
    if story == "mail":
        return writes_of("chassis") | {full for full in writes_of("routing") if full.startswith(MAIL)}
    if story == "slips":
        return {full for full in writes_of("routing") if not full.startswith(MAIL)}
    return writes_of(story)


@pytest.mark.parametrize("story", STORIES)
async def test_every_write_has_its_first_answer_for_weeks(world: World, story: str):
    recorded, write_all = STORIES[story]
    service = await recorded(world).start()
    await write_all(service)

    assert {write.method for write in service.writes} >= expected(story)
    await hold_to_first_answers(service)


def test_no_write_is_left_out():
    everything = set().union(*map(expected, STORIES))

    assert everything == set(WRITES.values())


async def test_a_signed_dossier_is_answered_again_after_its_certificate_has_ended(world: World):
    ca = authority()
    path = world.folder / "signing-ca.crt"
    path.write_bytes(ca.pem)
    records = await Records(world).start(signing_ca=path)
    request = submission(signed(files.DOSSIER, facility(ca, "01999", days=365)))
    with clock.fixed(NOW):
        accepted = await records.dossiers().SubmitDossier(request)
    with clock.fixed(NOW + timedelta(days=366)):
        again = await records.dossiers().SubmitDossier(request)
        anew = await refused(records.submit(request.content))

    assert again == accepted
    assert (anew.reason, anew.metadata["cause"]) == ("ERROR_REASON_SIGNATURE_INVALID", "expired")


async def test_an_id_that_came_with_another_dossier_is_refused_before_identity_is_asked(world: World):
    records = await Records(world).start()
    request = submission(files.DOSSIER)
    await records.dossiers().SubmitDossier(request)
    lonely = DossierServiceStub(world.channel(await without_peers(records)))
    request.replaces_version = 7

    reused = await refused(lonely.SubmitDossier(request))
    unheard = await refused(lonely.SubmitDossier(submission(files.DOSSIER)))

    assert (reused.code, reused.reason) == (INVALID, chassis_reasons.REQUEST_ID_REUSED.name)
    assert unheard.code is StatusCode.UNAVAILABLE


async def test_an_upload_sent_again_keeps_nothing_and_another_body_under_its_id_is_refused(world: World):
    routing = await Routing(world).start()
    body, request_id = b"x" * 700_000, key()
    sent = await routing.mailbox().SendMessage(upload(body, request_id=request_id))
    pieces = await routing.rows("SELECT count(*) FROM pieces")
    lonely = MailboxServiceStub(world.channel(await without_peers(routing)))

    again = await lonely.SendMessage(upload(body, request_id=request_id))
    longer = await refused(lonely.SendMessage(upload(body + b"x", request_id=request_id)))
    other = await refused(
        lonely.SendMessage(upload(body, request_id=request_id, recipient=routing_env.CHO_RAY))
    )
    broken = upload(body, request_id=request_id, sha256=b"x" * 32)
    altered = await refused(lonely.SendMessage(broken))
    empty = await refused(lonely.SendMessage(upload(b"", request_id=request_id)))

    assert again == sent
    assert {longer.reason, other.reason} == {chassis_reasons.REQUEST_ID_REUSED.name}
    assert (altered.reason, empty.reason) == (reasons.BODY_ALTERED.name, reasons.BODY_EMPTY.name)
    assert await routing.rows("SELECT count(*) FROM pieces") == pieces


async def test_an_id_of_another_caller_answers_nobody_else(world: World):
    routing = await Routing(world).start()
    request_id = key()
    await routing.mailbox().SendMessage(upload(b"<x/>", request_id=request_id))
    lonely = await without_peers(routing)

    theirs = MailboxServiceStub(world.channel(lonely, RECIPIENT))
    forged = await refused(theirs.SendMessage(upload(b"<x/>", request_id=request_id)))
    own = await refused(theirs.SendMessage(upload(b"<x/>", request_id=request_id, sender=PROVINCE)))

    assert forged.reason == chassis_reasons.FACILITY_MISMATCH.name
    assert own.code is StatusCode.UNAVAILABLE


async def test_fifty_equal_dossiers_at_once_have_one_effect_and_one_answer(world: World):
    records = await Records(world).start()
    request = submission(files.DOSSIER)

    answers = await asyncio.gather(*(records.dossiers().SubmitDossier(request) for _ in range(50)))

    assert [answer for answer in answers if answer != answers[0]] == []
    assert (await records.counts())["dossiers"] == 1
