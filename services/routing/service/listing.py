"""Whose list it is: a person's, a facility's, or a person's at a facility."""

from chassis import call
from chassis.errors import InvalidArgument
from lientuyen.routing.v1 import error_reasons as why


def facility_of_list(person: str, facility: str) -> str:
    """Return the facility that a list is bound to; empty means any facility of *person*.

    A facility sees its own only, whoever the person is.  The person's own view
    (an authority), `service/records` and operators name the person, and see all
    of them; an operator may name a facility instead.
    """
    caller = call.caller()
    if caller.facility is not None:
        if facility:
            call.require_facility("facility", facility)
        return caller.facility
    if not person and (caller.kind != "operator" or not facility):
        raise InvalidArgument(why.LIST_UNBOUNDED)
    return facility
