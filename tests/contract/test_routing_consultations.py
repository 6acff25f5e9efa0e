"""Consultations from afar over a real channel: asked, taken, answered by a signed opinion, or ended."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from grpc import StatusCode

from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1.signing_certificate_pb2 import SigningCertificate
from lientuyen.routing.v1 import consultation_service_pb2 as pb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1.consultation_pb2 import Consultation, OpinionBody, OpinionSignature
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen_client.opinion_signatures import OpinionUnverified, sign_opinion, verify_opinion
from tests.contract.routing_env import ACCESS, CHO_RAY, CITIZEN, DISTRICT, PERSON, PROVINCE, Routing
from tests.harness import Refusal, World, eventually, refused
from tests.samples.signing import Signing, public

ASKING, ASKED = "facility/01999", "facility/79999"
QUESTION, OPINION = b"%PDF-1.7 question", "Chụp lại sau 6 giờ; chưa cần chuyển.".encode()
DOCTOR = "//identity.lientuyen/practitioners/5b0e3d0e-4f6e-4c55-8f7a-2a7b8f1c0d99"


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start(sweep_seconds=0.3)


@pytest.fixture(params=["rsa", "ecdsa"])
def doctor(request: pytest.FixtureRequest, routing: Routing) -> Signing:
    """A doctor of the province's hospital, whose certificate is registered there."""
    signer = public("BS. MẪU", kind=request.param)
    routing.identity.add_certificate("79999", signer.der, practitioner=DOCTOR)
    return signer


def asking(**given: Any) -> pb.RequestConsultationRequest:
    consultation = {
        "person": PERSON,
        "requester": DISTRICT,
        "consultant": PROVINCE,
        "practitioner": "000123/HNO-GPHN",
        "speciality": "Thần kinh",
        "urgent": True,
        **given,
    }
    return pb.RequestConsultationRequest(
        request_id=str(uuid4()),
        consultation=Consultation(**consultation),
        question=QUESTION,
        question_media_type="application/pdf",
        access=ACCESS,
    )


async def asked(routing: Routing, who: str = ASKING, **given: Any) -> Consultation:
    return (await routing.consultations(who).RequestConsultation(asking(**given))).consultation


async def seen(routing: Routing, name: str, who: str = ASKING) -> Consultation:
    request = pb.GetConsultationRequest(name=name, access=CITIZEN if "vneid" in who else ACCESS)
    return (await routing.consultations(who).GetConsultation(request)).consultation


def taking(routing: Routing, name: str, who: str = ASKED) -> Awaitable[pb.TakeConsultationResponse]:
    request = pb.TakeConsultationRequest(request_id=str(uuid4()), name=name, practitioner="000456/HCM-GPHN")
    return routing.consultations(who).TakeConsultation(request)


def answering(
    routing: Routing,
    name: str,
    signature: OpinionSignature,
    opinion: bytes = OPINION,
    who: str = ASKED,
    media_type: str = "text/plain",
) -> Awaitable[pb.AnswerConsultationResponse]:
    request = pb.AnswerConsultationRequest(
        request_id=str(uuid4()),
        name=name,
        opinion=opinion,
        opinion_media_type=media_type,
        signature=signature,
    )
    return routing.consultations(who).AnswerConsultation(request)


def declining(routing: Routing, name: str, who: str = ASKED) -> Awaitable[pb.DeclineConsultationResponse]:
    request = pb.DeclineConsultationRequest(request_id=str(uuid4()), name=name, reason="không có chuyên khoa")
    return routing.consultations(who).DeclineConsultation(request)


def withdrawing(routing: Routing, name: str, who: str = ASKING) -> Awaitable[pb.WithdrawConsultationResponse]:
    request = pb.WithdrawConsultationRequest(request_id=str(uuid4()), name=name, reason="đã chuyển")
    return routing.consultations(who).WithdrawConsultation(request)


def signed(name: str, by: Signing, opinion: bytes = OPINION, **more: Any) -> OpinionSignature:
    return sign_opinion(name, opinion, "text/plain", by.key, by.certificate, **more)


