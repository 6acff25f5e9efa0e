"""What CheckEligibility needs of a facility, kept for a while: the directory changes seldom."""

import time
from typing import Final

from chassis.db import Database
from chassis.errors import NotFound
from lientuyen.identity.v1 import error_reasons as reasons

from ..convert.names import facility_name
from ..model.eligibility import Place
from ..model.facilities import Facility, Level
from ..store import facilities

# Seconds that a row is believed.  An import here is seen at once, one at another replica after this.
LIFETIME: Final = 30.0

# Facilities that are kept: the country has some 15,000.  When there are more, all are forgotten.
MOST: Final = 20_000


class Directory:
    """The facilities that were asked about lately.  One that is not known is looked for each time."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[str, tuple[float, Place]] = {}

    async def place(self, code: str) -> Place:
        """Return what counts of the facility, or refuse one that is not in the directory."""
        until, place = self._known.get(code, NEVER)
        return place if time.monotonic() < until else await self._read(code)

    def forget(self) -> None:
        """Believe nothing any more: the directory was written."""
        self._known = {}

    async def _read(self, code: str) -> Place:
        known = self._known  # what is forgotten meanwhile is not filled in again
        async with self._db.connection() as tx:
            facility = await facilities.get_facility(tx, code)
        if facility is None:
            raise NotFound(reasons.FACILITY_NOT_FOUND, name=facility_name(code))
        if len(known) >= MOST:
            known.clear()
        known[code] = (time.monotonic() + LIFETIME, place_of(facility))
        return known[code][1]


NEVER: Final = (0.0, Place(""))


def place_of(facility: Facility) -> Place:
    """Return what counts of *facility*."""
    return Place(facility.code, Level(facility.level), facility.points, facility.former_line)
