"""
The hospital's side of Liên Tuyến: the SDK, and the command `lientuyen`.

It knows the contract (`lientuyen.*`) and nothing of how the services are built.
"""

from .blocking import BlockingExchange, connect_blocking
from .errors import (
    AlreadyExists,
    Conflict,
    DeadlineExceeded,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    ServiceError,
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
    "FailedPrecondition",
    "Internal",
    "InvalidArgument",
    "NoStack",
    "NotFound",
    "PermissionDenied",
    "ResourceExhausted",
    "ServiceError",
    "Stack",
    "Unauthenticated",
    "Unavailable",
    "Unimplemented",
    "Violation",
    "connect",
    "connect_blocking",
]
