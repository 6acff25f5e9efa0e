"""What of routing's a caller may see and change: what it sent or gets, and its own lists."""

from collections.abc import Callable
from typing import TypeAlias

from chassis import call_context
from chassis.errors import FailedPrecondition, InvalidArgument, PermissionDenied
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.type.v1.reason import Reason

from ..model.messages import Kind, Message

# Tells the node that a facility lives on; empty for this one.
Elsewhere: TypeAlias = Callable[[str], str]

# Acts for facilities whose dossiers it accepted.
RECORDS = "service/records"


def is_records() -> bool:
    return str(call_context.caller()) == RECORDS


def require_sender(field: str, declared: str) -> None:
    """Refuse a caller that is neither the declared facility nor `service/records`, which acts for it."""
    if not is_records():
        call_context.require_facility(field, declared)


def require_here(elsewhere: Elsewhere, recipient: str, kind: Kind) -> None:
    """Refuse what names people as this node's register does to a *recipient* of another node."""
    if node := elsewhere(recipient):
        raise FailedPrecondition(reasons.KIND_STAYS_HERE, kind=kind.name, node=node)


def require_records(reason: Reason, name: str) -> None:
    """Refuse with *reason* whoever is not `service/records`: it alone knows the slips of dossiers."""
    if not is_records():
        raise PermissionDenied(reason, name=name)


def require_issuer(reason: Reason, name: str, subject: str, issuer: str) -> None:
    """Refuse as `require_party` does, but `service/records`, which acts for the *issuer* of a slip."""
    if not is_records():
        require_party(reason, name, subject, issuer)


def require_party(reason: Reason, name: str, subject: str, *parties: str) -> None:
    """Refuse with *reason* a facility that is none of *parties*; operators may see and steer any.

    *subject* is the person concerned, for the access log; may be empty.
    """
    caller = call_context.caller()
    if caller.kind != "operator" and caller.facility not in parties:
        raise PermissionDenied(reason, name=name, subject=subject)


def require_reader(reason: Reason, name: str, subject: str, *parties: str) -> None:
    """Refuse as `require_party` does, but an authority, for the person themself, and `service/records`."""
    if call_context.caller().kind != "authority" and not is_records():
        require_party(reason, name, subject, *parties)


def require_message(message: Message | None, name: str, *, sender: bool, recipient: bool) -> Message:
    """Return *message* if the caller is a party that may; a refusal does not tell whether there is one."""
    if message is None:
        raise PermissionDenied(reasons.MESSAGE_DENIED, name=name)
    parties = [message.sender] * sender + [message.recipient] * recipient
    require_party(reasons.MESSAGE_DENIED, name, message.person, *parties)
    return message


def facility_of_list(person: str, facility: str) -> str:
    """Return the facility that a list is bound to; empty means any facility of *person*.

    A facility sees its own only, whoever the person is.  The person's own view
    (an authority), `service/records` and operators name the person, and see all
    of them; an operator may name a facility instead.
    """
    caller = call_context.caller()
    if caller.facility is not None:
        if facility:
            call_context.require_facility("facility", facility)
        return caller.facility
    if not person and (caller.kind != "operator" or not facility):
        raise InvalidArgument(reasons.LIST_UNBOUNDED)
    return facility
