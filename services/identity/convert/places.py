"""Provinces."""

from common.names import IDENTITY
from common.values import date_to_pb
from lientuyen.identity.v1 import place_pb2 as pb

from ..model.places import Province
from .values import to_pb_enum


def province_to_pb(province: Province) -> pb.Province:
    return pb.Province(
        name=f"{IDENTITY}provinces/{province.code}",
        code=province.code,
        display_name=province.name,
        kind=to_pb_enum(pb.Province.Kind, province.kind),
        valid_from=date_to_pb(province.valid_from),
        valid_to=date_to_pb(province.valid_to),
        merged_from=province.merged_from,
    )
