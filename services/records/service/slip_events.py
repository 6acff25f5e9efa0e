"""
The slips of an accepted dossier as events of the outbox, encrypted where they name the person.

A transfer slip (XML13) becomes a referral, a re-examination slip (XML14) an appointment.  The key is
the slip: what happens to one is delivered in order, and no slip waits for another.  The transfer slip that
a patient brought (XML1) is used.
"""

from uuid import UUID, uuid4, uuid5

from chassis import outbox
from chassis.db import Transaction
from chassis.encryption import Encryptor
from common.names import facility_name
from kcb.report import Row
from lientuyen.routing.v1.mailbox_service_pb2 import SendNoticeRequest
from lientuyen.routing.v1.message_pb2 import Notice
from lientuyen.routing.v1.referral_pb2 import Referral

from ..convert import slips as convert
from ..convert.names import dossier_name
from ..model.dossiers import Dossier
from ..model.slips import Slip, SlipVerdict
from .slip_checks import CheckedSlip

REFERRAL_TOPIC, APPOINTMENT_TOPIC = "slip.referral", "slip.appointment"
CANCELLATION_TOPIC, NOTICE_TOPIC = "slip.cancellation", "slip.notice"
USE_TOPIC = "slip.use"


async def publish_slip(
    tx: Transaction, encryptor: Encryptor, dossier: Dossier, slip: CheckedSlip, event_id: UUID
) -> None:
    if isinstance(slip.message, Referral):
        topic = REFERRAL_TOPIC
        payload = convert.referral_request(slip.message, slip.document, dossier).SerializeToString()
    else:
        topic = APPOINTMENT_TOPIC
        payload = convert.appointment_request(slip.message, dossier).SerializeToString()
    sealed = slip_encryptor(encryptor).encrypt(payload, associated_data=slip_context(topic, event_id))
    await outbox.publish(tx, topic, sealed, key=str(slip.id), event_id=event_id)


async def publish_uses(tx: Transaction, encryptor: Encryptor, dossier: Dossier, row: Row | None) -> None:
    """Tell that the patient of *dossier* came with a transfer slip, for each that XML1 (*row*) names."""
    for request in convert.use_requests(row, dossier.facility, dossier.link_key) if row else ():
        event_id = uuid4()
        context = slip_context(USE_TOPIC, event_id)
        sealed = slip_encryptor(encryptor).encrypt(request.SerializeToString(), associated_data=context)
        key = f"{dossier.facility}/{dossier.link_key}"
        await outbox.publish(tx, USE_TOPIC, sealed, key=key, event_id=event_id)


async def publish_cancellation(tx: Transaction, slip: Slip, event_id: UUID) -> None:
    """Ask that what *slip* became be cancelled; what that is, is known when it is done."""
    await outbox.publish(tx, CANCELLATION_TOPIC, b"", key=str(slip.id), event_id=event_id)


async def publish_refusal(tx: Transaction, slip: Slip, facility: str, verdict: SlipVerdict) -> None:
    """Tell the sender, *facility* (bare code), that *slip* is not sent; and whom that concerns beside it."""
    subject = dossier_name(slip.dossier)
    await _publish_notice(tx, facility_name(facility), Notice.EVENT_SLIP_NOT_SENT, subject)
    if verdict.affected:
        event = Notice.EVENT_REFERRAL_CHANGE_REFUSED
        await _publish_notice(tx, verdict.affected, event, verdict.resource)


async def publish_sent_after_all(tx: Transaction, slip: Slip, facility: str) -> None:
    """Tell the sender, *facility* (bare code), that *slip* is sent: it heard before that it is not."""
    await _publish_notice(tx, facility_name(facility), Notice.EVENT_SLIP_SENT, dossier_name(slip.dossier))


async def publish_waiting(tx: Transaction, slip: Slip, facility: str, event_id: UUID) -> None:
    """Tell the sender, *facility* (bare code), that *slip*, of the event *event_id*, waits; once."""
    waits, subject = Notice.EVENT_SLIP_WAITS, dossier_name(slip.dossier)
    await _publish_notice(tx, facility_name(facility), waits, subject, uuid5(event_id, "waits"))


async def _publish_notice(
    tx: Transaction, recipient: str, event: Notice.Event, subject: str, event_id: UUID | None = None
) -> None:
    request = SendNoticeRequest(recipient=recipient, event=event, subject=subject)
    await outbox.publish(tx, NOTICE_TOPIC, request.SerializeToString(), event_id=event_id)


def slip_encryptor(encryptor: Encryptor) -> Encryptor:
    return encryptor.derive("slips")


def slip_context(topic: str, event_id: UUID) -> bytes:
    """Return what binds an encrypted slip to its event, so that it opens in no other."""
    return f"{topic} {event_id}".encode()
