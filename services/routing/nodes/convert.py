"""Messages on their way between nodes."""

from common.names import id_of
from common.values import timestamp_from_pb, timestamp_to_pb
from lientuyen.routing.v1 import node_link_service_pb2 as pb
from lientuyen.routing.v1 import receipt_pb2
from lientuyen.routing.v1.message_pb2 import Message as MessagePb

from ..convert.messages import STATES_FROM_PB, node_name
from ..model.messages import DeadReason, Kind, Message, State

KINDS_FROM_PB = {MessagePb.Kind.Value(f"KIND_{kind.name}"): kind for kind in Kind}
DEAD_REASONS_FROM_PB = {
    MessagePb.DeadReason.Value(f"DEAD_REASON_{reason.name}"): reason for reason in DeadReason
}


# When it ended, by how.
TIMES = {State.ACKNOWLEDGED: "acknowledge_time", State.DEAD: "dead_time", State.STOPPED: "stop_time"}


def header_to_pb(
    message: Message,
    origin: str,
    receipt: receipt_pb2.Receipt,
    person: pb.RelayedPerson | None,
    enclosure: bytes,
) -> pb.RelayHeader:
    """Return *message* as it goes to another node; its person's name, which is ours alone, stays here."""
    return pb.RelayHeader(
        message=message.name,
        sender=message.sender,
        recipient=message.recipient,
        kind=f"KIND_{message.kind.name}",
        media_type=message.media_type,
        size_bytes=message.size,
        sha256=message.sha256,
        about=message.about,
        correlation=message.correlation,
        traceparent=message.traceparent,
        enqueue_time=timestamp_to_pb(message.enqueue_time),
        origin=node_name(origin),
        receipt=receipt_pb2.NodeReceipt(node=node_name(origin), receipt=receipt),
        person=person,
        enclosure=enclosure,
    )


def message_from_header(header: pb.RelayHeader, person: str) -> Message:
    """Return the message of *header*, of *person* as our own register names them."""
    enqueue_time = timestamp_from_pb(header.enqueue_time)
    return Message(
        id=id_of(header.message),
        sender=header.sender,
        recipient=header.recipient,
        kind=KINDS_FROM_PB.get(header.kind, Kind.DOCUMENT),
        media_type=header.media_type,
        size=header.size_bytes,
        sha256=header.sha256,
        accept_time=enqueue_time,
        enqueue_time=enqueue_time,
        about=header.about,
        person=person,
        correlation=header.correlation,
        traceparent=header.traceparent,
    )


def outcome_to_pb(message: Message, receipts: list[receipt_pb2.NodeReceipt]) -> pb.RelayOutcome:
    time = getattr(message, TIMES[message.state])
    return pb.RelayOutcome(
        message=message.name,
        state=f"STATE_{message.state.name}",
        dead_reason=f"DEAD_REASON_{message.dead_reason.name}" if message.dead_reason else None,
        dead_note=message.dead_note,
        time=timestamp_to_pb(time),
        receipts=receipts,
    )


def state_from_pb(outcome: pb.RelayOutcome) -> State:
    return State(STATES_FROM_PB[outcome.state])
