"""
Idempotent writes: one that carries a `request_id` happens once, and is answered the same each time.

The id is claimed in the transaction of the write itself (`INSERT … ON CONFLICT DO NOTHING`).  A
second call with the same id therefore waits, in PostgreSQL, until the first has committed, and
gets its answer; or until it has failed, and then does the work itself.  Nothing is remembered
of a write that failed.

    @idempotent(pb.CreateConsentResponse)
    async def CreateConsent(self, request: pb.CreateConsentRequest, tx: Transaction) -> …:

The method is given the transaction of the claim in place of gRPC's context.  It opens no other: a
second one would wait for a connection while it holds one, and would commit on its own.  What must
happen outside of it, asking another service, takes the long form, `run_once`, and comes after a look
for the first answer, or a retry would be judged again by what has changed since (docs/adr/0051):

    @answered_first(pb.SubmitDossierResponse)
    async def SubmitDossier(self, request: pb.SubmitDossierRequest, context: object) -> …:

An id belongs to its caller: two callers may use the same one and never meet.
"""

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeAlias, TypeVar
from uuid import UUID

from google.protobuf.message import Message
from sqlalchemy import Interval, and_, bindparam, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from lientuyen.chassis.v1 import error_reasons as reasons

from . import call_context
from .db import Database, Record, Transaction
from .db_errors import was_overtaken
from .deadline import MIN_WORK, remaining
from .encryption import Encryptor, KeyMissing
from .errors import Conflict, FailedPrecondition, InvalidArgument
from .purging import count_removed
from .resource_names import make_own_short
from .schema import replies
from .sql import sql
from .write_gate import StoreUnwritable

P = ParamSpec("P")
Q = TypeVar("Q", bound=Message)
R = TypeVar("R", bound=Message)
S = TypeVar("S", bound="Servicer")
Work: TypeAlias = Callable[[Transaction], Awaitable[R]]

# How often a transaction that another one overtook is tried, in all.
MAX_ATTEMPTS: Final = 3

# Seconds before it is tried again, at most, times the tries so far: those who met do not meet again.
MAX_RETRY_DELAY_S: Final = 0.025

# How long a client may ask for the first answer.  A hospital that was cut off for weeks
# (a flood) still finds out what became of what it sent.
RETENTION: Final = timedelta(days=30)

# Rows deleted in one transaction, and seconds between two rounds of deleting.
SWEEP_BATCH_ROWS: Final = 1000
SWEEP_INTERVAL_S: Final = 3600.0

_OF_KEY: Final = and_(
    replies.c.caller == bindparam("of_caller"), replies.c.request_id == bindparam("of_request_id")
)

CLAIM = sql(
    insert(replies)
    .values({name: bindparam(name) for name in ("caller", "request_id", "method", "fingerprint")})
    .on_conflict_do_nothing()
    .returning(replies.c.request_id)
)

FINISH = sql(update(replies).where(_OF_KEY).values(reply=bindparam("sealed"), finish_time=func.now()))

FIND = sql(
    select(replies.c.method, replies.c.fingerprint, replies.c.reply, replies.c.finish_time).where(_OF_KEY)
)

_key = tuple_(replies.c.caller, replies.c.request_id)
SWEEP = sql(
    delete(replies).where(
        _key.in_(
            select(replies.c.caller, replies.c.request_id)
            .where(replies.c.claim_time < func.now() - bindparam("retention", type_=Interval))
            .order_by(replies.c.claim_time)
            .limit(bindparam("limit"))
            .with_for_update(skip_locked=True)
        )
    )
)


