"""A slip is judged with its dossier, corrected with it, and its sender hears what became of it."""

import asyncio
from uuid import UUID

import pytest

from chassis import outbox
from chassis.encryption import Encryptor
from chassis.errors import AlreadyExists, Conflict, NotFound, Unavailable, Unimplemented
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.chassis.v1 import outbox_service_pb2
from lientuyen.chassis.v1.outbox_service_pb2_grpc import OutboxServiceStub
from lientuyen.records.v1.dossier_service_pb2 import SubmitDossierResponse
from lientuyen.routing.v1 import error_reasons as routing_reasons
from lientuyen.routing.v1.message_pb2 import Notice
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.routing.v1.referral_service_pb2 import AcceptReferralRequest, CreateReferralRequest
from services.records.service.outbox_handlers import OLD_REFERRAL_TOPIC
from services.records.service.slip_events import slip_context, slip_encryptor
from tests.harness import World, eventually

from .records_env import PERSON_NAME
from .slips_env import OTHER_NAME, OTHER_NUMBER, Exchange, Moody, SlipState, dossier, slip, without

BUSY = Conflict(chassis_reasons.WRITE_CONFLICT)
UNKNOWN = NotFound(routing_reasons.RECIPIENT_UNKNOWN, recipient="//identity.lientuyen/facilities/79999")


@pytest.fixture
async def exchange(world: World) -> Exchange:
    return await Exchange(world).start()


@pytest.fixture
async def moody(world: World) -> Moody:
    return await Moody(world).start()


def slip_warnings(reply: SubmitDossierResponse) -> list[tuple[str, str]]:
    return [(finding.rule, finding.path) for finding in reply.warnings if finding.rule.startswith("slip-")]


async def test_a_dossier_names_the_referral_and_the_appointment_that_its_slips_became(exchange: Exchange):
    reply = await exchange.records.submit(dossier().bytes())
    letter = await exchange.records.settled_of(reply.dossier.name)
    booking = await exchange.records.settled_of(reply.dossier.name, "XML14")

    assert slip_warnings(reply) == []
    assert (letter.state, booking.state) == (SlipState.STATE_ISSUED, SlipState.STATE_ISSUED)
    assert booking.resource.startswith("//routing.lientuyen/appointments/")
    referral = await exchange.referral(letter.resource)
    assert referral.source_slip == letter.name
    assert referral.source_dossier == reply.dossier.name


async def test_a_corrected_slip_leaves_the_old_hospital_and_all_three_are_told(exchange: Exchange):
    old = await exchange.records.settled(dossier(to="79999"))
    assert await exchange.mail("79999", 1) == [("REFERRAL", old.resource)]
    new = await exchange.records.settled(dossier(to="79024"))

    assert (new.state, new.replaces, new.name) == (SlipState.STATE_REPLACED, old.resource, old.name)
    assert (await exchange.referral(old.resource)).replaced_by == new.resource
    assert await exchange.mail("79999", 1) == [("REFERRAL_CANCELLED", old.resource)]
    assert await exchange.mail("79024", 1) == [("REFERRAL", new.resource)]
    assert await exchange.mail("01999", 1) == [("REFERRAL_REPLACED", new.resource)]


async def test_a_slip_that_did_not_change_stays_what_it_became(exchange: Exchange):
    first = await exchange.records.settled(dossier())
    again = await exchange.records.settled(dossier().set("XML4", 1, "GIA_TRI", "6.1"))

    assert (again.state, again.resource) == (SlipState.STATE_UNCHANGED, first.resource)
    assert len(await exchange.routing.rows("SELECT 1 FROM referrals")) == 1


