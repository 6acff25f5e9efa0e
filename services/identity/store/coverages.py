"""Insurance cards."""

from chassis.clock import VIETNAM
from chassis.db import Record

from ..model.coverages import Coverage, Issuer
from ..schema import coverages

# Cards of one person that are weighed: forty years of yearly cards.
MOST = 50

COLUMNS = (
    coverages.c.card_number,
    coverages.c.valid_from,
    coverages.c.valid_to,
    coverages.c.group_code,
    coverages.c.benefit_level,
    coverages.c.initial_facility,
    coverages.c.area_code,
    coverages.c.five_years_date,
    coverages.c.issuer,
    coverages.c.standing,
    coverages.c.verify_time,
    coverages.c.exempt_from,
    coverages.c.source,
    coverages.c.unlisted_time,
)


def card_of(row: Record) -> Coverage:
    """Return the card in *row*, which has the columns of `COLUMNS`."""
    values = list(row)
    values[8] = Issuer(values[8])
    values[-1] = values[-1] and values[-1].astimezone(VIETNAM).date()
    return Coverage(*values)
