"""Receipts (biên nhận), given again to the parties of a message."""

from typing import Final
from uuid import UUID

from chassis.db import Database, Transaction
from chassis.errors import NotFound
from common.names import id_of, last_part
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import receipt_service_pb2 as pb
from lientuyen.routing.v1.receipt_pb2 import NodeReceipt
from lientuyen.routing.v1.receipt_service_pb2_grpc import ReceiptServiceServicer

from ..convert.messages import FOREIGN, node_receipt_to_pb, own_receipt_to_pb, receipt_to_pb
from ..model.receipts import Kind
from ..store.far_receipts import list_far_receipts, node_of_arrival
from ..store.messages import get_message
from ..store.receipts import get_receipt
from .access_log import log_accesses
from .authorization import require_message

KNOWN: Final = frozenset({FOREIGN, *Kind})


class ReceiptService(ReceiptServiceServicer):
    def __init__(self, db: Database, here: str) -> None:
        """*here* is the name of this node; empty where there is one only."""
        self._db = db
        self._here = here

    async def GetReceipt(self, request: pb.GetReceiptRequest, context: object) -> pb.GetReceiptResponse:
        message_name = request.name.partition("/receipts/")[0]
        async with self._db.transaction() as tx:
            message = await get_message(tx, id_of(message_name))
            message = require_message(message, message_name, sender=True, recipient=True)
            receipt = await get_receipt(tx, message.id, Kind(last_part(request.name)))
            await log_accesses(tx, [message.person])
        if receipt is None:
            raise NotFound(reasons.RECEIPT_NOT_FOUND, name=request.name)
        return pb.GetReceiptResponse(receipt=receipt_to_pb(receipt))

    async def GetReceiptChain(
        self, request: pb.GetReceiptChainRequest, context: object
    ) -> pb.GetReceiptChainResponse:
        async with self._db.transaction() as tx:
            message = await get_message(tx, id_of(request.name))
            message = require_message(message, request.name, sender=True, recipient=True)
            receipts = await list_node_receipts(tx, message.id, self._here)
            await log_accesses(tx, [message.person])
        return pb.GetReceiptChainResponse(receipts=receipts)


async def list_node_receipts(tx: Transaction, message_id: UUID, here: str) -> list[NodeReceipt]:
    """Return the receipts of a message in the order of its way: acceptances, then acknowledgements."""
    own = [await get_receipt(tx, message_id, kind) for kind in Kind]
    far = [
        (Kind.ACCEPTANCE if kind == FOREIGN else Kind(kind), node_receipt_to_pb(node, kind, receipt))
        for node, kind, receipt in await list_far_receipts(tx, message_id)
        if kind in KNOWN  # a newer release of another node may know more
    ]
    ours = [(each.kind, own_receipt_to_pb(here, each)) for each in own if each is not None]
    is_ours_first = not await node_of_arrival(tx, message_id)
    chain = ours + far if is_ours_first else far + ours
    return [
        receipt
        for wanted in Kind
        for kind, receipt in (chain if wanted is Kind.ACCEPTANCE else chain[::-1])
        if kind is wanted
    ]
