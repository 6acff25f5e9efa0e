"""Whose list it is: a person's, a facility's, or a person's at a facility."""

from chassis import call_context
from chassis.errors import InvalidArgument, Unavailable
from lientuyen.routing.v1 import error_reasons as reasons

from ..peers.facility_directory import Identity


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


async def names_of_list(identity: Identity, person: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names under which what a list shows of *person* is kept, and who could not be asked.

    None for a list of no person; only the one that was given while identity does not answer.
    """
    if not person:
        return (), ()
    try:
        return await identity.names_of(person), ()
    except Unavailable:
        return (person,), ("identity",)
