"""
The ground that a referral gives its recipient: what the sender made, for as long as the referral opens it.

Routing knows the referral and how long it opens anything; identity decides on our word that the data were
received with one (`own_record`).
"""

from datetime import datetime

from chassis import call_context, clock
from chassis.errors import PermissionDenied
from common.identity import Identity
from common.names import last_part
from common.values import timestamp_from_pb
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.type.v1.access_pb2 import AccessContext

from ..peers import Routing


class ReceivedReferrals:
    def __init__(self, routing: Routing, identity: Identity) -> None:
        self._routing = routing
        self._identity = identity

    async def sender_of(self, person: str, access: AccessContext) -> str:
        """Return the code of the facility that referred *person* to the caller by the referral of *access*.

        Empty when it names none, or one that opens nothing to the caller now.  Raises Unavailable when
        routing does not answer, or identity about another name of the person.
        """
        if not is_claimed(access):
            return ""
        try:
            referral = await self._routing.get_referral(access.referral, access)
        except PermissionDenied:  # there is none of that name
            return ""
        if not opens(referral, call_context.caller().facility or "", clock.now()):
            return ""
        same = await self._identity.is_same_person(person, referral.person)
        return last_part(referral.sender) if same else ""


def is_claimed(access: AccessContext) -> bool:
    """Tell whether *access* rests on a referral: for the care of the patient, and nothing else."""
    basis, purpose = AccessContext.LEGAL_BASIS_OWN_RECORD, AccessContext.PURPOSE_TREATMENT
    return bool(access.referral) and (access.legal_basis, access.purpose) == (basis, purpose)


def opens(referral: Referral, reader: str, now: datetime) -> bool:
    """Tell whether *referral* opens anything to the facility *reader* (full name) at *now*."""
    if referral.recipient != reader or not referral.HasField("read_until_time"):
        return False
    return now < timestamp_from_pb(referral.read_until_time)
