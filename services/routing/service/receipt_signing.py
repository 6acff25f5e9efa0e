"""The signature on receipts (chữ ký số của hệ thống điều phối): what it signs."""

from chassis import spans
from chassis.signing import SigningFolder

from ..convert.messages import receipt_body
from ..model.messages import Message
from ..model.receipts import Algorithm, Kind, Receipt


class ReceiptSigner:
    """Signs receipts with the key of a folder, whichever is there now."""

    def __init__(self, folder: SigningFolder) -> None:
        self._folder = folder

    def sign(self, message: Message, kind: Kind) -> Receipt:
        pair = self._folder.current()
        body = receipt_body(message, kind, pair.key_id, spans.trace_id())
        return Receipt(message.id, kind, body, pair.sign(body), pair.certificate, Algorithm(pair.algorithm))
