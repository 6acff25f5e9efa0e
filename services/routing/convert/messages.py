"""Messages, notices and receipts."""

from datetime import datetime

from common.names import IDENTITY
from common.values import timestamp_to_pb
from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox_pb2
from lientuyen.routing.v1 import message_pb2 as pb
from lientuyen.routing.v1 import receipt_pb2

from ..model.mailboxes import Mailbox
from ..model.messages import MESSAGES, DeadReason, Kind, Message, State
from ..model.receipts import Kind as ReceiptKind
from ..model.receipts import Receipt

# The kind under which the proof of a system of another make is stored.
FOREIGN = "foreign"

KINDS_FROM_PB = {pb.Message.Kind.Value(f"KIND_{kind.name}"): kind for kind in Kind}
# The filter of a list: unspecified is the empty word, all.
STATES_FROM_PB = {pb.Message.State.Value(f"STATE_{state.name}"): state.value for state in State}
# So is that of dead messages.
DEAD_REASONS_FROM_PB = {pb.Message.DEAD_REASON_UNSPECIFIED: ""} | {
    pb.Message.DeadReason.Value(f"DEAD_REASON_{reason.name}"): reason.value for reason in DeadReason
}


def message_to_pb(message: Message) -> pb.Message:
    return pb.Message(
        name=message.name,
        sender=message.sender,
        recipient=message.recipient,
        kind=f"KIND_{message.kind.name}",
        media_type=message.media_type,
        size_bytes=message.size,
        sha256=message.sha256,
        about=message.about,
        person=message.person,
        correlation=message.correlation,
        state=f"STATE_{message.state.name}",
        dead_reason=f"DEAD_REASON_{message.dead_reason.name}" if message.dead_reason else None,
        dead_note=message.dead_note,
        attempts=message.attempts,
        accept_time=timestamp_to_pb(message.accept_time),
        lease_time=timestamp_to_pb(message.lease_time),
        acknowledge_time=timestamp_to_pb(message.acknowledge_time),
        dead_time=timestamp_to_pb(message.dead_time),
        replay_time=timestamp_to_pb(message.replay_time),
        stop_time=timestamp_to_pb(message.stop_time),
        notice_time=timestamp_to_pb(message.notice_time),
        traceparent=message.traceparent,
        restore_time=timestamp_to_pb(message.restore_time),
    )


def delivery_to_pb(message: Message, body: bytes | None, receipt: Receipt) -> pb.Delivery:
    """Return *message*, which must be leased, as it goes to its receiver; *body* None: to be downloaded."""
    assert message.lease is not None
    return pb.Delivery(
        message=message_to_pb(message),
        body=body or b"",
        inlined=body is not None,
        lease_token=str(message.lease.token),
        lease_expire_time=timestamp_to_pb(message.lease.expire_time),
        receipt=receipt_to_pb(receipt),
    )


def mailbox_to_pb(mailbox: Mailbox) -> mailbox_pb2.Mailbox:
    return mailbox_pb2.Mailbox(
        recipient=mailbox.recipient,
        waiting_messages=mailbox.waiting,
        waiting_bytes=mailbox.waiting_bytes,
        oldest_time=timestamp_to_pb(mailbox.oldest_time),
        held_messages=mailbox.held,
        dead_messages=mailbox.dead,
    )


def receipt_to_pb(receipt: Receipt) -> receipt_pb2.Receipt:
    return receipt_pb2.Receipt(
        name=f"{MESSAGES}{receipt.message_id}/receipts/{receipt.kind.value}",
        body=receipt.body,
        signature=receipt.signature,
        certificate=receipt.certificate,
        algorithm=f"ALGORITHM_{receipt.algorithm.name}",
    )


def own_receipt_to_pb(here: str, receipt: Receipt) -> receipt_pb2.NodeReceipt:
    """Return a receipt of this node, whose name is *here*; empty where there is one only."""
    return receipt_pb2.NodeReceipt(node=node_name(here), receipt=receipt_to_pb(receipt))


def node_receipt_to_pb(node: str, kind: str, receipt: bytes) -> receipt_pb2.NodeReceipt:
    """Return what another node attested, as it is stored: a serialised `Receipt`, or `FOREIGN`."""
    if kind == FOREIGN:
        return receipt_pb2.NodeReceipt(node=node_name(node), foreign=receipt)
    return receipt_pb2.NodeReceipt(node=node_name(node), receipt=receipt_pb2.Receipt.FromString(receipt))


def node_name(node: str) -> str:
    return f"{IDENTITY}nodes/{node}" if node else ""


def receipt_body(message: Message, kind: ReceiptKind, key_id: bytes, trace_id: str) -> bytes:
    body = receipt_pb2.ReceiptBody(
        kind=f"KIND_{kind.name}",
        message=message.name,
        sender=message.sender,
        recipient=message.recipient,
        sha256=message.sha256,
        size_bytes=message.size,
        accept_time=timestamp_to_pb(message.accept_time),
        acknowledge_time=timestamp_to_pb(
            message.acknowledge_time if kind is ReceiptKind.ACKNOWLEDGEMENT else None
        ),
        trace_id=trace_id,
        deliver_time=timestamp_to_pb(message.lease_time if kind is not ReceiptKind.ACCEPTANCE else None),
        key_id=key_id,
    )
    return body.SerializeToString(deterministic=True)


def notice_body(event: pb.Notice.Event, subject: str, moment: datetime) -> bytes:
    notice = pb.Notice(event=event, subject=subject, event_time=timestamp_to_pb(moment))
    return notice.SerializeToString(deterministic=True)