async def notices_of(routing: Routing, who: str, count: int) -> list[tuple[int, str]]:
    async with routing.receiving(who) as inbox:
        deliveries = await inbox.take(count)
        assert await inbox.nothing()
        for delivery in deliveries:
            await routing.acknowledge(delivery, who)
    bodies = [Notice.FromString(each.body) for each in deliveries if each.message.kind == Message.KIND_NOTICE]
    return [(notice.event, notice.subject) for notice in bodies]


async def test_a_question_goes_out_and_an_opinion_that_a_doctor_signed_comes_back(
    routing: Routing, doctor: Signing
):
    consultation = await asked(routing)
    async with routing.receiving(ASKED) as inbox:
        question = await inbox.next()
        await routing.acknowledge(question)
    await taking(routing, consultation.name)
    await answering(routing, consultation.name, signed(consultation.name, doctor))
    async with routing.receiving(ASKING) as inbox:
        # The system's word and the consultant's are two lines.
        notice, opinion = sorted(await inbox.take(2), key=lambda each: each.message.kind)
        assert await inbox.nothing()
    last = await seen(routing, consultation.name)

    assert (question.message.kind, question.body) == (Message.KIND_CONSULTATION, QUESTION)
    assert (question.message.about, question.message.name) == (consultation.name, consultation.message)
    assert Notice.FromString(notice.body).event == Notice.EVENT_CONSULTATION_TAKEN
    assert (opinion.message.kind, opinion.body) == (Message.KIND_CONSULTATION, OPINION)
    assert (opinion.message.about, opinion.message.name) == (consultation.name, last.opinion_message)
    assert (last.state, last.taker) == (Consultation.STATE_ANSWERED, "000456/HCM-GPHN")
    times = [last.create_time, last.take_time, last.answer_time]
    assert times == sorted(times, key=lambda time: time.ToNanoseconds())
    # The requester verifies it offline, and knows whose it is.
    assert last.opinion.practitioner == DOCTOR
    assert verify_opinion(opinion.body, last.opinion).consultation == consultation.name
    with pytest.raises(OpinionUnverified):
        verify_opinion(opinion.body + b" ", last.opinion)


async def test_who_asks_for_three_days_without_a_time_and_a_time_may_be_told(routing: Routing):
    plain = await asked(routing)
    soon = datetime.now(UTC) + timedelta(minutes=30)
    told = await asked(routing, answer_by_time=soon)
    refusals = [
        await refused(asked(routing, answer_by_time=datetime.now(UTC) + wrong))
        for wrong in (timedelta(minutes=1), timedelta(days=31), timedelta(days=-1))
    ]

    term = plain.answer_by_time.ToDatetime(UTC) - plain.create_time.ToDatetime(UTC)
    assert abs(term - timedelta(days=3)) < timedelta(minutes=15)
    assert abs(told.answer_by_time.ToDatetime(UTC) - soon) < timedelta(seconds=1)
    assert {one.reason for one in refusals} == {reasons.CONSULTATION_TERM_INVALID.name}


Signer = Callable[[Routing, str], OpinionSignature]


def _registered(routing: Routing, code: str = "79999", **more: Any) -> Signing:
    signer = public("BS. MẪU", kind="ecdsa")
    routing.identity.add_certificate(code, signer.der, **{"practitioner": DOCTOR, **more})
    return signer


def _unregistered(routing: Routing, name: str) -> OpinionSignature:
    return signed(name, public("BS. LẠ", kind="ecdsa"))


def _of_another_hospital(routing: Routing, name: str) -> OpinionSignature:
    return signed(name, _registered(routing, "79024"))


def _by_the_facility(routing: Routing, name: str) -> OpinionSignature:
    return signed(name, _registered(routing, practitioner=""))


def _by_another_key(routing: Routing, name: str) -> OpinionSignature:
    signature = signed(name, public("BS. GIẢ", kind="ecdsa"))
    signature.certificate = _registered(routing).der
    return signature


def _revoked(routing: Routing, name: str) -> OpinionSignature:
    lost = SigningCertificate.REVOKE_REASON_KEY_COMPROMISED
    signer = _registered(routing, revoke_time=datetime.now(UTC) - timedelta(days=1), revoke_reason=lost)
    return signed(name, signer)


def _ahead_of_time(routing: Routing, name: str) -> OpinionSignature:
    return signed(name, _registered(routing), sign_time=datetime.now(UTC) + timedelta(hours=1))


