"""
The hospital's side of Liên Tuyến: the SDK, and the command `lientuyen`.

It knows the contract (`lientuyen.*`) and nothing of how the services are built.
"""

from .blocking import BlockingExchange, connect_blocking
from .errors import (
    AlreadyExists,
    Conflict,
    DeadlineExceeded,
    ExchangeError,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
    Unimplemented,
    Violation,
)
from .exchange import Exchange, connect
from .stack import NoStack, Stack

__all__ = [
    "AlreadyExists",
    "BlockingExchange",
    "Conflict",
    "DeadlineExceeded",
    "Exchange",
    "ExchangeError",
    "FailedPrecondition",
    "Internal",
    "InvalidArgument",
    "NoStack",
    "NotFound",
    "PermissionDenied",
    "ResourceExhausted",
    "Stack",
    "Unauthenticated",
    "Unavailable",
    "Unimplemented",
    "Violation",
    "connect",
    "connect_blocking",
]
