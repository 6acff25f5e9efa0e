"""What CheckEligibility needs of a facility, kept for a while: the directory changes seldom."""

import time
from typing import Final

from chassis.db import Database
from chassis.errors import NotFound
from common.names import facility_name
from lientuyen.identity.v1 import error_reasons as reasons

from ..model.eligibility import Place
from ..model.facilities import Level
from ..store import facilities

# A row is believed for so long.  An import here is seen at once, one at another replica after this.
LIFETIME_S: Final = 30.0

# The country has some 15,000 facilities.  When there are more, all are forgotten.
MAX_FACILITIES: Final = 20_000

_EXPIRED: Final = (0.0, Place(""))


class FacilityCache:
    """The facilities that were asked about lately.  One that is not known is looked for each time."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._places: dict[str, tuple[float, Place]] = {}

    async def place(self, code: str) -> Place:
        expiry, place = self._places.get(code, _EXPIRED)
        return place if time.monotonic() < expiry else await self._read(code)

    def clear(self) -> None:
        self._places = {}

    async def _read(self, code: str) -> Place:
        places = self._places  # what is cleared meanwhile is not filled in again
        async with self._db.connection() as tx:
            facility = await facilities.get_facility(tx, code)
        if facility is None:
            raise NotFound(reasons.FACILITY_NOT_FOUND, name=facility_name(code))
        if len(places) >= MAX_FACILITIES:
            places.clear()
        place = Place(
            code=facility.code,
            level=Level(facility.level),
            points=facility.points,
            former_line=facility.former_line,
            initial_care=facility.known_initial_care,
            provisional=facility.provisionally_ranked,
        )
        places[code] = (time.monotonic() + LIFETIME_S, place)
        return place
