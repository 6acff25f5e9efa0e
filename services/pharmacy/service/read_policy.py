"""
Who may see a person's prescriptions.

The issuing facility and the pharmacies that dispensed or hold one see it as
their own; a pharmacy that shows the code was shown it by the patient; records
asks for the health book, which it guards itself; VNeID asks for the person.
Everybody else is judged by identity.  No database connection is held meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import call_context
from chassis.errors import PermissionDenied, Unavailable
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.type.v1.access_pb2 import AccessContext

from ..model.classes import DataClass, classes_of
from ..model.dispensings import Dispensing
from ..model.prescriptions import Prescription
from ..peers import Decision, Identity

EVERYTHING = frozenset(DataClass)

# How a refusal calls a prescription that the caller asked for by its code.
UNNAMED = "prescriptions/-"


@dataclass(frozen=True, slots=True)
class Admission:
    """What a reader may see: these classes; *flagged* when it rests on an emergency.

    *persons* are the names that were decided on; empty when identity was not asked.
    """

    classes: frozenset[DataClass] = EVERYTHING
    flagged: bool = False
    persons: frozenset[str] = frozenset()

    def within(self, names: "Names") -> list[str]:
        """Return those of *names* that the reader may see.

        Entries may be parted between the question for the names and the decision: what was not
        decided on is not shown.
        """
        return [one for one in names.persons if not self.persons or one in self.persons]


@dataclass(frozen=True, slots=True)
class Names:
    """The names under which a person's data are kept; *unreachable* says who could not be asked for them."""

    persons: tuple[str, ...]
    unreachable: tuple[str, ...] = ()


class Readers:
    """Admits or refuses the caller of the call being answered."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def names_of(self, person: str) -> Names:
        """Return every name of *person*; only that one while identity does not answer."""
        try:
            return Names(await self._identity.names_of(person))
        except Unavailable:
            return Names((person,), ("identity",))

    async def same_person(self, one: str, other: str) -> bool:
        """Tell whether two names are of one person; raises Unavailable when identity does not answer."""
        return one == other or other in await self._identity.names_of(one)

    async def admit_to_one(
        self,
        it: Prescription,
        handed: Sequence[Dispensing],
        access: AccessContext,
        now: datetime,
        *,
        by_code: bool = False,
    ) -> Admission:
        """Admit to one prescription; the refusal is the one that a missing prescription gets."""
        who = call_context.caller()
        if who.facility is not None and who.facility in own(it, handed, now):
            return Admission()
        if (who.kind == "pharmacy" and by_code) or trusted(access):
            return Admission()
        decision = await self._ask(it.person, access, classes_of(one.code for one in it.diagnoses))
        if not decision.allowed:
            raise PermissionDenied(reasons.PRESCRIPTION_DENIED, name=shown(it, by_code), subject=it.person)
        return Admission(flagged=decision.flagged)

    async def admit_to_person(
        self, person: str, access: AccessContext, classes: frozenset[DataClass], issuer: str = ""
    ) -> Admission:
        """Admit to what there is of a person, of which *classes* occur, or to a part of it.

        A restricted class that no consent names is left out, and that it is
        there is not told.  *issuer* is the facility to whose own the list is confined.
        """
        if (issuer and issuer == call_context.caller().facility) or trusted(access):
            return Admission()
        asked = classes | {DataClass.CARE}
        decision = await self._ask(person, access, asked)
        if not decision.allowed and decision.withheld and DataClass.CARE not in decision.withheld:
            asked -= decision.withheld
            decision = await self._ask(person, access, asked)
        if not decision.allowed:
            raise PermissionDenied(reasons.PERSON_DENIED, why=decision.reason, subject=person)
        return Admission(asked, decision.flagged, decision.persons)

    async def _ask(self, person: str, access: AccessContext, classes: frozenset[DataClass]) -> Decision:
        who = call_context.caller()
        return await self._identity.authorize(
            facility=who.facility or "", requester=str(who), person=person, access=access, classes=classes
        )


def own(it: Prescription, handed: Sequence[Dispensing], now: datetime) -> set[str]:
    """Return the facilities whose own record a prescription is."""
    held = it.live_claim(now)
    return {it.facility, *(one.pharmacy for one in handed), *([held.pharmacy] if held else [])}


def trusted(access: AccessContext) -> bool:
    """Tell whether the caller answers for the reader itself: records, or VNeID for the person."""
    rules: dict[str, Callable[[], bool]] = {
        "service/records": lambda: True,
        "authority/vneid": lambda: access.legal_basis == AccessContext.LEGAL_BASIS_DATA_SUBJECT,
    }
    return rules.get(str(call_context.caller()), lambda: False)()


def shown(it: Prescription, by_code: bool) -> str:
    """Return how to call a prescription to a caller who is refused: by nothing that it did not say."""
    return UNNAMED if by_code else it.name
