"""
The hospital's side of Liên Tuyến: the SDK, and the command `lientuyen`.

It knows the contract (`lientuyen.*`) and nothing of how the services are built.
"""

from .blocking_client import BlockingClient, connect_blocking
from .client import Client, connect
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
from .running_stack import NoCertificate, NoStack, Stack

__all__ = [
    "AlreadyExists",
    "BlockingClient",
    "Client",
    "Conflict",
    "DeadlineExceeded",
    "FailedPrecondition",
    "Internal",
    "InvalidArgument",
    "NoCertificate",
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
