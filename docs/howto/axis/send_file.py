"""
Send a file to a facility, and wait until it is there, or refused; then print what its system answered.

    python docs/howto/axis/send_file.py dossier.xml 01999 01004
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

from lientuyen.routing.v1.mailbox_service_pb2 import GetMessageRequest, MessageHeader, SendMessageRequest
from lientuyen.routing.v1.message_pb2 import Message
from lientuyen.routing.v1.receipt_service_pb2 import GetReceiptChainRequest
from lientuyen_client import connect

FACILITIES = "//identity.lientuyen/facilities/"
ON_THE_WAY = (Message.STATE_ACCEPTED, Message.STATE_LEASED)
PIECE = 1024 * 1024


async def main(body: bytes, sender: str, recipient: str) -> int:
    async with connect(f"facility/{sender}") as client:
        reply = await client.mailbox.SendMessage(upload(body, sender, recipient))
        message = reply.message
        print(message.name)
        while message.state in ON_THE_WAY:
            await asyncio.sleep(1)
            message = (await client.mailbox.GetMessage(GetMessageRequest(name=message.name))).message
        print(Message.State.Name(message.state), message.dead_note)
        chain = await client.receipts.GetReceiptChain(GetReceiptChainRequest(name=message.name))
        for receipt in chain.receipts:
            if receipt.foreign:
                print(receipt.node, receipt.foreign.decode())
    return 0 if message.state == Message.STATE_ACKNOWLEDGED else 1


async def upload(body: bytes, sender: str, recipient: str) -> AsyncIterator[SendMessageRequest]:
    header = MessageHeader(
        sender=f"{FACILITIES}{sender}",
        recipient=f"{FACILITIES}{recipient}",
        kind=Message.KIND_DOCUMENT,
        media_type="application/xml",
    )
    yield SendMessageRequest(request_id=str(uuid4()), header=header)
    for start in range(0, len(body), PIECE):
        yield SendMessageRequest(chunk=body[start : start + PIECE])


sys.exit(asyncio.run(main(Path(sys.argv[1]).read_bytes(), sys.argv[2], sys.argv[3])))
