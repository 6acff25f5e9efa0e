"""Merges: links between records."""

from common.names import person_name
from common.values import timestamp_to_pb
from lientuyen.identity.v1 import person_pb2 as pb

from ..model.merges import Merge


def merge_to_pb(merge: Merge) -> pb.Merge:
    return pb.Merge(
        name=f"{person_name(merge.loser)}/merges/{merge.id}",
        loser=person_name(merge.loser),
        winner=person_name(merge.winner),
        reason=merge.reason,
        caller=merge.caller,
        merge_time=timestamp_to_pb(merge.merge_time),
        unmerge_time=timestamp_to_pb(merge.unmerge_time),
        unmerger=merge.unmerger,
        unmerge_reason=merge.unmerge_reason,
    )
