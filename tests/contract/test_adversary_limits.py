"""Nothing that a caller sends is without a limit; what is hostile is refused and not answered by a bug."""

import asyncio
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import pytest
from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.timestamp_pb2 import Timestamp
from grpc import StatusCode

from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen.records.v1 import encounter_service_pb2 as encounters
from lientuyen.records.v1 import health_book_service_pb2 as books
from lientuyen.routing.v1 import error_reasons as routing_reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from services.routing.service.notifier import MAX_STREAMS_PER_MAILBOX
from tests.harness import World, eventually, refused

from .records_env import CARE, PERSON_NAME, Records
from .routing_env import PROVINCE, Routing

# Rows of an import: each is judged by itself in `model/`, which names a text that is too long by
# its row; the message around them is at most 4 MiB and 5,000 rows.
ROWS = {"PersonRow", "FacilityRow", "PractitionerRow", "CoverageRow", "IdentifierRow", "Address"}

# Files, whose size has a refusal of its own that says more (too-large, 64 MiB).
FILES = {"content"}

# Set by the server, and ignored when they come in with a resource.
OUTPUT = {
    "Consent": {"name", "recorder", "etag"},
    "Referral": {"name", "message", "note", "replaces", "replaced_by", "encounter"},
    "ReferralOutcome": {"message"},
    "Consultation": {"name", "message", "taker", "opinion_message", "note"},
    "OpinionSignature": {"practitioner"},
    "RecordRequest": {"name", "message", "note"},
    "Holder": {"note"},
    "Appointment": {"name", "replaces", "replaced_by"},
    "Drug": {"name"},
    "Lot": {"name", "registrant", "etag"},
    "Prescription": {"name", "replaces", "replaced_by", "etag"},
}


def methods() -> Iterator[MethodDescriptor]:
    """Give every method of the contract."""
    gen = Path(__file__).resolve().parents[2] / "gen"
    for path in sorted(gen.rglob("*_service_pb2.py")):
        module = import_module(".".join(path.relative_to(gen).with_suffix("").parts))
        for service in module.DESCRIPTOR.services_by_name.values():
            yield from service.methods


def fields_of(message: Descriptor, seen: set[str]) -> Iterator[FieldDescriptor]:
    """Give every field that can be inside *message*."""
    if message.full_name in seen or message.full_name.startswith("google."):
        return
    seen.add(message.full_name)
    for field in message.fields:
        yield field
        if field.message_type is not None:
            yield from fields_of(field.message_type, seen)


def unlimited(field: FieldDescriptor) -> bool:
    """Whether the contract lets a caller make this field as large as a message may be."""
    rules = field.GetOptions().Extensions[validate_pb2.field]
    if field.is_repeated and not rules.repeated.max_items:
        return True
    of = rules.repeated.items if field.is_repeated else rules
    if field.type == FieldDescriptor.TYPE_STRING:
        known = (of.string.max_len, of.string.len, of.string.pattern, of.string.uuid)
        return not any(known)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return not (of.bytes.max_len or of.bytes.len or of.cel)
    return False


def test_every_field_of_every_request_has_a_limit():
    seen: set[str] = set()
    found = {
        f"{field.containing_type.name}.{field.name}"
        for method in methods()
        for field in fields_of(method.input_type, seen)
        if unlimited(field)
        and field.name not in FILES
        and field.name not in OUTPUT.get(field.containing_type.name, ())
        and not (field.containing_type.name in ROWS and not field.is_repeated)
    }

    assert found == set()


@pytest.mark.parametrize("seconds", [-1, 10**12, 2**62])
async def test_a_time_that_no_calendar_has_is_refused(world: World, seconds: int):
    records = await Records(world).start()
    records.identity.add_consent(PERSON_NAME)
    moment = Timestamp(seconds=seconds)
    here = "//identity.lientuyen/facilities/01999"
    calls = [
        records.books().GetHealthBook(
            books.GetHealthBookRequest(person=PERSON_NAME, arrived_before=moment, access=CARE)
        ),
        records.books().ListResults(books.ListResultsRequest(person=PERSON_NAME, since=moment, access=CARE)),
        records.dossiers().ListDossiers(
            dossiers.ListDossiersRequest(facility=here, received_since=moment, access=CARE)
        ),
        records.encounters().ListEncounters(
            encounters.ListEncountersRequest(facility=here, due_since=moment, access=CARE)
        ),
    ]
    for call in calls:
        refusal = await refused(call)
        assert (refusal.code, refusal.reason) == (
            StatusCode.INVALID_ARGUMENT,
            chassis_reasons.FIELDS_INVALID.name,
        )


async def test_one_hospital_cannot_hold_streams_without_end(world: World):
    routing = await Routing(world).start()
    request = mailbox.ReceiveMessagesRequest(recipient=PROVINCE)
    stub = routing.mailbox("facility/79999")
    # Each waits for a message or a refusal; which of them comes last to the service is not told.
    streams = [
        asyncio.ensure_future(refused(stub.ReceiveMessages(request)))
        for _ in range(MAX_STREAMS_PER_MAILBOX + 1)
    ]

    (ended,) = await eventually(lambda: [stream for stream in streams if stream.done()])
    async with routing.receiving("facility/01999") as inbox:
        assert await inbox.nothing(0.2)

    refusal = ended.result()
    assert (refusal.code, refusal.reason) == (
        StatusCode.RESOURCE_EXHAUSTED,
        routing_reasons.TOO_MANY_STREAMS.name,
    )
    assert [stream for stream in streams if stream.done()] == [ended]
    for stream in streams:
        stream.cancel()
    await asyncio.gather(*streams, return_exceptions=True)


async def test_a_deadline_of_years_is_one_of_minutes(world: World):
    routing = await Routing(world).start()
    refusal = await refused(
        routing.mailbox().GetMessage(
            mailbox.GetMessageRequest(name=f"messages/{uuid4()}"), timeout=100 * 365 * 86_400
        )
    )

    assert refusal.reason == routing_reasons.MESSAGE_DENIED.name