@pytest.mark.parametrize(
    ("to", "rule"),
    [
        ("00000", "slip-recipient-unknown"),
        ("01999", "slip-to-self"),
        ("", "slip-recipient-missing"),
        ("79 24", "slip-recipient-unknown"),
    ],
)
async def test_a_slip_to_nobody_is_told_with_the_answer_and_by_a_notice_and_is_never_sent(
    exchange: Exchange, to: str, rule: str
):
    reply = await exchange.records.submit(dossier(to=to).bytes())
    letter = slip(reply.dossier)

    assert slip_warnings(reply) == [(rule, "XML13.MA_CSKCB_DEN")]
    assert (letter.state, letter.finding.rule) == (SlipState.STATE_NOT_SENT, rule)
    assert letter.finding.message_vi
    name = reply.dossier.name
    assert await exchange.mail("01999", 1) == [("SLIP_NOT_SENT", name)]
    assert ("slip.referral", "done") not in await exchange.records.events()
    assert await exchange.records.get_dossier(reply.dossier.name) is not None


async def test_a_slip_that_is_put_right_is_sent(exchange: Exchange):
    await exchange.records.settled(dossier(to="00000"))
    letter = await exchange.records.settled(dossier(to="79024"))

    assert letter.state == SlipState.STATE_ISSUED
    assert await exchange.mail("79024", 1) == [("REFERRAL", letter.resource)]


async def test_a_number_that_another_encounter_has_is_told_at_once(exchange: Exchange):
    first = await exchange.records.settled(dossier("SLIPS-1"))
    booked = await exchange.records.settled_of(
        (await exchange.records.submit(dossier("SLIPS-1").bytes())).dossier.name, "XML14"
    )
    reply = await exchange.records.submit(dossier("SLIPS-2").bytes())

    assert slip_warnings(reply) == [
        ("slip-number-used", "XML13.GIAY_CHUYEN_TUYEN"),
        ("slip-number-used", "XML14.SO_GIAYHEN_KL"),
    ]
    assert first.resource.rpartition("/")[2] in slip(reply.dossier).finding.message_en
    assert booked.resource.rpartition("/")[2] in slip(reply.dossier, "XML14").finding.message_vi
    assert await exchange.mail("01999", 1) == [("SLIP_NOT_SENT", reply.dossier.name)]


async def test_a_slip_changed_after_its_patient_was_accepted_moves_nobody_and_both_are_told(
    exchange: Exchange,
):
    old = await exchange.records.settled(dossier())
    assert await exchange.mail("79999", 1) == [("REFERRAL", old.resource)]
    accept = AcceptReferralRequest(request_id=str(UUID(int=7)), name=old.resource)
    await exchange.routing.referrals("facility/79999").AcceptReferral(accept)

    reply = await exchange.records.submit(dossier(to="79024").bytes())
    letter = slip(reply.dossier)

    assert slip_warnings(reply) == [("slip-taken", "XML13")]
    assert (letter.state, letter.resource) == (SlipState.STATE_NOT_SENT, old.resource)
    assert await exchange.mail("79999", 1) == [("REFERRAL_CHANGE_REFUSED", old.resource)]
    assert [event for event, _ in await exchange.mail("01999", 2)] == ["REFERRAL_ACCEPTED", "SLIP_NOT_SENT"]
    assert (await exchange.referral(old.resource)).state == Referral.STATE_ACCEPTED


async def test_slips_that_a_new_version_leaves_out_are_cancelled(exchange: Exchange):
    letter = await exchange.records.settled(dossier())
    reply = await exchange.records.submit(without(dossier(), "XML13", "XML14").bytes())
    cancelled = [await exchange.records.settled_of(reply.dossier.name, code) for code in ("XML13", "XML14")]
    later = await exchange.records.submit(
        without(dossier().set("XML4", 1, "GIA_TRI", "6.1"), "XML13", "XML14").bytes()
    )

    assert [slip.state for slip in cancelled] == [SlipState.STATE_CANCELLED] * 2
    assert cancelled[0].resource == letter.resource
    assert (await exchange.referral(letter.resource)).state == Referral.STATE_CANCELLED
    assert await exchange.mail("79999", 1) == [("REFERRAL_CANCELLED", letter.resource)]
    assert {event for event, _ in await exchange.mail("01999", 2)} == {
        "REFERRAL_CANCELLED",
        "APPOINTMENT_CANCELLED",
    }
    assert list(later.dossier.slips) == []


