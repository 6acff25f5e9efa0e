"""Links between entries."""

from uuid import UUID

from lientuyen.identity.v1 import person_pb2 as pb

from ..model.merges import Merge
from .names import person_name, to_uuid
from .values import time_to_pb


def merge_name(one: Merge) -> str:
    """Return `persons/{person}/merges/{merge}`; the person is the loser."""
    return f"{person_name(one.loser)}/merges/{one.id}"


def merge_ids(name: str) -> tuple[UUID, UUID]:
    """Return the loser's and the link's ids in `persons/{person}/merges/{merge}`."""
    parts = name.split("/")
    return to_uuid(parts[-3]), to_uuid(parts[-1])


def merge_to_pb(one: Merge) -> pb.Merge:
    """Return the message."""
    return pb.Merge(
        name=merge_name(one),
        loser=person_name(one.loser),
        winner=person_name(one.winner),
        reason=one.reason,
        caller=one.caller,
        merge_time=time_to_pb(one.merge_time),
        unmerge_time=time_to_pb(one.unmerge_time),
        unmerger=one.unmerger,
        unmerge_reason=one.unmerge_reason,
    )
