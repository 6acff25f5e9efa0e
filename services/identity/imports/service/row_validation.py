"""The rows of a batch, judged one by one: a bad one is refused and holds up no other."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from google.protobuf.message import Message

from chassis.errors import Violation
from chassis.texts import HIDDEN, make_plain, text_faults
from common.faults import Fault, refusals

from ..model.duplicate_rows import duplicate_fault, find_duplicates
from .batch_progress import Batch

# Rows judged before other calls get a turn: about 5 ms.
ROWS_BETWEEN_YIELDS = 250

M = TypeVar("M")


def read_rows(
    messages: Iterable[Message], read: Callable[[Any], tuple[M, list[Fault]]]
) -> Iterator[tuple[M, list[Fault]]]:
    """Yield what *read* makes of each of *messages*, a row, with the faults of its texts among the others.

    A control character refuses the row.  One that is not seen is left out, with a warning: registers are
    full of zero-width spaces, and whoever sends a million rows is not who typed them.
    """
    for message in messages:
        hidden = [_fault(violation) for violation in text_faults(message)]
        row, faults = read(_plain(message) if hidden else message)
        yield row, faults + hidden


def _fault(violation: Violation) -> Fault:
    refuses = violation.rule != HIDDEN
    return Fault(violation.field, violation.rule, violation.en, violation.vi, refuses=refuses)


def _plain(message: M) -> M:
    """Return a copy: by the content of a batch it is told when it is sent again."""
    copy: Any = type(message)()
    copy.CopyFrom(message)
    make_plain(copy)
    return copy  # type: ignore[no-any-return]


async def valid_rows(
    batch: Batch,
    rows: Iterable[tuple[M, list[Fault]]],
    faults_of: Callable[[M], list[Fault]],
    *keys: Callable[[M], tuple[str, object]],
) -> dict[int, M]:
    """Return the good rows by their index.

    A row comes with the faults that reading it found.  Bad rows are refused in *batch*, and so is
    one of whose *keys*, each a field and its value, an earlier good row has: a batch must not say two
    things of one.  A doubtful row is good, and warned about in *batch*.
    """
    valid: dict[int, M] = {}
    for index, (row, faults) in enumerate(rows):
        faults = faults + faults_of(row)
        if refusing := refusals(faults):
            batch.refuse(index, *refusing)
        else:
            valid[index] = row
            batch.warn(index, *faults)
        if index % ROWS_BETWEEN_YIELDS == ROWS_BETWEEN_YIELDS - 1:
            await asyncio.sleep(0)
    duplicates = find_duplicates((index, [key(row) for key in keys]) for index, row in valid.items())
    for index, field in duplicates.items():
        batch.refuse(index, duplicate_fault(field))
        del valid[index]
    return valid
