"""
Every method of a server, wrapped in the layers of `layers.py`.

Generated code adds its handlers to a `Handlers`, and only that is given to grpc:
no handler is reachable but through the layers.  (An interceptor would do the
same for a tenth of the call more, since grpc.aio runs it anew for each.)  A
handler is wrapped once and kept.  Messages are read and written inside the
layers, so that one that cannot be read, or an answer that cannot be written,
does not leave as UNKNOWN with its text.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import grpc

from .access import Rule
from .layers import Exchange, Layers, Method, Rest

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Details: TypeAlias = grpc.HandlerCallDetails

# Their methods are no part of our contract, and carry no patient data: open to
# any certificate of the authority.  Watch and reflection run until the client goes.
OPEN_SERVICES = ("grpc.health.v1.", "grpc.reflection.")
ENDLESS_OPEN = frozenset({"Watch", "ServerReflectionInfo"})


class Handlers(grpc.GenericRpcHandler):
    """The methods of one server.  Looks like a server to the generated `add_…_to_server`."""

    def __init__(self, layers: Layers, rules: Mapping[str, Rule], unbuilt: Mapping[str, str]) -> None:
        self.services: list[str] = []
        self._inner: list[Any] = []
        self._rules = rules
        self._unbuilt = unbuilt
        self._layers = layers
        self._wrapped: dict[str, Handler] = {}

    def add_generic_rpc_handlers(self, handlers: Sequence[Any]) -> None:
        """Take the handlers of a service."""
        self._inner += handlers
        self.services += [handler.service_name() for handler in handlers]

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Handler]) -> None:
        """Take nothing: generated code says here again what it has said to the other method."""

    def service(self, details: Details) -> "Handler | None":
        """Return the wrapped handler of the called method; None for one that nobody serves."""
        found = self._wrapped.get(details.method)
        if found is not None:
            return found
        wrapped = self._wrap(details.method.removeprefix("/"), self._find(details))
        if wrapped is not None:  # names that clients make up are not kept
            self._wrapped[details.method] = wrapped
        return wrapped

    def _find(self, details: Details) -> "Handler | None":
        return next((found for inner in self._inner if (found := inner.service(details))), None)

    def _wrap(self, full_name: str, handler: "Handler | None") -> "Handler | None":
        if full_name.startswith(OPEN_SERVICES):
            return handler and self._wrap_open(full_name, handler)
        if full_name in self._unbuilt:
            handler = None
        elif handler is None:
            return None
        service, _, name = full_name.partition("/")
        short = f"{service.rpartition('.')[2]}/{name}"
        rule = self._rules.get(short)
        endless = rule is not None and rule.deadline is None
        return _served(Method(short, full_name, rule, handler, endless), self._layers.guarded)

    def _wrap_open(self, full_name: str, handler: Handler) -> Handler:
        name = full_name.rpartition("/")[2]
        rule = Rule(frozenset(), deadline=None if name in ENDLESS_OPEN else 1.0)
        return _served(Method(name, full_name, rule, handler, name in ENDLESS_OPEN), self._layers.open)


def _served(method: Method, answer: Rest) -> Handler:
    """Return the handler that grpc runs for *method*.

    An unbuilt one is a stream both ways: it answers with a status alone, which
    is the same on the wire for all four kinds.
    """

    async def behaviour(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        return await answer(Exchange(method, request, context))

    kinds: dict[tuple[bool, bool], Callable[..., Any]] = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }
    inner = method.handler
    kind = (inner.request_streaming, inner.response_streaming) if inner is not None else (True, True)
    # A stream is written inside the layers, message by message, so grpc may do the writing out.
    serialize = inner.response_serializer if inner is not None and inner.response_streaming else None
    wrapped: Handler = kinds[kind](behaviour, response_serializer=serialize)
    return wrapped
