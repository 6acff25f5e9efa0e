"""What identity's directory says of laboratories, kept for a while: it changes seldom."""

import time
from typing import Final

from chassis.deadline import leaving_time
from chassis.errors import NotFound
from chassis.peers import Peer
from common.names import facility_name
from lientuyen.identity.v1 import facility_service_pb2
from lientuyen.identity.v1.facility_service_pb2_grpc import FacilityServiceStub

from ..convert.laboratories import recognitions_from_pb
from ..model.laboratory_quality import Recognition

# What was told is believed for so long.
LIFETIME_S: Final = 60.0

# The country has some 15,000 facilities.  When there are more, all are forgotten.
MAX_FACILITIES: Final = 20_000

Recognitions = tuple[Recognition, ...]


class LaboratoryDirectory:
    def __init__(self, identity: Peer) -> None:
        self._identity = identity
        self._facilities = FacilityServiceStub(identity.channel)
        self._known: dict[str, tuple[float, Recognitions]] = {}

    async def recognitions(self, facility: str) -> Recognitions:
        """Return what the laboratories of *facility* (bare code) are recognised by; none of one not known.

        ServiceError when identity does not answer.
        """
        expiry, recognitions = self._known.get(facility, (0.0, ()))
        return recognitions if time.monotonic() < expiry else await self._ask(facility)

    async def _ask(self, facility: str) -> Recognitions:
        request = facility_service_pb2.GetFacilityRequest(name=facility_name(facility))
        try:
            with leaving_time():
                response = await self._identity.ask(self._facilities.GetFacility, request)
        except NotFound:
            return ()
        recognitions = recognitions_from_pb(response.facility.laboratory_recognitions)
        if len(self._known) >= MAX_FACILITIES:
            self._known.clear()
        self._known[facility] = (time.monotonic() + LIFETIME_S, recognitions)
        return recognitions
