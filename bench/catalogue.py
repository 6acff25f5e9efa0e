"""Every load, in the order of the table: the floors, then the journey's."""

from . import floors, histories, identity, pharmacy, records, registers, routing

MODULES = (floors, identity, records, histories, routing, pharmacy, registers)
