"""Nodes as routing knows them, pauses before another try, and what becomes of messages between nodes."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from ..model.messages import DeadReason, Lease, Message, State, lease
from ..model.state_machine import InvalidTransition

# For how long another node may keep a message without a word of what became of it: the 30 days after which
# it is abandoned there, and then some.  After that it is handed over again, and known there by its id.
RELAY_LEASE: Final = timedelta(days=45)

# Messages on their way to one node that it has not answered.
WINDOW: Final = 64

# Seconds before a link, or a pair whose message was not taken, is tried again: first and longest.
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0


class NodeKind(IntEnum):
    LIENTUYEN = 1
    BATCH_API = 2


@dataclass(frozen=True, slots=True)
class Node:
    """*authorities* are X.509 in DER; *address* is `host:port` of its federation port, or a URL."""

    id: str
    kind: int
    trust_domain: str
    authorities: tuple[bytes, ...]
    address: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a message that *node* handed us; *origin* took it from its sender, empty: we did."""

    message_id: UUID
    node: str
    origin: str
    enqueue_time: datetime
    person: bytes | None = None


class Pauses:
    """How long each thing that fails is left alone: twice as long each time, a random part of it."""

    def __init__(self) -> None:
        self._failures: dict[object, int] = {}

    def next(self, thing: object) -> float:
        failures = self._failures[thing] = self._failures.get(thing, 0) + 1
        longest = min(FIRST_PAUSE_S * 2.0 ** (failures - 1), LONGEST_PAUSE_S)
        return longest * random.uniform(0.5, 1.0)

    def forget(self, thing: object) -> None:
        self._failures.pop(thing, None)


def stream_of(node: str) -> UUID:
    """Return the stream that holds what is on its way to *node*: the same for every replica, at any time."""
    return uuid5(NAMESPACE_URL, f"lientuyen:node:{node}")


def lease_for_node(message: Message, held: Lease, now: datetime) -> Message:
    """Return *message* on its way to a node: that is no delivery to its recipient."""
    return replace(lease(message, held, now), lease_time=message.lease_time)


def give_back(message: Message) -> Message:
    """Return *message*, leased for a node that has not taken it, in its place in the mailbox again.

    One attempt stays, whoever tries next: what was tried may be there, though nobody said so.
    """
    return replace(message, state=State.ACCEPTED, lease=None, attempts=min(1, message.attempts))


def settle(
    message: Message, state: State, time: datetime, reason: DeadReason | None = None, note: str = ""
) -> Message | None:
    """Return *message* as its recipient's node tells that it ended; None when it has ended here already."""
    if message.state not in (State.ACCEPTED, State.LEASED):
        return None
    if state is State.ACKNOWLEDGED:
        return replace(message, state=state, lease=None, acknowledge_time=time)
    if state is State.DEAD:
        return replace(message, state=state, lease=None, dead_reason=reason, dead_note=note, dead_time=time)
    if state is State.STOPPED:
        return replace(message, state=state, lease=None, stop_time=time)
    raise InvalidTransition(message.state, state.value)


def come_again(message: Message, sequence: int, now: datetime) -> Message:
    """Return *message*, which its sender replayed or which came home, waiting in its line at *sequence*."""
    return replace(
        message,
        state=State.ACCEPTED,
        sequence=sequence,
        lease=None,
        attempts=0,
        enqueue_time=now,
        dead_reason=None,
        dead_note="",
        notice_time=None,
    )
