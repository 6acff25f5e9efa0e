"""
Who may see what is known of a person.

A facility always sees what it made itself.  VNeID reads for the person.  Everything else is
judged by identity, first for ordinary care; the restricted kinds (HIV, mental and
reproductive health) only when rows of such a kind are there, so that an ordinary read is
not refused for what does not exist.  No database connection is held while identity is asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from chassis import call_context
from chassis.errors import PermissionDenied, Unavailable
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.type.v1.access_pb2 import AccessContext

from ..convert.names import person_id
from ..model.classes import DataClass, classes_in, mask_of
from ..peers import Decision, Identity

RESTRICTED = frozenset(DataClass) - {DataClass.CARE}


@dataclass(frozen=True, slots=True)
class Scope:
    """
    What a reader may see.

    *reader* is the calling facility's code, whose own rows are never hidden; *own* the same
    when only those may be seen, else empty; *hidden* the mask of kinds that must not be seen;
    *denial* why others' rows may not; *unreachable* who was not heard.  *persons* are the ids
    under which the person's rows are kept: that of each entry merged into theirs.  When
    identity was not heard, it is the one that was asked for.
    """

    reader: str = ""
    own: str = ""
    hidden: int = mask_of(RESTRICTED)
    flagged: bool = False
    denial: str = ""
    unreachable: tuple[str, ...] = ()
    persons: tuple[UUID, ...] = ()


class Readers:
    """Admits or refuses the caller of the call being answered."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def scope(self, person: str, access: AccessContext) -> Scope:
        """Return what the caller may see of a person: all that is ordinary, or only its own."""
        asked = (person_id(person),)
        if is_the_person(access):
            return await self._all_of(person, asked)
        own = own_code()
        try:
            decision = await self._ask(person, access, [DataClass.CARE])
        except Unavailable:
            if not own:
                raise
            return Scope(own, own, hidden=0, unreachable=("identity",), persons=asked)
        persons = decision.persons or asked
        if decision.allowed:
            return Scope(own, flagged=decision.flagged, persons=persons)
        if not own:
            raise denied(person, decision.reason)
        return Scope(own, own, hidden=0, denial=decision.reason, persons=persons)

    async def _all_of(self, person: str, asked: tuple[UUID, ...]) -> Scope:
        """Return what a person sees of their own: everything, under each of their names."""
        try:
            return Scope(hidden=0, persons=await self._identity.ids_of(person) or asked)
        except Unavailable:
            return Scope(hidden=0, unreachable=("identity",), persons=asked)

    async def widen(self, scope: Scope, person: str, access: AccessContext, mask: int) -> Scope:
        """Return *scope* with those restricted kinds in *mask* shown that identity lets the caller see."""
        wanted = classes_in(mask & scope.hidden)
        if wanted == {DataClass.CARE}:
            return scope
        try:
            decision = await self._ask(person, access, wanted)
            if not decision.allowed and decision.withheld and decision.withheld < wanted:
                wanted -= decision.withheld
                decision = await self._ask(person, access, wanted)
        except Unavailable:
            return replace(scope, unreachable=("identity",))
        if not decision.allowed:
            return scope
        return replace(
            scope, hidden=scope.hidden & ~mask_of(wanted), flagged=scope.flagged or decision.flagged
        )

    async def admit(self, name: str, person: str, access: AccessContext, mask: int, owner: str) -> bool:
        """Refuse *name* unless the caller may see what *owner* made, of these kinds; tell if it is flagged.

        The refusal is that of a dossier that is not there.
        """
        if own_code() == owner or is_the_person(access):
            return False
        decision = await self._ask(person, access, classes_in(mask))
        if not decision.allowed:
            raise PermissionDenied(reasons.DOSSIER_DENIED, name=name, subject=person)
        return decision.flagged

    async def _ask(self, person: str, access: AccessContext, classes: Iterable[DataClass]) -> Decision:
        who = call_context.caller()
        return await self._identity.authorize(
            facility=who.facility or "", requester=str(who), person=person, access=access, classes=classes
        )


def own_code() -> str:
    """Return the code of the calling facility, or nothing."""
    who = call_context.caller()
    return who.id if who.facility else ""


def is_the_person(access: AccessContext) -> bool:
    """Whether VNeID reads for the person themself (người bệnh tự xem)."""
    return (
        str(call_context.caller()) == "authority/vneid"
        and access.legal_basis == AccessContext.LEGAL_BASIS_DATA_SUBJECT
        and access.purpose == AccessContext.PURPOSE_PATIENT_REQUEST
    )


def denied(person: str, reason: str) -> PermissionDenied:
    return PermissionDenied(reasons.ACCESS_DENIED, decision=reason, subject=person)
