"""Receipts again."""

from chassis.db import Database
from chassis.errors import NotFound
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import receipt_service_pb2 as pb
from lientuyen.routing.v1.receipt_service_pb2_grpc import ReceiptServiceServicer

from ..convert.common import id_of, short
from ..convert.messages import receipt_to_pb
from ..model.receipts import Kind
from ..store.messages import get_message
from ..store.receipts import get_receipt
from .authorization import log_accesses, require_message


class ReceiptService(ReceiptServiceServicer):
    """Gives signed receipts to the parties of a message."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def GetReceipt(self, request: pb.GetReceiptRequest, context: object) -> pb.GetReceiptResponse:
        message_id, kind = id_of(request.name), Kind(request.name.rpartition("/")[2])
        async with self._db.transaction() as tx:
            found = await get_message(tx, message_id)
            message = require_message(found, f"messages/{message_id}", sender=True, recipient=True)
            receipt = await get_receipt(tx, message.id, kind)
            await log_accesses(tx, [message])
        if receipt is None:
            raise NotFound(reasons.RECEIPT_NOT_FOUND, name=short(request.name))
        return pb.GetReceiptResponse(receipt=receipt_to_pb(receipt))