class Idempotency:
    def __init__(self, db: Database, encryptor: Encryptor) -> None:
        self._db = db
        self._encryptor = encryptor

    async def first_answer(self, request: Message, response_type: type[R]) -> R | None:
        """Return the answer already given to the `request_id` of *request*, or None.

        InvalidArgument(REQUEST_ID_REUSED) when the id came with another request.
        """
        finished = await self.find_finished(request.request_id)  # type: ignore[attr-defined]
        return finished.answer(response_type, *_bodies(request)) if finished else None

    async def find_finished(self, request_id: str) -> "FinishedWrite | None":
        """Return the write that the caller made under this id, or None; one under way is not seen.

        For a streamed upload, whose content is known at its end.
        """
        return await self._find(_Claim.of_call(request_id))

    async def _find(self, claim: "_Claim") -> "FinishedWrite | None":
        async with self._db.connection() as tx:
            row = await tx.fetchrow(FIND, **claim.key)
        return FinishedWrite(claim, row, self._encryptor) if row else None

    async def run_once(self, request: Message, response_type: type[R], work: Work[R]) -> R:
        """Do *work* for *request*, or return the answer already given to its `request_id`.

        InvalidArgument(REQUEST_ID_REUSED) when the id came with another request; whatever
        *work* raises, and then nothing has happened.  *work* may run up to three times, each
        in a transaction of its own, when other transactions overtake it.
        """
        request_id: str = request.request_id  # type: ignore[attr-defined]
        claim = _Claim.of_call(request_id)
        return await self._run_claimed(claim, claim.digests(*_bodies(request)), response_type, work)

    async def run_once_for(
        self, request_id: str, fingerprint: bytes, response_type: type[R], work: Work[R]
    ) -> R:
        """Do the same for a streamed upload: *fingerprint* tells its content from any other's."""
        claim = _Claim.of_call(request_id)
        return await self._run_claimed(claim, claim.digests(fingerprint), response_type, work)

    async def _run_claimed(
        self, claim: "_Claim", digests: Sequence[bytes], response_type: type[R], work: Work[R]
    ) -> R:
        """Do the same; *digests* of the request are that of now, then what the release before made of it."""
        for attempt in range(1, MAX_ATTEMPTS):
            try:
                return await self._attempt(claim, digests, response_type, work)
            except StoreUnwritable:
                if finished := await self._find(claim):
                    return finished.answer_to(digests, response_type)
                raise
            except Conflict as error:
                if not was_overtaken(error) or _no_time():
                    raise
            await asyncio.sleep(random.random() * MAX_RETRY_DELAY_S * attempt)
        return await self._attempt(claim, digests, response_type, work)

    async def _attempt(
        self, claim: "_Claim", digests: Sequence[bytes], response_type: type[R], work: Work[R]
    ) -> R:
        async with self._db.transaction() as tx:
            if await claim.take(tx, digests[0]):
                reply = await work(tx)
                sealed = self._encryptor.encrypt(reply.SerializeToString(), associated_data=claim.context)
                await tx.execute(FINISH, **claim.key, sealed=sealed)
                return reply
            row = await tx.fetchrow(FIND, **claim.key)
        if row is None:
            raise Conflict(reasons.WRITE_CONFLICT)  # swept between the two statements
        return FinishedWrite(claim, row, self._encryptor).answer_to(digests, response_type)


class Servicer(Protocol):
    _idempotency: Idempotency


def idempotent(
    response_type: type[R], *, after: Callable[[Any, Any, R], None] | None = None
) -> Callable[
    [Callable[[S, Q, Transaction], Awaitable[R]]], Callable[[S, Q, object], Coroutine[Any, Any, R]]
]:
    """Make a servicer's method of one that writes in the transaction it is given, once for a `request_id`.

    *after*, called with the servicer, the request and the answer, follows the commit: to wake those who wait.
    """

    def decorate(
        method: Callable[[S, Q, Transaction], Awaitable[R]],
    ) -> Callable[[S, Q, object], Coroutine[Any, Any, R]]:
        @wraps(method)
        async def run(self: S, request: Q, context: object) -> R:
            response = await self._idempotency.run_once(
                request, response_type, lambda tx: method(self, request, tx)
            )
            if after is not None:
                after(self, request, response)
            return response

        return run

    return decorate


def answered_first(
    response_type: type[R],
) -> Callable[
    [Callable[Concatenate[S, Q, P], Awaitable[R]]], Callable[Concatenate[S, Q, P], Coroutine[Any, Any, R]]
]:
    """Make a method of one that judges a request before it writes: the retry of a write has its answer first.

    Whatever the method would ask, of a peer, of a clock, of a certificate, is not asked again.
    """

    def decorate(
        method: Callable[Concatenate[S, Q, P], Awaitable[R]],
    ) -> Callable[Concatenate[S, Q, P], Coroutine[Any, Any, R]]:
        @wraps(method)
        async def run(self: S, request: Q, /, *args: P.args, **kwargs: P.kwargs) -> R:
            first = await self._idempotency.first_answer(request, response_type)
            return await method(self, request, *args, **kwargs) if first is None else first

        return run

    return decorate


