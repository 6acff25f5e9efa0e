"""
A hospital that streams dossiers through SubmitDossiers, and sends again what nobody answered.

It calls the bare stub.  A stream that breaks is opened again: the files that were not answered go first, the
same bytes with the same request ids; a few are given up instead, as by a program that dies.
"""

import asyncio
import hashlib
import random
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc

from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1.dossier_service_pb2_grpc import DossierServiceStub

from ...e2e import works
from ..calls import Channels, new_id
from ..history import History

# Files that are sent and not yet answered, at most.
WINDOW = 8

# Of a hundred files: refused whatever comes; the next version of one that was taken; long, in several pieces.
FAULTY, AGAIN, LONG = 10, 15, 8
LONG_BYTES = 600_000

# Of a hundred files in flight when a stream breaks: given up.  And of those that were answered: sent again.
GIVEN_UP, REPEATED = 15, 5

STREAM_TIMEOUT_S, REOPEN_PAUSE_S = 60.0, 0.2

# Answers about one file that mean: send it again.
TRY_AGAIN = {
    code.value[0]
    for code in (
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.CANCELLED,
    )
}


@dataclass
class Progress:
    """What all senders have done so far: for whoever decides when to kill.  *streams* counts those opened."""

    streams: int = 0
    sent: int = 0
    answers: int = 0


@dataclass
class Sender:
    """One stream at a time; *tag* is three letters that no other sender has."""

    tag: str
    chance: random.Random
    history: History
    channels: Channels
    progress: Progress
    closing: asyncio.Event
    in_flight: dict[str, pb.SubmitDossiersRequest] = field(default_factory=dict)
    given_up: list[str] = field(default_factory=list)
    _waiting: dict[str, pb.SubmitDossiersRequest] = field(default_factory=dict)
    _taken: list[str] = field(default_factory=list)
    _marks: dict[str, str] = field(default_factory=dict)
    _repeated: set[str] = field(default_factory=set)
    _number: int = 0
    # Whether anything was answered since the last stream broke.
    _heard: bool = False

    async def run(self) -> None:
        """Send until *closing*, and until everything that was not given up is answered."""
        while not (self.closing.is_set() and not self._waiting and not self.in_flight):
            try:
                await self._stream()
            except grpc.aio.AioRpcError:
                self._take_back(gives_up=self._heard)
                self._heard = False
                await asyncio.sleep(REOPEN_PAUSE_S)

    async def submit_first(self) -> None:
        """Submit one dossier by itself while all is calm."""
        request = self._file(f"01999-{self.tag}-0000", False)
        stub = self.channels.stub(DossierServiceStub, "records", works.CALLER)
        alone = pb.SubmitDossierRequest(request_id=request.request_id, content=request.content)
        self._acknowledged(request.request_id, await stub.SubmitDossier(alone, timeout=STREAM_TIMEOUT_S))

    async def _stream(self) -> None:
        stub = self.channels.stub(DossierServiceStub, "records", works.CALLER)
        call = stub.SubmitDossiers(self._requests(), timeout=STREAM_TIMEOUT_S)
        async for answer in call:
            self.progress.answers += 1
            self._heard = True
            self._answered(answer)
        self._take_back(gives_up=False)  # none, unless it ended without an answer to each

    async def _requests(self) -> AsyncIterator[pb.SubmitDossiersRequest]:
        self.progress.streams += 1
        while not (self.closing.is_set() and not self._waiting):
            if len(self.in_flight) >= WINDOW:
                await asyncio.sleep(0.005)
                continue
            request = self._next()
            self.in_flight[request.request_id] = request
            self.progress.sent += 1
            yield request

    def _next(self) -> pb.SubmitDossiersRequest:
        if self._waiting:
            identifier = next(iter(self._waiting))
            return self._waiting.pop(identifier)
        is_faulty = self.chance.randrange(100) < FAULTY
        if self._taken and not is_faulty and self.chance.randrange(100) < AGAIN:
            return self._file(self._taken.pop(self.chance.randrange(len(self._taken))), is_faulty)
        self._number += 1
        return self._file(f"01999-{self.tag}-{self._number:04}", is_faulty)

    def _file(self, mark: str, is_faulty: bool) -> pb.SubmitDossiersRequest:
        """Return a new file of the encounter *mark*, unlike any other; one in some is long."""
        content = works.dossier(mark).content
        if is_faulty:
            content = content.replace(b"<SOLUONGHOSO>1<", b"<SOLUONGHOSO>2<")
        filling = LONG_BYTES // 2 if self.chance.randrange(100) < LONG else 8
        content += f"<!--{secrets.token_hex(filling)}-->".encode()
        request = pb.SubmitDossiersRequest(request_id=new_id(), content=content)
        self._marks[request.request_id] = mark
        digest = hashlib.sha256(content).hexdigest()
        value = {"mark": mark, "sha256": digest, "bytes": len(content), "faulty": is_faulty}
        self.history.write("file", request=request.request_id, value=value)
        return request

    def _answered(self, answer: pb.SubmitDossiersResponse) -> None:
        request = self.in_flight.pop(answer.request_id)
        if answer.HasField("refusal"):
            self._refused(request, answer.refusal)
            return
        self._acknowledged(request.request_id, answer.accepted)
        if request.request_id in self._repeated:
            return
        if self.chance.randrange(100) < REPEATED:
            self._repeated.add(request.request_id)
            self._waiting[request.request_id] = request
        self._taken.append(self._marks[request.request_id])

    def _acknowledged(self, request: str, reply: pb.SubmitDossierResponse) -> None:
        value = {"dossier": reply.dossier.name, "version": reply.dossier.version}
        value["sha256"] = reply.receipt.sha256
        self.history.write("ok", request=request, value=value)

    def _refused(self, request: pb.SubmitDossiersRequest, refusal: Any) -> None:
        if refusal.code in TRY_AGAIN:
            self._waiting[request.request_id] = request
        else:
            self.history.write("refused", request=request.request_id, reason=refusal.reason)

    def _take_back(self, *, gives_up: bool) -> None:
        """Send again, first of all, what nobody answered; a part of it not, if it *gives_up*."""
        unanswered = {}
        for identifier, request in self.in_flight.items():
            is_new = identifier not in self._repeated
            if gives_up and is_new and self.chance.randrange(100) < GIVEN_UP:
                self.given_up.append(identifier)
                self.history.write("gave_up", request=identifier)
            else:
                unanswered[identifier] = request
        self._waiting = {**unanswered, **self._waiting}
        self.in_flight.clear()
