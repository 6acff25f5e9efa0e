"""A service of a few lines, for tests of the runtime: its methods, its rules, its client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import grpc

from chassis import call_context
from chassis.access import Rule, allow
from chassis.db import Database
from chassis.encryption import Encryptor
from chassis.server import Server
from chassis.settings import ServiceSettings
from lientuyen.chassis.v1.audit_service_pb2 import ListAccessesRequest as Request
from lientuyen.chassis.v1.audit_service_pb2 import ListAccessesResponse as Response
from tests.harness import Running, World

SERVICE = "lientuyen.test.v1.EchoService"
SUBJECT = "//identity.lientuyen/persons/7b1d7c1e-8f0e-4a68-9d4c-3f1fba4a7c11"
GOOD = Request(subject=SUBJECT)
BAD = Request(subject="persons/1", page_size=-1, page_token="x" * 2000)
SECRET = "Nguyễn Thị Planted 001485000016"

RULES: dict[str, Rule] = {
    "EchoService/Say": allow("facility"),
    "EchoService/Split": allow("facility"),
    "EchoService/Join": allow("facility"),
    "EchoService/Chat": allow("facility"),
    "EchoService/Endless": allow("facility", deadline=None),
    "EchoService/Unbuilt": allow("facility"),
    "EchoService/Quick": allow("facility", deadline=0.3),
}
UNBUILT = {f"{SERVICE}/Unbuilt": "Says what is not built."}


@dataclass
class Echo:
    """A service of one line, which each test writes.  The default answers with who called what."""

    say: Callable[[], Awaitable[str]] | None = None
    seen: list[object] = field(default_factory=list)

    async def unary(self, request: Request, context: object) -> Response:
        self.seen.append(call_context.current())
        return Response(next_page_token=await self.say() if self.say else "said")

    async def split(self, request: Request, context: object) -> AsyncIterator[Response]:
        for _ in range(3):
            self.seen.append(call_context.current())
            yield Response(next_page_token=await self.say() if self.say else "said")

    async def join(self, requests: AsyncIterator[Request], context: object) -> Response:
        self.seen += [request async for request in requests]
        return Response(next_page_token=str(len(self.seen)))

    async def chat(self, requests: AsyncIterator[Request], context: object) -> AsyncIterator[Response]:
        async for request in requests:
            self.seen.append(call_context.current())
            yield Response(next_page_token=request.page_token)

    async def endless(self, request: Request, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        await context.write(Response(next_page_token="first"))
        await asyncio.Event().wait()


def add_echo(echo: Echo, server: Any) -> None:
    """Add *echo* as generated code would."""
    wire = {
        "request_deserializer": Request.FromString,
        "response_serializer": Response.SerializeToString,
    }
    unary = grpc.unary_unary_rpc_method_handler(echo.unary, **wire)
    methods = {
        "Say": unary,
        "Quick": unary,
        "Forgotten": unary,
        "Split": grpc.unary_stream_rpc_method_handler(echo.split, **wire),
        "Endless": grpc.unary_stream_rpc_method_handler(echo.endless, **wire),
        "Join": grpc.stream_unary_rpc_method_handler(echo.join, **wire),
        "Chat": grpc.stream_stream_rpc_method_handler(echo.chat, **wire),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))


class Stub:
    """The client's side of it."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel = channel
        wire = {"request_serializer": Request.SerializeToString, "response_deserializer": Response.FromString}
        for name in ("Say", "Quick", "Forgotten", "Unbuilt"):
            setattr(self, name, channel.unary_unary(f"/{SERVICE}/{name}", **wire))
        for name in ("Split", "Endless"):
            setattr(self, name, channel.unary_stream(f"/{SERVICE}/{name}", **wire))
        self.Join = channel.stream_unary(f"/{SERVICE}/Join", **wire)
        self.Chat = channel.stream_stream(f"/{SERVICE}/Chat", **wire)
        self.bytes = channel.unary_unary(f"/{SERVICE}/Say")

    def __getattr__(self, name: str) -> Any:  # what setattr made
        raise AttributeError(name)


async def serve_echo(world: World, echo: Echo, **settings_given: str) -> Running:
    """Serve *echo* on a database with the chassis' tables; *settings_given* are added to the harness's."""
    url = await asyncio.to_thread(world.databases.bare)
    settings = ServiceSettings(database_url=url, **{**world.common("service/echo"), **settings_given})

    async def build(given: ServiceSettings) -> Server:
        db = await Database.open(given.database_url, max_size=given.pool_size)
        encryptor = Encryptor(given.keys_dir)
        server = Server(given, service="echo", db=db, encryptor=encryptor, rules=RULES, unimplemented=UNBUILT)
        server.add(lambda servicer, to: add_echo(servicer, to), echo)
        return server

    return await world.serve(settings, build)
