"""Faults of a row, as the answer tells them."""

from collections.abc import Iterable

from lientuyen.identity.v1.import_pb2 import RowRefusal

from ...model.faults import Fault


def refusals_to_pb(row: int, faults: Iterable[Fault]) -> list[RowRefusal]:
    """Return the refusals of *row*, its number in the sender's file, one a fault."""
    return [
        RowRefusal(row=row, field=fault.field, rule=fault.rule, message=fault.en, message_vi=fault.vi)
        for fault in faults
    ]
