"""Consultations, and the signatures of their opinions."""

from datetime import datetime
from uuid import UUID

from common.values import timestamp_from_pb, timestamp_to_pb
from lientuyen.routing.v1 import consultation_pb2 as pb

from ..model.consultations import DEFAULT_TERM, Consultation, Opinion, State
from ..model.messages import MESSAGES

# The filter of a list: unspecified is the empty word, all.
STATES_FROM_PB = {pb.Consultation.State.Value(f"STATE_{state.name}"): state.value for state in State}


def answer_by_time_from_pb(consultation: pb.Consultation, now: datetime) -> datetime:
    if consultation.HasField("answer_by_time"):
        return timestamp_from_pb(consultation.answer_by_time)
    return now + DEFAULT_TERM


def consultation_from_pb(
    consultation: pb.Consultation,
    *,
    consultation_id: UUID,
    message_id: UUID,
    answer_by_time: datetime,
    now: datetime,
) -> Consultation:
    return Consultation(
        id=consultation_id,
        person=consultation.person,
        requester=consultation.requester,
        consultant=consultation.consultant,
        practitioner=consultation.practitioner,
        speciality=consultation.speciality,
        urgent=consultation.urgent,
        answer_by_time=answer_by_time,
        message_id=message_id,
        state=State.ASKED,
        create_time=now,
    )


def consultation_to_pb(consultation: Consultation) -> pb.Consultation:
    opinion_message = consultation.opinion_message_id
    return pb.Consultation(
        name=consultation.name,
        person=consultation.person,
        requester=consultation.requester,
        consultant=consultation.consultant,
        practitioner=consultation.practitioner,
        speciality=consultation.speciality,
        urgent=consultation.urgent,
        answer_by_time=timestamp_to_pb(consultation.answer_by_time),
        state=f"STATE_{consultation.state.name}",
        message=f"{MESSAGES}{consultation.message_id}",
        create_time=timestamp_to_pb(consultation.create_time),
        take_time=timestamp_to_pb(consultation.take_time),
        taker=consultation.taker,
        answer_time=timestamp_to_pb(consultation.answer_time),
        opinion_message=f"{MESSAGES}{opinion_message}" if opinion_message else "",
        opinion=_opinion_to_pb(consultation.opinion),
        decline_time=timestamp_to_pb(consultation.decline_time),
        withdraw_time=timestamp_to_pb(consultation.withdraw_time),
        expire_time=timestamp_to_pb(consultation.expire_time),
        note=consultation.note,
    )


def _opinion_to_pb(opinion: Opinion | None) -> pb.OpinionSignature | None:
    if opinion is None:
        return None
    return pb.OpinionSignature(
        body=opinion.body,
        signature=opinion.signature,
        certificate=opinion.certificate,
        practitioner=opinion.signer,
    )
