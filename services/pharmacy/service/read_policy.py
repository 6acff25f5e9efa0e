"""
Who may see a person's prescriptions.

The issuing facility and the pharmacies that dispensed or hold one see it as
their own; a pharmacy that shows the code was shown it by the patient; records
asks for the health book, which it guards itself; VNeID asks for the person.
Everybody else is judged by identity, in one question about every class, whatever
there is of the person.  No database connection is held meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chassis import call_context
from chassis.errors import PermissionDenied
from common.identity import Identity, PersonNames, is_data_subject
from common.names import PHARMACY
from common.restricted import ALL_CLASSES, DataClass
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.type.v1.access_pb2 import AccessContext

from ..model.dispensings import Dispensing
from ..model.prescriptions import Prescription

# How a refusal calls a prescription that the caller asked for by its code.
UNNAMED = f"{PHARMACY}prescriptions/-"


@dataclass(frozen=True, slots=True)
class ReadScope:
    """What a reader may see: these classes; *flagged* when it is reviewed.

    *persons* are the names of the person under which it may be seen; empty for a single prescription.
    *unreachable* says who could not be asked for them.
    """

    classes: frozenset[DataClass] = ALL_CLASSES
    flagged: bool = False
    persons: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()


class ReadPolicy:
    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def admit_to_prescription(
        self,
        prescription: Prescription,
        dispensings: Sequence[Dispensing],
        access: AccessContext,
        now: datetime,
        *,
        by_code: bool = False,
    ) -> ReadScope:
        """Admit to one prescription; the refusal is the one that a missing prescription gets."""
        caller = call_context.caller()
        if caller.facility is not None and caller.facility in owners(prescription, dispensings, now):
            return ReadScope()
        if (caller.kind == "pharmacy" and by_code) or reads_for_itself(access):
            return ReadScope()
        decision = await self._identity.authorize(prescription.person, access)
        if not decision.allows(prescription.classes):
            name = UNNAMED if by_code else prescription.name
            raise PermissionDenied(reasons.PRESCRIPTION_DENIED, name=name, subject=prescription.person)
        return ReadScope(flagged=decision.flagged)

    async def admit_to_person(self, person: str, access: AccessContext, issuer: str = "") -> ReadScope:
        """Admit to what there is of a person, or to a part of it.

        A restricted class that no consent names is left out, whether there is anything of it or not.
        *issuer* is the facility to whose own the list is confined.
        """
        if (issuer and issuer == call_context.caller().facility) or reads_for_itself(access):
            return _whole(await self._identity.names_of(person))
        decision = await self._identity.authorize(person, access)
        if not decision.allowed:
            raise PermissionDenied(reasons.PERSON_DENIED, why=decision.reason, subject=person)
        # An identity of the first release tells no names with its decision.
        names = PersonNames(decision.persons) if decision.persons else await self._identity.names_of(person)
        return replace(_whole(names), classes=ALL_CLASSES - decision.withheld, flagged=decision.flagged)


def _whole(person: PersonNames) -> ReadScope:
    return ReadScope(persons=person.names, unreachable=person.unreachable)


def owners(prescription: Prescription, dispensings: Sequence[Dispensing], now: datetime) -> set[str]:
    facilities = {prescription.facility, *(dispensing.pharmacy for dispensing in dispensings)}
    claim = prescription.live_claim(now)
    return facilities | {claim.pharmacy} if claim else facilities


def reads_for_itself(access: AccessContext) -> bool:
    """Tell whether the caller answers for the reader itself: records, or VNeID for the person."""
    return str(call_context.caller()) == "service/records" or is_data_subject(access)
