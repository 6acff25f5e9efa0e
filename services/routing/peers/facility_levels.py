"""
The levels of expertise of facilities (cấp chuyên môn kỹ thuật), which identity's directory holds.

A level changes once in years: one that was told is kept for an hour.  What cannot be asked is not known,
and nothing waits for it.
"""

import time
from collections import OrderedDict
from typing import Final

from chassis.deadline import leaving_time
from chassis.errors import NotFound, Unavailable
from chassis.peers import Peer
from lientuyen.identity.v1.facility_service_pb2 import GetFacilityRequest
from lientuyen.identity.v1.facility_service_pb2_grpc import FacilityServiceStub

CACHE_TTL_S: Final = 3600.0

# As many as there are care facilities, and more.
MAX_CACHED_FACILITIES: Final = 20_000

UNKNOWN: Final = 0


class FacilityLevels:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._stub = FacilityServiceStub(peer.channel)
        # Until when each is believed, in seconds of time.monotonic(), and the level.
        self._known: OrderedDict[str, tuple[float, int]] = OrderedDict()

    async def level_of(self, name: str) -> int:
        """Return the level of the facility *name*: 1 initial, 2 basic, 3 specialised; 0 unknown."""
        until, level = self._known.get(name, (0.0, UNKNOWN))
        if time.monotonic() < until:
            return level
        try:
            with leaving_time():
                response = await self._peer.ask(self._stub.GetFacility, GetFacilityRequest(name=name))
        except (NotFound, Unavailable):
            return UNKNOWN
        self._keep(name, int(response.facility.level))
        return int(response.facility.level)

    def _keep(self, name: str, level: int) -> None:
        self._known[name] = (time.monotonic() + CACHE_TTL_S, level)
        self._known.move_to_end(name)
        if len(self._known) > MAX_CACHED_FACILITIES:
            self._known.popitem(last=False)
