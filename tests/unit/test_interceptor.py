"""What the interceptor decides before any call: what is open, and how endless calls are ended."""

import asyncio
from contextlib import suppress

from chassis.access import Rule, allow
from chassis.interceptor import MethodHandler, ServerInterceptor


def interceptor(**rules: Rule) -> ServerInterceptor:
    async def record(refusal: object, request: object) -> None:
        raise AssertionError("nothing is refused here")

    return ServerInterceptor("lientuyen.test", rules, {}, record)


def test_only_health_and_reflection_are_open_whatever_a_rule_says():
    handlers = {
        name: MethodHandler(interceptor(), name, allow(deadline=deadline), None)
        for name, deadline in (
            ("lientuyen.identity.v1.PersonService/GetPerson", 1.0),
            ("lientuyen.routing.v1.MailboxService/ReceiveMessages", None),
            ("grpc.health.v1.Health/Check", 1.0),
        )
    }

    assert [name for name, handler in handlers.items() if handler._is_open] == ["grpc.health.v1.Health/Check"]


async def test_an_endless_call_that_is_ending_by_itself_does_not_keep_the_others_from_being_ended():
    serving = interceptor()
    ended = []

    async def call(name: str, seconds: float | None, cleaning: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds) as timeout:
                serving.endless.add(timeout)
                try:
                    await asyncio.sleep(60)
                finally:
                    await asyncio.sleep(cleaning)
        ended.append(name)

    calls = [asyncio.create_task(call("its own", 0.01, 0.2)), asyncio.create_task(call("ours", None, 0))]
    await asyncio.sleep(0.1)
    serving.end_endless_calls()

    async with asyncio.timeout(20):
        await asyncio.gather(*calls)
    assert sorted(ended) == ["its own", "ours"]
