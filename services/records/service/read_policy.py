"""
Who may see what is known of a person.

A facility always sees what it made itself.  VNeID reads for the person.  Everything else is
judged by identity, in one question about every class before anything is read: the restricted
classes (HIV, mental and reproductive health) that it withholds are left out by the statements
themselves.  So nothing that can be counted or timed tells whether there was any.  No database
connection is held while identity is asked.

A patient who was referred brings a ground along: the recipient sees, for a time, what the sender of the
referral made, without restricted classes (docs/adr/0082).
"""

from chassis import call_context
from chassis.deadline import leaving_time
from chassis.errors import PermissionDenied, Unavailable
from common.identity import Identity, is_data_subject
from common.names import person_name
from common.restricted import classes_in, mask_of
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.type.v1.access_pb2 import AccessContext

from ..convert.names import dossier_name, person_id
from ..model.dossiers import Dossier
from ..model.read_scope import ReadScope
from .received_referrals import ReceivedReferrals


class ReadPolicy:
    def __init__(self, identity: Identity, referrals: ReceivedReferrals) -> None:
        self._identity = identity
        self._referrals = referrals

    async def scope(self, person: str, access: AccessContext) -> ReadScope:
        """Return what the caller may see of a person: all that is not withheld, or only its own."""
        asked_for = (person_id(person),)
        if is_data_subject(access):
            names = await self._identity.names_of(person)
            return ReadScope(names.ids, hidden=0, unreachable=names.unreachable)
        own = _own_facility()
        try:
            with leaving_time():
                sender = await self._referrals.sender_of(person, access)
                decision = await self._identity.authorize(person, access, own_record=bool(sender))
        except Unavailable as error:
            if not own:
                raise
            silent = error.metadata.get("peer", "identity")
            return ReadScope(asked_for, own, (own,), hidden=0, unreachable=(silent,))
        persons = decision.person_ids or asked_for
        if decision.allowed and sender:
            return ReadScope(persons, own, (own, sender), flagged=decision.flagged)
        if decision.allowed:
            return ReadScope(persons, own, hidden=mask_of(decision.withheld), flagged=decision.flagged)
        if not own:
            raise access_denied(person, decision.reason)
        return ReadScope(persons, own, (own,), hidden=0, denial=decision.reason)

    async def authorize_dossier(self, dossier: Dossier, access: AccessContext) -> bool:
        """Refuse a dossier as one that is not there unless the caller may see it; tell if that is flagged."""
        if _own_facility() == dossier.facility or is_data_subject(access):
            return False
        person = person_name(dossier.person)
        decision = await self._identity.authorize(person, access)
        if not decision.allows(classes_in(dossier.classes)):
            raise PermissionDenied(reasons.DOSSIER_DENIED, name=dossier_name(dossier.id), subject=person)
        return decision.flagged


def access_denied(person: str, reason: str) -> PermissionDenied:
    return PermissionDenied(reasons.ACCESS_DENIED, decision=reason, subject=person)


def _own_facility() -> str:
    return call_context.caller().code or ""
