"""
Every date and time that a caller sends, at the ends of the calendar: taken or refused, no error of ours.

What is taken is then read: a consent until the last day of all is asked for, a card, a slip.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from kcb.tables import tables
from lientuyen.identity.v1 import (
    consent_service_pb2,
    eligibility_service_pb2,
    person_service_pb2,
    place_service_pb2,
)
from lientuyen.identity.v1 import practitioner_service_pb2 as practitioners
from lientuyen.pharmacy.v1 import dispensing_service_pb2, prescription_service_pb2
from lientuyen.records.v1 import dossier_service_pb2, health_book_service_pb2
from lientuyen.routing.v1 import appointment_service_pb2, referral_service_pb2
from lientuyen.type.v1.date_pb2 import Date
from tests.contract import pharmacy_env, records_env, routing_env
from tests.contract.every_write import STORIES
from tests.contract.identity_env import TREATMENT, Identity
from tests.contract.pharmacy_env import Pharmacy
from tests.contract.recorded_calls import WRITES, Call, RecordedCalls, repeated
from tests.contract.records_env import Records
from tests.contract.routing_env import Routing
from tests.harness import World
from tests.samples import files

# The first days of the calendar and the last: within a day, a week and a month of its ends.
DAYS = [
    Date(year=year, month=month, day=day)
    for year, month, day in (
        (1, 1, 1),
        (1, 1, 2),
        (9999, 12, 1),
        (9999, 12, 20),
        (9999, 12, 30),
        (9999, 12, 31),
    )
]
# 0001-01-01, what the contract takes first and last here and there, 9999-12-31T23:59:59.999999.
MOMENTS = [
    *(Timestamp(seconds=seconds) for seconds in (-62135596800, 0, 1577836800, 4102444799, 7258118399)),
    Timestamp(seconds=253402300799, nanos=999_999_999),
]
EDGES: dict[str, list[Any]] = {Date.DESCRIPTOR.full_name: DAYS, Timestamp.DESCRIPTOR.full_name: MOMENTS}


def at_edges(message: Message) -> Iterator[Message]:
    """Give copies of *message* with one date or time of it at an edge, or of a message within."""
    for field in message.DESCRIPTOR.fields:
        if field.message_type is None or field.message_type.GetOptions().map_entry:
            continue
        inner = list(getattr(message, field.name)) if field.is_repeated else [getattr(message, field.name)]
        for edge in EDGES.get(field.message_type.full_name, ()):
            yield _with(message, field.name, 0, edge)
        if field.message_type.full_name in EDGES or not (field.is_repeated or message.HasField(field.name)):
            continue
        for index, part in enumerate(inner):
            for changed in at_edges(part):
                yield _with(message, field.name, index, changed)


def _with(message: Message, name: str, index: int, value: Message) -> Message:
    copy = type(message)()
    copy.CopyFrom(message)
    target = getattr(copy, name)
    (target if isinstance(target, Message) else target[index]).CopyFrom(value)
    return copy


async def read_identity(identity: Identity) -> None:
    """Ask what rests on a person's consents, cards and licences, on days that a caller may say."""
    person = (await identity.person()).name
    question = {
        "facility": "facilities/01999",
        "day": Date(year=2026, month=11, day=20),
        "treatment_start": Date(year=2026, month=11, day=10),
        "transfer_slip_date": Date(year=2026, month=11, day=10),
        "circumstances": [eligibility_service_pb2.CheckEligibilityRequest.CIRCUMSTANCE_TRANSFER_SLIP],
        "co_payments": {"payments": [{"day": Date(year=2026, month=11, day=10), "amount": {"dong": 1000}}]},
    }
    asked = eligibility_service_pb2.CheckEligibilityRequest(person=person, access=TREATMENT, **question)
    await identity.eligibility().CheckEligibility(asked)
    await identity.decide(person)
    stated = person_service_pb2.Demographics(
        full_name="Trần Văn Thử", birth_date=Date(year=1985, month=3, day=9)
    )
    matching = person_service_pb2.MatchPersonsRequest(demographics=stated, access=TREATMENT)
    await identity.persons().MatchPersons(matching)
    number = "001485000016"
    finding = person_service_pb2.FindPersonRequest(personal_id=number, stated=stated, access=TREATMENT)
    await identity.persons().FindPerson(finding)
    listing = consent_service_pb2.ListConsentsRequest(parent=person, access=TREATMENT)
    await identity.consents().ListConsents(listing)
    stub = identity.practitioners()
    licence = practitioners.CheckLicenceRequest(licence_number="000001/HNO-GPHN", facility="facilities/01999")
    await stub.CheckLicence(licence)
    await stub.ListPractitioners(practitioners.ListPractitionersRequest(facility="facilities/01999"))
    await identity.places().ListProvinces(place_service_pb2.ListProvincesRequest())
    await identity.places().ResolvePlace(place_service_pb2.ResolvePlaceRequest(province_code="01"))


