"""Receipts (biên nhận), given again to the parties of a message."""

from chassis.db import Database
from chassis.errors import NotFound
from common.names import id_of, last_part
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import receipt_service_pb2 as pb
from lientuyen.routing.v1.receipt_service_pb2_grpc import ReceiptServiceServicer

from ..convert.messages import receipt_to_pb
from ..model.receipts import Kind
from ..store.messages import get_message
from ..store.receipts import get_receipt
from .access_log import log_accesses
from .authorization import require_message


class ReceiptService(ReceiptServiceServicer):
    def __init__(self, db: Database) -> None:
        self._db = db

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