class _Claim:
    """An id, and whose it is."""

    __slots__ = ("caller", "context", "key", "method", "request_id")

    def __init__(self, caller: str, request_id: UUID, method: str) -> None:
        self.caller = caller
        self.request_id = request_id
        self.method = method
        self.key: dict[str, object] = {"of_caller": caller, "of_request_id": request_id}
        self.context = reply_context(caller, request_id)

    @classmethod
    def of_call(cls, request_id: str) -> "_Claim":
        call = call_context.current()
        return cls(str(call.caller), UUID(request_id), call.full_method)

    def digests(self, *fingerprints: bytes) -> list[bytes]:
        return [self._digest(content) for content in fingerprints]

    def _digest(self, content: bytes) -> bytes:
        digest = hashlib.sha256(self.method.encode() + b"\0")
        digest.update(content)
        return digest.digest()

    async def take(self, tx: Transaction, digest: bytes) -> bool:
        """Claim the id, waiting for whoever holds it; False when it has an answer already."""
        taken = await tx.fetchval(
            CLAIM,
            caller=self.caller,
            request_id=self.request_id,
            method=self.method,
            fingerprint=digest,
        )
        return taken is not None


@dataclass(frozen=True, slots=True)
class FinishedWrite:
    """A write that is done: what it was asked, as a digest, and what was answered, sealed."""

    claim: _Claim
    row: Record
    encryptor: Encryptor

    def answer(self, response_type: type[R], *fingerprints: bytes) -> R:
        """Return the answer; InvalidArgument(REQUEST_ID_REUSED) when no fingerprint is of its request."""
        return self.answer_to(self.claim.digests(*fingerprints), response_type)

    def answer_to(self, digests: Sequence[bytes], response_type: type[R]) -> R:
        """Do the same with the digests that a claim makes of fingerprints."""
        if self.row["fingerprint"] not in digests:
            raise InvalidArgument(reasons.REQUEST_ID_REUSED, request_id=str(self.claim.request_id))
        try:
            reply = self.encryptor.decrypt(self.row["reply"], associated_data=self.claim.context)
        except KeyMissing as error:
            raise answer_unreadable(self.claim.request_id, self.row["finish_time"], error.key_id) from error
        return response_type.FromString(reply)


async def sweep(db: Database) -> None:
    """Delete the answers that nobody may ask for any more, until cancelled; a background task."""
    while True:
        swept = SWEEP_BATCH_ROWS
        while swept == SWEEP_BATCH_ROWS:
            swept = await sweep_batch(db)
        await asyncio.sleep(SWEEP_INTERVAL_S)


async def sweep_batch(db: Database) -> int:
    """Delete up to a thousand answers older than thirty days; return how many it were."""
    async with db.transaction() as tx:
        swept = await tx.execute(SWEEP, retention=RETENTION, limit=SWEEP_BATCH_ROWS)
    count_removed("replies", swept)
    return swept


def answer_unreadable(request_id: UUID, finish_time: datetime, key_id: str) -> FailedPrecondition:
    """Return the refusal of a retry whose first answer was sealed under a key that is gone."""
    time = finish_time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return FailedPrecondition(
        reasons.ANSWER_UNREADABLE, request_id=str(request_id), finish_time=time, key=key_id
    )


def reply_context(caller: str, request_id: UUID) -> bytes:
    return f"reply {caller} {request_id}".encode()


def _bodies(request: Message) -> tuple[bytes, ...]:
    """Return *request* without its id, with the service's own names short, and with all names full.

    Either is the same for the same content, by whichever names; both were written down before names
    came full, for callers wrote either (docs/adr/0041).  One that names nothing of the service's own, as a
    file of megabytes, is written once.
    """
    bare = type(request)()
    bare.CopyFrom(request)
    bare.ClearField("request_id")
    full = bare.SerializeToString(deterministic=True)
    make_own_short(bare)
    if bare.ByteSize() == len(full):
        return (full,)
    return bare.SerializeToString(deterministic=True), full


def _no_time() -> bool:
    left = remaining()
    return left is not None and left < MIN_WORK
