"""How gRPC runs our methods: with the bytes as they come, which are read and written in here."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import DecodeError

from lientuyen.chassis.v1 import error_reasons as reasons

from .errors import InvalidArgument, ResourceExhausted, Violation

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Deserialize: TypeAlias = Callable[[bytes], Any] | None


def behaviour_of(handler: Handler) -> Callable[..., Any]:
    kinds = (handler.unary_unary, handler.unary_stream, handler.stream_unary, handler.stream_stream)
    return next(kind for kind in kinds if kind is not None)


def message_of(wire: bytes, deserialize: Deserialize, limit: int) -> Any:
    """Return the message in *wire*, of at most *limit* bytes; what is none is the caller's own fault."""
    if len(wire) > limit:
        raise ResourceExhausted(reasons.REQUEST_TOO_LARGE, size_bytes=str(len(wire)), limit_bytes=str(limit))
    if deserialize is None:
        return wire
    try:
        return deserialize(wire)
    except DecodeError as error:
        fault = Violation("", "wire", "is not a message of this type", "Không đúng kiểu dữ liệu.")
        raise InvalidArgument(reasons.FIELDS_INVALID, violations=[fault]) from error


def rpc_handler(answer: Callable[[Any, Context], Awaitable[Any]], handler: "Handler | None") -> Handler:
    """Return what grpc runs for a method: *answer*, with the bytes as they come.

    An unimplemented one is a stream both ways: it answers with a status alone, which
    is the same on the wire for all four kinds.
    """
    kinds: dict[tuple[bool, bool], Callable[..., Any]] = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }
    kind = (handler.request_streaming, handler.response_streaming) if handler is not None else (True, True)
    # A stream is written in `_run`, message by message, so grpc may do the writing out.
    serialize = handler.response_serializer if handler is not None and handler.response_streaming else None
    wrapped: Handler = kinds[kind](answer, response_serializer=serialize)
    return wrapped
