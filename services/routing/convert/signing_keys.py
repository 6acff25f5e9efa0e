"""The keys that sign."""

from chassis.db import Record
from common.values import timestamp_to_pb
from lientuyen.routing.v1 import receipt_proof_pb2 as pb

from ..model.receipts import Algorithm


def key_to_pb(row: Record) -> pb.SigningKey:
    return pb.SigningKey(
        key_id=row["key_id"],
        certificate=row["certificate"],
        algorithm=f"ALGORITHM_{Algorithm(row['algorithm']).name}",
        first_use_time=timestamp_to_pb(row["first_use_time"]),
    )
