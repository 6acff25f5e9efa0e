"""Who submits dossiers, and the doctors who decide on the referrals that come of them."""

import asyncio
from typing import Any

from lientuyen.records.v1.dossier_service_pb2_grpc import DossierServiceStub
from lientuyen.routing.v1 import referral_service_pb2 as referrals
from lientuyen.routing.v1.referral_service_pb2_grpc import ReferralServiceStub

from ..e2e import works
from .calls import Channels, Worker, new_id
from .mailbox_workers import full

SENDER, RECIPIENT = "01999", "79999"

# Seconds between two dossiers of one clerk, in the mean.
SUBMIT_PAUSE_S = 1.2


async def submit_dossiers(worker: Worker, tag: str) -> None:
    """Submit dossiers, each of an encounter of its own; *tag* is three letters that no other clerk has."""
    for number in range(10_000):
        if worker.closing.is_set():
            return
        mark = f"01999-{tag}-{number:04}"
        request = works.dossier(mark)
        request.request_id = new_id()
        await worker.operate(
            "submit",
            {"mark": mark},
            worker.channels.stub(DossierServiceStub, "records", f"facility/{SENDER}").SubmitDossier,
            request,
            lambda reply: {"dossier": reply.dossier.name, "version": reply.dossier.version},
        )
        await worker.pause(SUBMIT_PAUSE_S)


async def decide(worker: Worker, queue: "asyncio.Queue[str]") -> None:
    """Decide on each referral in *queue*; a part of them is cancelled by the sender at the same moment."""
    while not (worker.closing.is_set() and queue.empty()):
        try:
            async with asyncio.timeout(0.5):
                referral = await queue.get()
        except TimeoutError:
            continue
        chance = worker.random.randrange(100)
        async with asyncio.TaskGroup() as group:
            if chance < 30:
                group.create_task(change(worker, "cancel", referral))
            if chance < 15 or chance >= 45:
                group.create_task(take_on(worker, referral))
            elif chance >= 30:
                group.create_task(change(worker, "decline", referral))


async def take_on(worker: Worker, referral: str) -> None:
    if await change(worker, "accept", referral) and worker.random.randrange(100) < 60:
        await change(worker, "complete", referral)


async def change(worker: Worker, action: str, referral: str) -> bool:
    by, other = (SENDER, RECIPIENT) if action == "cancel" else (RECIPIENT, SENDER)
    method, request = prepared(worker.channels, action, by, referral)
    value = {"referral": referral, "other": full(other)}
    reply = await worker.operate(
        action, value, method, request, lambda reply: {"referral": reply.referral.name}
    )
    return reply is not None


def prepared(channels: Channels, action: str, by: str, referral: str) -> tuple[Any, Any]:
    stub = channels.stub(ReferralServiceStub, "routing", f"facility/{by}")
    name = f"{action.capitalize()}Referral"
    request = getattr(referrals, f"{name}Request")(request_id=new_id(), name=referral)
    if action in ("decline", "cancel"):
        request.reason = "thu"
    return getattr(stub, name), request