def is_date(table: str, name: str) -> bool:
    return any(field.name == name and field.kind in ("date", "datetime") for field in tables()[table].fields)


async def read_records(records: Records) -> None:
    """Read a person's health book, and a facility's dossiers."""
    person = records_env.PERSON_NAME
    listing = dossier_service_pb2.ListDossiersRequest(facility=routing_env.DISTRICT, access=records_env.CARE)
    await records.dossiers().ListDossiers(listing)
    book = health_book_service_pb2.GetHealthBookRequest(person=person, access=records_env.CITIZEN)
    await records.books("authority/vneid").GetHealthBook(book)
    results = health_book_service_pb2.ListResultsRequest(person=person, access=records_env.CITIZEN)
    await records.books("authority/vneid").ListResults(results)


async def read_pharmacy(pharmacy: Pharmacy) -> None:
    """List a person's prescriptions and what was dispensed."""
    own = {"person": pharmacy_env.PERSON, "access": records_env.CITIZEN}
    listing = prescription_service_pb2.ListPrescriptionsRequest(**own)
    await pharmacy.prescriptions("authority/vneid").ListPrescriptions(listing)
    handed = dispensing_service_pb2.ListDispensingsRequest(**own)
    await pharmacy.dispensings("authority/vneid").ListDispensings(handed)


async def read_routing(routing: Routing) -> None:
    """List a person's referrals and appointments."""
    own = {"person": routing_env.PERSON, "access": routing_env.CITIZEN}
    await routing.referrals("authority/vneid").ListReferrals(referral_service_pb2.ListReferralsRequest(**own))
    listing = appointment_service_pb2.ListAppointmentsRequest(**own)
    await routing.appointments("authority/vneid").ListAppointments(listing)


READS = {
    "identity": read_identity,
    "records": read_records,
    "pharmacy": read_pharmacy,
    "slips": read_routing,
}


OURS = (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)


async def code_of(service: RecordedCalls, call: Call) -> grpc.StatusCode:
    """Make *call* again and return how it ended."""
    try:
        await repeated(service.channel_of(call.caller), call)
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK


@pytest.mark.parametrize("story", READS)
async def test_no_date_at_the_ends_of_the_calendar_is_an_error_of_ours(world: World, story: str):
    recorded, write_all = STORIES[story]
    service = await recorded(world).start()
    await write_all(service)
    await READS[story](service)
    calls = list(service.calls)
    reads = [call for call in calls if call.method not in WRITES.values()]
    changes = [(call, changed) for call in calls for changed in at_edges(call.requests[0])]
    assert changes
    for call, changed in changes:
        if call not in reads:
            changed.request_id = str(uuid4())  # type: ignore[attr-defined]
        again = Call(call.caller, call.method, [changed, *call.requests[1:]], call.responses)
        code = await code_of(service, again)
        assert code not in OURS, f"{call.method} {changed}"
        if code is grpc.StatusCode.OK and call not in reads:
            for read in reads:
                assert await code_of(service, read) not in OURS, (
                    f"{read.method} after {call.method} {changed}"
                )


async def test_a_consent_until_the_last_day_of_all_lets_read(world: World):
    identity = await Identity(world).start()
    person = await identity.person()
    await identity.consent(person.name, valid_to=Date(year=9999, month=12, day=31))

    assert (await identity.decide(person.name)).allowed


@pytest.mark.parametrize("day", ["00010101", "19000101", "99991231"])
async def test_no_date_of_a_dossier_at_the_ends_of_the_calendar_is_an_error_of_ours(world: World, day: str):
    records = await Records(world).start()
    sample = files.sample().tables.items()
    fields = [(table, name) for table, rows in sample for name, _ in rows[0] if is_date(table, name)]
    codes = []
    for number, (table, name) in enumerate(fields):
        file = files.sample().everywhere("MA_LK", f"K{number}")
        time = "2359" if len(file.get(table, 1, name)) == len("yyyyMMddHHmm") else ""
        codes.append(await code_of_dossier(records, file.set(table, 1, name, day + time).bytes()))
    book = health_book_service_pb2.GetHealthBookRequest(
        person=records_env.PERSON_NAME, access=records_env.CITIZEN
    )
    await records.books("authority/vneid").GetHealthBook(book)

    assert set(codes) <= {grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT}
    assert (grpc.StatusCode.OK in codes) == (day != "00010101")


async def code_of_dossier(records: Records, content: bytes) -> grpc.StatusCode:
    try:
        await records.submit(content)
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK
