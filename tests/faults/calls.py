"""
How a worker calls: the bare stubs of the contract, and every attempt its own.

An operation that nobody answered is sent again, the same bytes with the same request id, until it is
answered; a few are given up at once, as by a program that dies, and their outcome stays unknown.  A few that
were acknowledged are sent once more: they must get the first answer.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
from google.protobuf.message import Message

from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen_client.client import OPTIONS as CLIENT_OPTIONS
from lientuyen_client.client import credentials
from lientuyen_client.errors import from_rpc
from lientuyen_client.running_stack import Stack

from .history import History

# Seconds for one attempt, and over which an operation is tried.
ATTEMPT_TIMEOUT_S = 5.0
GIVE_UP_AFTER_S = 120.0
MAX_DELAY_S = 0.6

# Of a hundred operations: given up at the first attempt that nobody answers; sent again when acknowledged.
IMPATIENT, REPEATED = 25, 4

# No retries but ours; a service that is back is found at once.
OPTIONS = [
    *(option for option in CLIENT_OPTIONS if option[0] not in ("grpc.service_config",)),
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_reconnect_backoff_ms", 1_000),
]

# Answers after which the same request is sent again: nobody did it, or nobody knows.
UNANSWERED = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
)


def is_unanswered(error: grpc.aio.AioRpcError) -> bool:
    conflict = chassis_reasons.WRITE_CONFLICT.name
    return error.code() in UNANSWERED or from_rpc(error).reason == conflict


def new_id() -> str:
    return str(uuid4())


@dataclass
class Channels:
    """One channel for each caller and service."""

    stack: Stack
    _channels: dict[tuple[str, str], grpc.aio.Channel] = field(default_factory=dict)

    def stub(self, kind: Callable[[grpc.aio.Channel], Any], service: str, identity: str) -> Any:
        if (service, identity) not in self._channels:
            folder: Path = self.stack.tls_folder(identity)
            address = self.stack.addresses[service]
            self._channels[service, identity] = grpc.aio.secure_channel(
                address, credentials(folder), options=OPTIONS
            )
        return kind(self._channels[service, identity])

    async def close(self) -> None:
        for channel in self._channels.values():
            await channel.close()


@dataclass
class Worker:
    """Somebody who works: a name for the history, chance of their own, and when to stop."""

    name: str
    random: random.Random
    history: History
    channels: Channels
    closing: asyncio.Event

    async def pause(self, mean_s: float) -> None:
        await asyncio.sleep(self.random.uniform(0, 2 * mean_s))

    async def operate(
        self,
        action: str,
        value: dict[str, Any],
        method: Any,
        request: Any,
        answer: Callable[[Any], dict[str, Any]],
    ) -> Any:
        """Do *request*, a message or the list of a stream's; return the reply, None without one.

        *answer* gives what of the reply goes into the history.
        """
        operation = new_id()
        self.history.write("invoke", id=operation, worker=self.name, action=action, value=value)
        reply, outcome = await self.until_answered(
            method, request, impatient=self.random.randrange(100) < IMPATIENT
        )
        if reply is None:
            self.history.write(**outcome, id=operation)
            return None
        self.history.write(**outcome, id=operation, value=answer(reply))
        if self.random.randrange(100) < REPEATED:
            again, _ = await self.until_answered(method, request, impatient=True)
            if again is not None:
                self.history.write("again", id=operation, value=answer(again))
        return reply

    async def until_answered(
        self, method: Any, request: Any, *, impatient: bool
    ) -> tuple[Any, dict[str, Any]]:
        loop = asyncio.get_running_loop()
        end, attempts = loop.time() + GIVE_UP_AFTER_S, 0
        while True:
            attempts += 1
            try:
                reply: Message = await method(request, timeout=ATTEMPT_TIMEOUT_S)
                return reply, {"kind": "ok", "attempts": attempts}
            except grpc.aio.AioRpcError as error:
                if not is_unanswered(error):
                    reason = from_rpc(error).reason or f"{error.code().name}: {error.details()}"
                    return None, {"kind": "fail", "reason": reason, "attempts": attempts}
            if impatient or loop.time() > end:
                return None, {"kind": "unknown", "attempts": attempts}
            await asyncio.sleep(self.random.uniform(0.05, MAX_DELAY_S))