def _no_certificate(routing: Routing, name: str) -> OpinionSignature:
    signature = signed(name, _registered(routing))
    signature.certificate = b"no certificate"
    return signature


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (_unregistered, "unregistered"),
        (_of_another_hospital, "wrong-facility"),
        (_by_the_facility, "unregistered"),
        (_by_another_key, "key"),
        (_revoked, "revoked"),
        (_ahead_of_time, "signing-time"),
        (_no_certificate, "certificate"),
    ],
)
async def test_a_signature_that_is_no_registered_doctor_s_of_the_consultant_answers_nothing(
    routing: Routing, make: Signer, cause: str
):
    consultation = await asked(routing)
    await taking(routing, consultation.name)

    refusal = await refused(answering(routing, consultation.name, make(routing, consultation.name)))

    assert (refusal.code, refusal.reason) == (
        StatusCode.INVALID_ARGUMENT,
        reasons.OPINION_SIGNATURE_INVALID.name,
    )
    assert refusal.metadata["cause"] == cause
    assert (await seen(routing, consultation.name)).state == Consultation.STATE_TAKEN


async def _refusal_of(routing: Routing, field: str) -> Refusal:
    """What is said when the *field* of what was signed is of something else."""
    consultation, doctor = await asked(routing), _registered(routing)
    await taking(routing, consultation.name)
    body = OpinionBody(
        consultation=consultation.name,
        opinion_sha256=hashlib.sha256(OPINION).digest(),
        media_type="text/plain",
    )
    body.sign_time.FromDatetime(datetime.now(UTC))
    other = {
        "consultation": f"//routing.lientuyen/consultations/{uuid4()}",
        "opinion_sha256": hashlib.sha256(b"another").digest(),
        "media_type": "application/pdf",
    }
    if field in other:
        setattr(body, field, other[field])
    else:
        body.sign_time.FromDatetime(datetime.now(UTC) - timedelta(days=2))
    signature = signed(consultation.name, doctor)
    signature.body = b"\xff\xff" if field == "body" else body.SerializeToString()
    return await refused(answering(routing, consultation.name, signature))


@pytest.mark.parametrize("field", ["consultation", "opinion_sha256", "media_type", "sign_time", "body"])
async def test_what_was_signed_must_be_what_is_sent(routing: Routing, field: str):
    refusal = await _refusal_of(routing, field)

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.OPINION_ALTERED.name)
    assert refusal.metadata == {"field": field}


async def test_only_its_parties_move_and_see_a_consultation(routing: Routing):
    consultation = await asked(routing)
    name, doctor = consultation.name, _registered(routing)
    strangers = [
        await refused(move)
        for move in (
            taking(routing, name, ASKING),
            declining(routing, name, ASKING),
            answering(routing, name, signed(name, doctor), who=ASKING),
            withdrawing(routing, name, ASKED),
            withdrawing(routing, name, "facility/79024"),
            seen(routing, name, "facility/79024"),
            seen(routing, f"consultations/{uuid4()}"),
            taking(routing, f"consultations/{uuid4()}"),
        )
    ]
    forged = await refused(asked(routing, "facility/79024"))
    to_self = await refused(asked(routing, consultant=DISTRICT))
    unknown = await refused(asked(routing, consultant="//identity.lientuyen/facilities/00000"))

    assert {(one.code, one.reason) for one in strangers} == {
        (StatusCode.PERMISSION_DENIED, reasons.CONSULTATION_DENIED.name)
    }
    assert forged.reason == chassis_reasons.FACILITY_MISMATCH.name
    assert (to_self.reason, unknown.reason) == (
        reasons.CONSULTATION_TO_SELF.name,
        reasons.RECIPIENT_UNKNOWN.name,
    )
    assert (await seen(routing, name, "authority/vneid")).name == name
    assert [row[:3] for row in await routing.audit(PERSON)][-1] == (
        "authority/vneid",
        "ConsultationService/GetConsultation",
        True,
    )


