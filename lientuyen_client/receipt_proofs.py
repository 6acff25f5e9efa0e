"""A receipt and all that proves it, fetched together."""

import asyncio
from typing import Final

from lientuyen.routing.v1 import receipt_service_pb2 as receipts
from lientuyen.routing.v1 import transparency_service_pb2 as log
from lientuyen.routing.v1.receipt_pb2 import Receipt
from lientuyen.routing.v1.receipt_proof_pb2 import ReceiptProof
from lientuyen.type.v1.tree_head_pb2 import TreeHead as SignedHead
from transparency.tree_heads import TreeHead, signed_leaf

from .client import Client
from .errors import NotFound

# Seconds between two looks whether what was just signed is in the log by now.
POLL_S: Final = 0.5


async def fetch_proof(
    client: Client, name: str, earlier: SignedHead | None = None, patience_s: float = 30.0
) -> ReceiptProof:
    """Return the receipt *name* with its proof; *earlier* is a head that one has, else the first over it.

    NotFound when it is not in the log within *patience_s* seconds: one from before there was a log never is.
    """
    receipt = (await client.receipts.GetReceipt(receipts.GetReceiptRequest(name=name))).receipt
    proof = await _in_log(client, receipt, patience_s)
    if earlier is None:
        request = log.GetTreeHeadRequest(min_size=proof.leaf_index + 1)
        earlier = (await client.transparency.GetTreeHead(request)).tree_head
    first, second = (TreeHead.from_bytes(head.body).size for head in (earlier, proof.tree_head))
    sizes = log.GetConsistencyProofRequest(first_size=first, second_size=second)
    consistency = await client.transparency.GetConsistencyProof(sizes)
    proof.earlier_head.CopyFrom(earlier)
    proof.consistency_proof.extend(consistency.hashes)
    return proof


async def _in_log(client: Client, receipt: Receipt, patience_s: float) -> ReceiptProof:
    leaf = signed_leaf(receipt.body, receipt.signature, receipt.certificate)
    deadline = asyncio.get_running_loop().time() + patience_s
    while True:
        try:
            head = (await client.transparency.GetTreeHead(log.GetTreeHeadRequest())).tree_head
            request = log.GetInclusionProofRequest(
                leaf_hash=leaf, tree_size=TreeHead.from_bytes(head.body).size
            )
            found = await client.transparency.GetInclusionProof(request)
            return ReceiptProof(
                receipt=receipt, leaf_index=found.leaf_index, tree_head=head, inclusion_proof=found.hashes
            )
        except NotFound:
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(POLL_S)
