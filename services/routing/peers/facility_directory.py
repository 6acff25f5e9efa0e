"""
The directory of facilities, which identity keeps: does this one exist, is it open.

A facility that was once found is taken for existing for five minutes, and,
while identity does not answer, for a day more: a directory that is down must
not stop referrals to hospitals that everybody knows.  One that was never seen
is then `Unavailable`, and the sender tries again.
"""

import time
from collections import OrderedDict
from typing import Final

from chassis.deadline import leaving_time
from chassis.errors import FailedPrecondition, NotFound, Unavailable
from chassis.peers import Peer
from lientuyen.identity.v1.facility_pb2 import Facility
from lientuyen.identity.v1.facility_service_pb2 import GetFacilityRequest
from lientuyen.identity.v1.facility_service_pb2_grpc import FacilityServiceStub
from lientuyen.routing.v1 import error_reasons as reasons

# How long a facility that was found is not asked about, and how long it is believed in an outage.
CACHE_TTL_S: Final = 300.0
OUTAGE_TTL_S: Final = 86_400.0

# There are some 13,000 care facilities and 60,000 pharmacies; the busiest stay.
MAX_CACHED_FACILITIES: Final = 20_000


class FacilityDirectory:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._stub = FacilityServiceStub(peer.channel)
        # When each was last found, in seconds of time.monotonic(); the least recently used first.
        self._found_at: OrderedDict[str, float] = OrderedDict()

    async def require_recipient(self, name: str) -> None:
        """Return when there is a facility of the full *name* that is not closed.

        Raises NotFound(RECIPIENT_UNKNOWN), FailedPrecondition(RECIPIENT_CLOSED), and
        Unavailable(PEER_UNAVAILABLE) when identity cannot be asked and did not know it within a day.
        """
        age = time.monotonic() - self._found_at.get(name, float("-inf"))
        if age < CACHE_TTL_S:
            self._found_at.move_to_end(name)
            return
        try:
            with leaving_time():
                response = await self._peer.ask(self._stub.GetFacility, GetFacilityRequest(name=name))
        except NotFound:
            self._found_at.pop(name, None)
            raise NotFound(reasons.RECIPIENT_UNKNOWN, recipient=name) from None
        except Unavailable:
            if age < OUTAGE_TTL_S:
                return
            raise
        if response.facility.state == Facility.STATE_CLOSED:
            self._found_at.pop(name, None)
            raise FailedPrecondition(reasons.RECIPIENT_CLOSED, recipient=name)
        self._remember(name)

    def _remember(self, name: str) -> None:
        self._found_at[name] = time.monotonic()
        self._found_at.move_to_end(name)
        if len(self._found_at) > MAX_CACHED_FACILITIES:
            self._found_at.popitem(last=False)