async def test_a_new_version_about_another_person_moves_the_slip_to_that_person(exchange: Exchange):
    old = await exchange.records.settled(dossier())
    other = dossier().set("XML1", 1, "SO_CCCD", OTHER_NUMBER)
    new = await exchange.records.settled(other, replaces_version=1)

    assert new.replaces == old.resource
    persons = [(await exchange.referral(letter.resource)).person for letter in (old, new)]
    assert persons == [PERSON_NAME, OTHER_NAME]


async def test_the_slips_of_a_person_do_not_wait_for_one_another(moody: Moody):
    moody.referrals.made["STUCK"] = BUSY
    await moody.records.submit(dossier("SLIPS-1", number="STUCK").bytes())
    await eventually(lambda: moody.referrals.attempts["STUCK"] > 0)

    free = await moody.records.settled(dossier("SLIPS-2", number="FREE"))

    assert free.state == SlipState.STATE_ISSUED
    rows = await moody.records.rows("SELECT count(DISTINCT key) FROM outbox WHERE topic <> 'slip.notice'")
    assert rows[0][0] == 4


@pytest.mark.parametrize("error", [Unavailable(chassis_reasons.PEER_UNAVAILABLE, peer="x"), None])
async def test_while_routing_cannot_be_asked_the_dossier_is_kept_and_what_it_refuses_later_is_told(
    moody: Moody, error: Unavailable | None
):
    moody.referrals.asked["LATER"] = error or Unimplemented(chassis_reasons.METHOD_UNBUILT, method="x")
    moody.referrals.made["LATER"] = BUSY
    reply = await moody.records.submit(dossier(number="LATER").bytes())
    before = slip(reply.dossier)
    moody.referrals.made["LATER"] = UNKNOWN
    after = await moody.records.settled_of(reply.dossier.name)

    assert slip_warnings(reply) == [("slip-not-checked", "XML13")]
    assert (before.state, before.finding.rule) == (SlipState.STATE_PENDING, "slip-not-checked")
    assert (after.state, after.finding.rule) == (SlipState.STATE_NOT_SENT, "slip-recipient-unknown")
    (notice,) = await eventually(lambda: moody.records.mailbox.notices)
    assert (notice.event, notice.recipient) == (
        Notice.EVENT_SLIP_NOT_SENT,
        "//identity.lientuyen/facilities/01999",
    )
    assert ("slip.referral", "dead") not in await moody.records.events()


async def test_what_routing_will_refuse_tomorrow_too_is_asked_once(moody: Moody):
    moody.referrals.made["TWICE"] = AlreadyExists(
        routing_reasons.REFERRAL_SLIP_EXISTS,
        name="//routing.lientuyen/referrals/5b0e3d0e-4f6e-4c55-8f7a-2a7b8f1c0d11",
    )
    letter = await moody.records.settled(dossier(number="TWICE"))

    assert (letter.state, letter.finding.path) == (SlipState.STATE_NOT_SENT, "XML13.GIAY_CHUYEN_TUYEN")
    assert moody.referrals.attempts["TWICE"] == 1


async def test_a_slip_given_up_after_many_attempts_is_told_and_an_operator_may_replay_it(moody: Moody):
    moody.referrals.made["HARD"] = BUSY
    reply = await moody.records.submit(dossier(number="HARD").bytes())
    await eventually(lambda: moody.referrals.attempts["HARD"] > 0)
    await moody.records.rows(
        "UPDATE outbox SET attempts = 11, next_time = now() WHERE topic = 'slip.referral'"
    )
    given_up = await moody.records.settled_of(reply.dossier.name)
    await eventually(lambda: moody.records.mailbox.notices)

    operator = moody.records.stub(OutboxServiceStub, "operator/an")

    async def dead() -> list[outbox_service_pb2.Event]:
        return list((await operator.ListDeadEvents(outbox_service_pb2.ListDeadEventsRequest())).events)

    (event,) = await eventually(dead)
    moody.referrals.made.clear()
    await operator.ReplayEvent(
        outbox_service_pb2.ReplayEventRequest(request_id=str(UUID(int=8)), name=event.name)
    )

    async def issued() -> bool:
        now = slip(await moody.records.get_dossier(reply.dossier.name))
        return now.state == SlipState.STATE_ISSUED

    assert (given_up.state, given_up.finding.rule) == (SlipState.STATE_NOT_SENT, "slip-undelivered")
    await eventually(issued)


