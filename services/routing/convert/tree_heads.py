"""Tree heads, and the keys that sign."""

from chassis.db import Record
from chassis.tree_heads import SignedHead
from common.values import timestamp_to_pb
from lientuyen.routing.v1 import tree_head_pb2 as pb
from lientuyen.routing.v1.receipt_pb2 import Receipt
from transparency.tree_heads import TreeHead

from ..model.receipts import Algorithm

ALGORITHMS = {Receipt.Algorithm.Value(f"ALGORITHM_{one.name}"): one for one in Algorithm}


def head_to_pb(signed: SignedHead) -> pb.TreeHead:
    return pb.TreeHead(
        body=signed.body,
        signature=signed.signature,
        certificate=signed.certificate,
        algorithm=f"ALGORITHM_{Algorithm(signed.algorithm).name}",
    )


def head_from_pb(head: pb.TreeHead) -> SignedHead:
    """Return the head; ValueError when its body is none, or how it is signed is not known."""
    if head.algorithm not in ALGORITHMS:
        raise ValueError("an unknown algorithm")
    return SignedHead(
        TreeHead.from_bytes(head.body),
        head.body,
        head.signature,
        head.certificate,
        ALGORITHMS[head.algorithm].value,
    )


def key_to_pb(row: Record) -> pb.SigningKey:
    return pb.SigningKey(
        key_id=row["key_id"],
        certificate=row["certificate"],
        algorithm=f"ALGORITHM_{Algorithm(row['algorithm']).name}",
        first_use_time=timestamp_to_pb(row["first_use_time"]),
    )
