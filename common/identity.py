"""
Identity, as the services that keep a person's data ask it: who may read, and under which names it is kept.

No database connection is held while identity is asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from chassis import call_context
from chassis.deadline import leaving_time
from chassis.errors import NotFound, Unavailable
from chassis.legal_basis import VNEID
from chassis.peers import Peer
from lientuyen.identity.v1 import consent_pb2, consent_service_pb2, person_service_pb2
from lientuyen.identity.v1.consent_service_pb2_grpc import ConsentServiceStub
from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceStub
from lientuyen.type.v1.access_pb2 import AccessContext

from .names import id_of
from .restricted import ALL_CLASSES, DataClass

# What only an identity of the last release says to a question about each class: it decides on all or none.
_ALL_OR_NONE = "RESTRICTED_CLASS"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether ordinary care may be read, why (`NO_CONSENT`), and whether that is reviewed.

    *withheld* are the classes that may not be read, whether there is anything of them or not; *persons*
    the full names of all entries of the person that it was decided on.
    """

    allowed: bool
    reason: str
    flagged: bool
    withheld: frozenset[DataClass]
    persons: tuple[str, ...]

    @property
    def person_ids(self) -> tuple[UUID, ...]:
        return tuple(map(id_of, self.persons))

    def allows(self, classes: frozenset[DataClass]) -> bool:
        return self.allowed and not classes & self.withheld


@dataclass(frozen=True, slots=True)
class PersonNames:
    """The full names under which a person's data are kept; *unreachable* says who could not be asked."""

    names: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[UUID, ...]:
        return tuple(map(id_of, self.names))


class Identity:
    """The service that decides who may read a person's data, and knows all their names."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._consents = ConsentServiceStub(peer.channel)
        self._persons = PersonServiceStub(peer.channel)

    async def authorize(
        self,
        person: str,
        access: AccessContext,
        reader: call_context.Caller | None = None,
        *,
        own_record: bool = False,
    ) -> Decision:
        """Return what *reader*, or else the caller, may read of *person*: one question, of every class.

        *own_record* is our word that the caller made the data, or received them with a referral.

        Asked before every read and in the same way, whatever there is of the person: a question about
        what there is would tell of it, by its number and by its time.
        Raises Unavailable when identity does not answer, which denies too.
        """
        classes, reader = ALL_CLASSES, reader or call_context.caller()
        decision = await self._decide(reader, person, access, classes, own_record)
        for _ in range(2):
            if decision.reason != _ALL_OR_NONE:
                break
            classes = classes - decision.withheld | {DataClass.CARE}
            decision = await self._decide(reader, person, access, classes, own_record)
        return replace(decision, withheld=decision.withheld | (ALL_CLASSES - classes))

    async def _decide(
        self,
        reader: call_context.Caller,
        person: str,
        access: AccessContext,
        classes: Iterable[DataClass],
        own_record: bool,
    ) -> Decision:
        request = consent_service_pb2.AuthorizeRequest(
            facility=reader.facility or "",
            requester=str(reader),
            person=person,
            access=access,
            data_classes=[f"DATA_CLASS_{kind.name}" for kind in sorted(classes)],
            each_class=True,
            own_record=own_record,
        )
        decision = (await self.peer.ask(self._consents.Authorize, request)).decision
        known = frozenset(map(int, ALL_CLASSES))
        return Decision(
            allowed=decision.allowed,
            reason=_reason_name(decision.reason),
            flagged=decision.flagged,
            withheld=frozenset(DataClass(kind) for kind in decision.withheld_classes if kind in known),
            persons=tuple(decision.persons),
        )

    async def resolve(self, person: str) -> tuple[str, ...]:
        """Return every full name under which data of *person* may be kept, that name among them.

        Entries of theirs may have been merged, and what was merged may be parted at any time: the
        names are not to be kept.  Raises Unavailable when identity does not answer.
        """
        request = person_service_pb2.ResolvePersonRequest(name=person)
        try:
            response = await self.peer.ask(self._persons.ResolvePerson, request)
        except NotFound:
            return (person,)
        return tuple(response.persons) or (person,)

    async def names_of(self, person: str) -> PersonNames:
        """Return every name of *person*; only that one while identity does not answer; none for nobody."""
        if not person:
            return PersonNames()
        try:
            with leaving_time():
                return PersonNames(await self.resolve(person))
        except Unavailable:
            return PersonNames((person,), ("identity",))

    async def is_same_person(self, person: str, other: str) -> bool:
        """Tell whether two names are of one person; raises Unavailable when identity does not answer."""
        return person == other or other in await self.resolve(person)


def is_data_subject(access: AccessContext) -> bool:
    """Tell whether VNeID reads for the person themself (người bệnh tự xem)."""
    return (
        str(call_context.caller()) == VNEID
        and access.legal_basis == AccessContext.LEGAL_BASIS_DATA_SUBJECT
        and access.purpose == AccessContext.PURPOSE_PATIENT_REQUEST
    )


def _reason_name(number: int) -> str:
    """Return the reason's name without its prefix; its number when identity is newer than we are."""
    value = consent_pb2.Decision.Reason.DESCRIPTOR.values_by_number.get(number)
    return value.name.removeprefix("REASON_") if value is not None else str(number)
