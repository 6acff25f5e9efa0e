"""What every method asks first: is it the caller's, does its recipient exist, does the state allow it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from chassis import audit, call_context
from chassis.db import Transaction
from chassis.errors import FailedPrecondition, NotFound, PermissionDenied
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.reason import Reason

from ..convert.common import short
from ..model.messages import Message, StaleLease
from ..model.state_machine import IllegalMove
from ..peers.facility_directory import Identity

# Acts for facilities whose dossiers it accepted.
RECORDS = "service/records"


def require_sender(field: str, declared: str) -> None:
    """Refuse a caller that is neither the declared facility nor `service/records`, which acts for it."""
    if str(call_context.caller()) != RECORDS:
        call_context.require_facility(field, declared)


def require_party(reason: Reason, name: str, subject: str, *parties: str) -> None:
    """Refuse with *reason* a facility that is none of *parties*; operators may see and steer any.

    *subject* is the person concerned, for the access log; may be empty.
    """
    caller = call_context.caller()
    if caller.kind != "operator" and caller.facility not in parties:
        raise PermissionDenied(reason, name=short(name), subject=subject)


def require_message(message: Message | None, name: str, *, sender: bool, recipient: bool) -> Message:
    """Return *message* if the caller is a party that may; a refusal does not tell whether there is one."""
    if message is None:
        raise PermissionDenied(reasons.MESSAGE_DENIED, name=short(name))
    parties = [message.sender] * sender + [message.recipient] * recipient
    require_party(reasons.MESSAGE_DENIED, name, message.person, *parties)
    return message


async def require_recipient(identity: Identity, recipient: str) -> None:
    """Refuse a recipient that the directory does not know."""
    if not await identity.facility_exists(recipient):
        raise NotFound(reasons.RECIPIENT_UNKNOWN, recipient=recipient)


async def log_access(tx: Transaction, person: str, access: AccessContext | None) -> None:
    """Write down that the caller saw data of *person*; an emergency (cấp cứu) is flagged for review."""
    flagged = access is not None and access.legal_basis == AccessContext.LEGAL_BASIS_EMERGENCY
    await audit.record(tx, subject=person, access=access, flagged=flagged)


async def log_accesses(tx: Transaction, messages: Sequence[Message]) -> None:
    """Write down that the caller saw that there are *messages* about people, each person once."""
    for person in sorted({message.person for message in messages} - {""}):
        await log_access(tx, person, None)


@contextmanager
def moving(reason: Reason, name: str) -> Iterator[None]:
    """Turn a move that the state does not allow into FailedPrecondition(*reason*)."""
    try:
        yield
    except StaleLease as stale:
        state = stale.state.upper()
        raise FailedPrecondition(reasons.LEASE_STALE, name=short(name), state=state) from stale
    except IllegalMove as move:
        raise FailedPrecondition(
            reason, name=short(name), state=move.state.upper(), action=move.action
        ) from move
