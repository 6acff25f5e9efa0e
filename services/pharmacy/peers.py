"""The other services as pharmacy needs them: identity, to ask who may read and under which names."""

from collections.abc import Iterable
from dataclasses import dataclass

from chassis.errors import NotFound
from chassis.peers import Peer
from lientuyen.identity.v1 import (
    consent_pb2,
    consent_service_pb2,
    consent_service_pb2_grpc,
    person_service_pb2,
    person_service_pb2_grpc,
)
from lientuyen.type.v1.access_pb2 import AccessContext

from .model.classes import DataClass


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a read is allowed, why (`NO_CONSENT`), whether it is reviewed, and what stood in the way.

    *persons* are the full names of all entries of the person that it was decided on.
    """

    allowed: bool
    reason: str
    flagged: bool
    withheld: frozenset[DataClass]
    persons: frozenset[str]


class Identity:
    """The service that decides who may read a person's data, and knows all their names."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._consents = consent_service_pb2_grpc.ConsentServiceStub(peer.channel)
        self._persons = person_service_pb2_grpc.PersonServiceStub(peer.channel)

    async def authorize(
        self,
        *,
        facility: str,
        requester: str,
        person: str,
        access: AccessContext,
        classes: Iterable[DataClass],
    ) -> Decision:
        """Return the decision; raises Unavailable when identity does not answer, which denies too."""
        request = consent_service_pb2.AuthorizeRequest(
            facility=facility,
            requester=requester,
            person=person,
            access=access,
            data_classes=[f"DATA_CLASS_{one.name}" for one in sorted(classes)],
        )
        answer = (await self._peer.ask(self._consents.Authorize, request)).decision
        known = {int(one) for one in DataClass}
        return Decision(
            allowed=answer.allowed,
            reason=reason_name(answer.reason),
            flagged=answer.flagged,
            withheld=frozenset(DataClass(one) for one in answer.withheld_classes if one in known),
            persons=frozenset(answer.persons),
        )

    async def names_of(self, person: str) -> tuple[str, ...]:
        """Return every full name under which data of *person* may be kept, that name among them.

        Entries of theirs may have been merged.  Raises Unavailable when identity does not answer.
        """
        request = person_service_pb2.ResolvePersonRequest(name=person)
        try:
            answer = await self._peer.ask(self._persons.ResolvePerson, request)
        except NotFound:
            return (person,)
        return tuple(answer.persons) or (person,)


def reason_name(number: int) -> str:
    """Return the reason's name without its prefix; its number when identity is newer than we are."""
    value = consent_pb2.Decision.Reason.DESCRIPTOR.values_by_number.get(number)
    return value.name.removeprefix("REASON_") if value is not None else str(number)
