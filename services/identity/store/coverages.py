"""Insurance cards."""

from chassis.db import Record
from common.values import day_of

from ..model.coverages import Coverage, Issuer


def card_of(row: Record) -> Coverage:
    """Return the card in *row*, which has the fields of `Coverage` in their order."""
    values = list(row)
    values[8] = Issuer(values[8])
    values[-1] = values[-1] and day_of(values[-1])
    return Coverage(*values)
