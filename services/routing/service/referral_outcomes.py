"""What became of a patient who was referred: sealed in the referral, and as a report to the sender."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from chassis import clock
from chassis.db import Transaction
from chassis.encryption import Encryptor
from chassis.errors import InvalidArgument
from common.faults import future_fault
from common.values import is_future, timestamp_from_pb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import referral_pb2
from lientuyen.routing.v1 import referral_service_pb2 as pb

from ..convert.referrals import referral_to_pb
from ..model.messages import Kind, Message
from ..model.referrals import Referral
from .mailbox_writer import MailboxWriter, new_message


@dataclass(frozen=True, slots=True)
class ClosedOutcome:
    """An outcome, sealed (None: the recipient did not say), and the message that carries its report."""

    sealed: bytes | None
    message: Message | None


class ReferralOutcomes:
    def __init__(self, encryptor: Encryptor, writer: MailboxWriter) -> None:
        self._encryptor = encryptor.derive("referral-outcomes")
        self._writer = writer

    def seal(self, referral: Referral, request: pb.CompleteReferralRequest) -> ClosedOutcome:
        """Return what *request* says of the patient of *referral*; DAY_INVALID for a day that is to come."""
        _check_times(request.outcome)
        message = _report_message(referral, request) if request.report else None
        if message is None and not request.HasField("outcome"):
            return ClosedOutcome(None, None)
        outcome = referral_pb2.ReferralOutcome()
        outcome.CopyFrom(request.outcome)
        outcome.message = message.name if message else ""
        return ClosedOutcome(self.seal_outcome(referral.id, outcome), message)

    def seal_outcome(self, referral_id: UUID, outcome: referral_pb2.ReferralOutcome) -> bytes:
        return self._encryptor.encrypt(outcome.SerializeToString(), associated_data=referral_id.bytes)

    async def send_report(self, tx: Transaction, outcome: ClosedOutcome, report: bytes) -> None:
        if outcome.message is not None:
            await self._writer.write(tx, outcome.message, report)

    def to_pb(self, referral: Referral) -> referral_pb2.Referral:
        """Return the message for *referral*, with what became of the patient."""
        if referral.outcome is None:
            return referral_to_pb(referral)
        plain = self._encryptor.decrypt(referral.outcome, associated_data=referral.id.bytes)
        return referral_to_pb(referral, referral_pb2.ReferralOutcome.FromString(plain))


def _report_message(referral: Referral, request: pb.CompleteReferralRequest) -> Message:
    return new_message(
        referral.recipient,
        referral.sender,
        Kind.DOCUMENT,
        request.report_media_type,
        request.report,
        message_id=uuid4(),
        about=referral.name,
        person=referral.person,
    )


def _check_times(outcome: referral_pb2.ReferralOutcome) -> None:
    if outcome.HasField("discharge_time"):
        moment = timestamp_from_pb(outcome.discharge_time)
        if is_future(moment, clock.now()):
            field = "outcome.discharge_time"
            raise InvalidArgument(reasons.DAY_INVALID, violations=[future_fault(field)], field=field)
