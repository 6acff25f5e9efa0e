"""What goes with a message to another node: the receipt of whoever took it from its sender."""

from chassis.db import Database, Transaction
from chassis.errors import Unavailable
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import node_link_service_pb2 as pb
from lientuyen.routing.v1 import receipt_pb2

from ..convert.messages import receipt_to_pb
from ..model.messages import Message
from ..model.receipts import Kind
from ..store.far_receipts import list_far_receipts
from ..store.receipts import get_receipt
from . import store
from .convert import header_to_pb


class Headers:
    def __init__(self, db: Database, here: str) -> None:
        self._db = db
        self._here = here

    async def header(self, message: Message) -> pb.RelayHeader:
        async with self._db.connection() as tx:
            arrival = await store.get_arrival(tx, message.id)
            origin = arrival.origin if arrival is not None else self._here
            receipt = await self._receipt_of(tx, message, origin)
        return header_to_pb(message, origin, receipt, None)

    async def _receipt_of(self, tx: Transaction, message: Message, origin: str) -> receipt_pb2.Receipt:
        if origin == self._here:
            receipt = await get_receipt(tx, message.id, Kind.ACCEPTANCE)
            if receipt is not None:
                return receipt_to_pb(receipt)
        for node, kind, proof in await list_far_receipts(tx, message.id):
            if (node, kind) == (origin, Kind.ACCEPTANCE):
                return receipt_pb2.Receipt.FromString(proof)
        raise Unavailable(reasons.ORIGIN_UNPROVEN, message=message.name, node=origin)