async def test_a_slip_that_was_corrected_before_it_was_sent_is_never_sent(moody: Moody):
    moody.referrals.made["WRONG"] = BUSY
    wrong = (await moody.records.submit(dossier(number="WRONG").bytes())).dossier.name
    await eventually(lambda: moody.referrals.attempts["WRONG"] > 0)
    right = (await moody.records.submit(dossier(number="RIGHT").bytes())).dossier.name
    moody.referrals.made.clear()

    assert (await moody.records.settled_of(right)).state == SlipState.STATE_ISSUED
    assert (await moody.records.settled_of(wrong)).finding.rule == "slip-superseded"
    assert [request.referral.slip_number for request in moody.referrals.requests] == ["RIGHT"]


async def test_a_slip_on_its_way_is_carried_over_to_the_next_version(moody: Moody):
    moody.referrals.made["SLOW"] = BUSY
    await moody.records.submit(dossier(number="SLOW").bytes())
    again = dossier(number="SLOW").set("XML4", 1, "GIA_TRI", "6.1")
    name = (await moody.records.submit(again.bytes())).dossier.name
    moody.referrals.made.clear()

    assert (await moody.records.settled_of(name)).state == SlipState.STATE_ISSUED
    assert len(moody.referrals.requests) == 1


async def test_versions_sent_at_once_leave_one_referral_in_force(exchange: Exchange):
    files = [dossier(to="79024" if number % 2 else "79999", number=f"{number}") for number in range(6)]
    replies = await asyncio.gather(*(exchange.records.submit(file.bytes()) for file in files))
    for reply in replies:
        await exchange.records.settled_of(reply.dossier.name)

    rows = await exchange.routing.rows("SELECT slip_number FROM referrals WHERE state = 'issued'")
    last = max(replies, key=lambda reply: reply.dossier.version)
    number = [file.get("XML13", 1, "GIAY_CHUYEN_TUYEN") for file in files][replies.index(last)]
    assert [row["slip_number"] for row in rows] == [number]


async def test_a_slip_that_an_older_records_sent_is_not_sent_again(moody: Moody):
    await moody.records.settled(dossier())
    await moody.records.rows("DELETE FROM slips")
    again = await moody.records.submit(dossier().set("XML4", 1, "GIA_TRI", "6.1").bytes())

    assert slip(again.dossier).state == SlipState.STATE_UNCHANGED
    assert len(moody.referrals.requests) == 1


async def test_an_event_that_an_older_records_published_is_delivered(moody: Moody, world: World):
    request = CreateReferralRequest(
        referral=Referral(
            person=PERSON_NAME,
            sender="//identity.lientuyen/facilities/01999",
            recipient="//identity.lientuyen/facilities/79999",
            slip_number="OLDER",
        ),
        slip=b"<slip/>",
        slip_media_type="application/xml",
    )
    event_id = UUID(int=11)
    encryptor = slip_encryptor(Encryptor(world.keys()))
    context = slip_context(OLD_REFERRAL_TOPIC, event_id)
    payload = encryptor.encrypt(request.SerializeToString(), associated_data=context)
    async with moody.records.running.db.transaction() as tx:
        await outbox.publish(tx, OLD_REFERRAL_TOPIC, payload, key="person", event_id=event_id)

    await eventually(lambda: moody.referrals.requests)

    assert [sent.referral.slip_number for sent in moody.referrals.requests] == ["OLDER"]