async def test_a_withdrawn_question_is_not_delivered_any_more_and_its_consultant_is_told(routing: Routing):
    consultation = await asked(routing)
    await withdrawing(routing, consultation.name)

    assert await notices_of(routing, ASKED, 1) == [(Notice.EVENT_CONSULTATION_WITHDRAWN, consultation.name)]
    assert (await routing.get(consultation.message)).state == Message.STATE_STOPPED
    late = await refused(taking(routing, consultation.name))
    assert (late.reason, late.metadata["state"]) == (reasons.CONSULTATION_STATE.name, "WITHDRAWN")


async def test_a_consultant_declines_before_and_after_it_was_taken(routing: Routing):
    first, second = await asked(routing), await asked(routing)
    await taking(routing, second.name)
    for consultation in (first, second):
        await declining(routing, consultation.name)

    told = await notices_of(routing, ASKING, 3)
    declined = Notice.EVENT_CONSULTATION_DECLINED
    assert told == [
        (Notice.EVENT_CONSULTATION_TAKEN, second.name),
        (declined, first.name),
        (declined, second.name),
    ]
    assert (await seen(routing, first.name)).note == "không có chuyên khoa"


async def test_what_nobody_answers_in_time_expires_and_both_are_told_once(routing: Routing):
    consultation = await asked(routing)
    await routing.rows("UPDATE consultations SET answer_by_time = now() - interval '1 second'")

    async def has_expired() -> bool:
        return (await seen(routing, consultation.name)).state == Consultation.STATE_EXPIRED

    await eventually(has_expired)
    expired = (Notice.EVENT_CONSULTATION_EXPIRED, consultation.name)
    assert await notices_of(routing, ASKING, 1) == [expired]
    assert await notices_of(routing, ASKED, 2) == [expired]


async def test_of_many_that_answer_at_once_one_wins_and_one_opinion_comes(routing: Routing):
    consultation, doctor = await asked(routing), _registered(routing)
    await taking(routing, consultation.name)
    tries = [answering(routing, consultation.name, signed(consultation.name, doctor)) for _ in range(5)]

    outcomes = await asyncio.gather(*tries, return_exceptions=True)

    assert sum(isinstance(one, pb.AnswerConsultationResponse) for one in outcomes) == 1
    assert await notices_of(routing, ASKING, 2) == [(Notice.EVENT_CONSULTATION_TAKEN, consultation.name)]


async def test_consultations_are_listed_by_side_state_and_person(routing: Routing):
    mine = [await asked(routing) for _ in range(3)]
    other = await asked(routing, "facility/79999", requester=PROVINCE, consultant=CHO_RAY)
    await taking(routing, mine[0].name)

    async def names(who: str, **filters: Any) -> list[str]:
        ground = CITIZEN if who == "authority/vneid" else ACCESS
        request, listed = pb.ListConsultationsRequest(access=ground, page_size=2, **filters), list[str]()
        while True:
            page = await routing.consultations(who).ListConsultations(request)
            listed += [one.name for one in page.consultations]
            request.page_token = page.next_page_token
            if not request.page_token:
                return listed

    of_mine = [one.name for one in reversed(mine)]
    assert await names(ASKING, facility=DISTRICT) == of_mine
    assert await names(ASKED) == [other.name, *of_mine]
    assert await names(ASKED, state=Consultation.STATE_TAKEN) == [mine[0].name]
    assert await names("facility/79024", person=PERSON) == [other.name]
    assert await names("authority/vneid", person=PERSON) == [other.name, *of_mine]


async def test_nobody_can_answer_while_the_register_of_certificates_is_away(routing: Routing, world: World):
    deaf = await Routing(world).start(identity_address=world.nowhere())
    await deaf.rows(
        "INSERT INTO consultations (id, person, requester, consultant, practitioner, speciality, urgent,"
        " answer_by_time, message_id, state, create_time, taker, note)"
        " VALUES ($1, $2, $3, $4, '', '', false, now() + interval '1 day', $1, 'taken', now(), '', '')",
        uuid4(),
        PERSON,
        DISTRICT,
        PROVINCE,
    )
    row = (await deaf.rows("SELECT id FROM consultations"))[0]
    name, signer = f"//routing.lientuyen/consultations/{row['id']}", public(kind="ecdsa")

    refusal = await refused(answering(deaf, name, signed(name, signer)))

    assert refusal.code == StatusCode.UNAVAILABLE
