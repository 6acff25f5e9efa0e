"""Provinces."""

from lientuyen.identity.v1 import place_pb2 as pb

from ..model.places import Province
from .values import date_to_pb, number


def province_name(code: str) -> str:
    """Return `provinces/{province}`."""
    return f"provinces/{code}"


def province_to_pb(one: Province) -> pb.Province:
    """Return the message."""
    return pb.Province(
        name=province_name(one.code),
        code=one.code,
        display_name=one.name,
        kind=number(pb.Province.Kind, one.kind),
        valid_from=date_to_pb(one.valid_from),
        valid_to=date_to_pb(one.valid_to),
        merged_from=one.merged_from,
    )
