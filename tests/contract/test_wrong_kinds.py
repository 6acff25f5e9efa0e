"""
The kind of a certificate is part of who calls: a pharmacy with a hospital's code is not that hospital, nor
is a hospital with a pharmacy's.  Every write of the contract that a facility made, and every read that it
may make, is asked for again by the holder of the same code under the other kind.
"""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.message import Message
from grpc import StatusCode

from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.identity.v1.consent_service_pb2 import AuthorizeRequest, ListConsentsRequest
from lientuyen.routing.v1.mailbox_service_pb2 import ReceiveMessagesRequest
from services.unimplemented import UNIMPLEMENTED
from tests.contract.every_read import ASKED_ELSEWHERE, READS
from tests.contract.every_write import STORIES
from tests.contract.identity_env import TREATMENT, Identity
from tests.contract.recorded_calls import Call, RecordedCalls
from tests.contract.routing_env import DISTRICT, Routing
from tests.harness import Refusal, World, refused
from tests.shape.contract import methods

OTHER_KIND = {"facility": "pharmacy", "pharmacy": "facility"}
DENIED = {reasons.CALLER_KIND.name, reasons.METHOD_DENIED.name}


def disguised(caller: str) -> str:
    """The code of *caller* under the other kind."""
    kind, _, code = caller.partition("/")
    return f"{OTHER_KIND[kind]}/{code}"


def is_facility(caller: str) -> bool:
    return caller.partition("/")[0] in OTHER_KIND


async def answered(service: RecordedCalls, caller: str, method: str, *requests: Message) -> list[bytes]:
    """Return what *caller* is answered that sends *requests* to *method*."""

    async def sent() -> AsyncIterator[bytes]:
        for request in requests:
            yield request.SerializeToString()

    call: Any = service.channel_of(caller).stream_stream(f"/{method}")
    return [answer async for answer in call(sent())]


async def told(service: RecordedCalls, caller: str, method: str, *requests: Message) -> Refusal:
    return await refused(answered(service, caller, method, *requests))


def renewed(call: Call) -> list[Message]:
    """The requests of *call* under new ids, so that no earlier answer is given to them."""
    requests: list[Any] = []
    for request in call.requests:
        copy: Any = type(request)()
        copy.CopyFrom(request)
        if getattr(copy, "request_id", ""):
            copy.request_id = str(uuid4())
        requests.append(copy)
    return requests


@pytest.mark.parametrize("story", STORIES)
async def test_nothing_of_a_facility_is_done_or_shown_for_its_code_under_another_kind(
    world: World, story: str
):
    recorded, write_all = STORIES[story]
    service = await recorded(world).start()
    await write_all(service)
    writes = [call for call in service.calls if is_facility(call.caller)]
    reads = [read for read in READS[story](service) if is_facility(read.caller)]

    for read in reads:
        await answered(service, read.caller, read.method, read.request)
    refusals = [
        (call.method, await told(service, disguised(call.caller), call.method, *renewed(call)))
        for call in writes
    ]
    refusals += [
        (read.method, await told(service, disguised(read.caller), read.method, read.request))
        for read in reads
    ]

    wrong = [
        (method, refusal)
        for method, refusal in refusals
        if refusal.code is not StatusCode.PERMISSION_DENIED or refusal.reason not in DENIED
    ]
    assert wrong == []


async def test_a_mailbox_is_not_opened_for_the_code_of_its_owner_under_another_kind(world: World):
    routing = await Routing(world).start()
    request = ReceiveMessagesRequest(recipient=DISTRICT)

    refusal = await refused(routing.mailbox("pharmacy/01999").ReceiveMessages(request))

    assert refusal.reason == reasons.CALLER_KIND.name


async def test_a_service_that_asks_for_such_a_caller_is_told_that_it_may_not(world: World):
    identity = await Identity(world).start()
    person = await identity.person()
    await identity.consent(person.name)
    allowed = {"person": person.name, "access": TREATMENT, "data_classes": ["DATA_CLASS_CARE"]}

    decisions = [
        (await identity.consents("service/records").Authorize(AuthorizeRequest(**allowed, **asking))).decision
        for asking in (
            {"requester": "facility/01999", "facility": "facilities/01999"},
            {"requester": "facility/01999"},
            {"requester": "pharmacy/01999", "facility": "facilities/01999"},
            {"requester": "pharmacy/01999"},
        )
    ]

    assert [decision.allowed for decision in decisions] == [True, True, False, False]


async def test_the_row_of_the_refusal_names_the_caller_as_its_certificate_does(world: World):
    identity = await Identity(world).start()
    person = await identity.person()
    listing = ListConsentsRequest(parent=person.name, access=TREATMENT)

    refusal = await refused(identity.consents("pharmacy/01999").ListConsents(listing))

    rows = await identity.rows("SELECT caller, allowed FROM audit WHERE method LIKE '%/ListConsents'")
    assert refusal.reason == reasons.CALLER_KIND.name
    assert [tuple(row) for row in rows] == [("pharmacy/01999", False)]


async def test_no_read_is_left_out(world: World):
    asked = set(ASKED_ELSEWHERE)
    for story, (recorded, write_all) in STORIES.items():
        service = await recorded(world).start()
        await write_all(service)
        asked |= {read.method for read in READS[story](service)}

    reading = {method.full for method in methods() if method.reads and method.full not in UNIMPLEMENTED}
    assert asked == reading
