"""Heads of the access log are handed to routing, which keeps them in its own log."""

from uuid import NAMESPACE_URL, uuid5

from lientuyen.routing.v1 import transparency_service_pb2 as pb
from lientuyen.routing.v1.transparency_service_pb2_grpc import TransparencyServiceStub

from .access_log_tree import Submit
from .peers import Peer
from .tree_heads import SignedHead, head_to_pb


def submitting(routing: Peer) -> Submit:
    """Return what hands a head to *routing*, however often: routing keeps it once."""
    stub = TransparencyServiceStub(routing.channel)

    async def submit(signed: SignedHead) -> None:
        request = pb.SubmitTreeHeadRequest(
            request_id=str(uuid5(NAMESPACE_URL, signed.body.hex())), tree_head=head_to_pb(signed)
        )
        await routing.ask(stub.SubmitTreeHead, request)

    return submit
