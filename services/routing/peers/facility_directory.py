"""
identity, as routing needs it: does this facility exist, and which names has a person.

A facility that was once found is taken for existing for five minutes, and,
while identity does not answer, for a day more: a directory that is down must
not stop referrals to hospitals that everybody knows.  One that was never seen
is then `Unavailable`, and the sender tries again.
"""

import time
from collections import OrderedDict
from typing import Final

from chassis.errors import NotFound, Unavailable
from chassis.peers import Peer
from lientuyen.identity.v1 import facility_service_pb2 as pb
from lientuyen.identity.v1.facility_service_pb2_grpc import FacilityServiceStub
from lientuyen.identity.v1.person_service_pb2 import ResolvePersonRequest
from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceStub

FRESH: Final = 300.0
KNOWN: Final = 86_400.0

# There are some 13,000 care facilities and 60,000 pharmacies; the busiest stay.
MAX_CACHED: Final = 20_000


class Identity:
    """The identity service."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._stub = FacilityServiceStub(peer.channel)
        self._persons = PersonServiceStub(peer.channel)
        # When each was last found, in seconds of time.monotonic(); the least recently used first.
        self._found: OrderedDict[str, float] = OrderedDict()

    async def facility_exists(self, name: str) -> bool:
        """Tell whether the directory has the facility of the full *name*.

        Raises Unavailable(PEER_UNAVAILABLE) when it cannot be asked and was not seen for a day.
        """
        age = time.monotonic() - self._found.get(name, float("-inf"))
        if age < FRESH:
            self._found.move_to_end(name)
            return True
        try:
            await self._peer.ask(self._stub.GetFacility, pb.GetFacilityRequest(name=name))
        except NotFound:
            self._found.pop(name, None)
            return False
        except Unavailable:
            if age < KNOWN:
                return True
            raise
        self._remember(name)
        return True

    async def names_of(self, person: str) -> tuple[str, ...]:
        """Return every full name under which data of *person* may be kept, that name among them.

        Entries of theirs may have been merged; what was merged may be parted at any time, so
        the names are not kept.  Raises Unavailable when identity does not answer.
        """
        try:
            request = ResolvePersonRequest(name=person)
            answer = await self._peer.ask(self._persons.ResolvePerson, request)
        except NotFound:
            return (person,)
        return tuple(answer.persons) or (person,)

    def _remember(self, name: str) -> None:
        self._found[name] = time.monotonic()
        self._found.move_to_end(name)
        if len(self._found) > MAX_CACHED:
            self._found.popitem(last=False)

    async def close(self) -> None:
        """Close the channel."""
        await self._peer.close()
