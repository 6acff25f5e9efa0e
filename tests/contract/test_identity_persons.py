"""Persons: found by each of their numbers, registered, imported."""

import pytest
from grpc import StatusCode

from chassis import clock
from lientuyen.identity.v1 import person_pb2 as pb
from lientuyen.identity.v1 import person_service_pb2 as service
from lientuyen.type.v1.date_pb2 import Date
from tests.contract.identity_env import (
    HOSPITAL,
    OURS,
    TREATMENT,
    Identity,
    access,
    coverage_row,
    key,
    person_row,
    stream,
)
from tests.harness import World, refused


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


@pytest.mark.parametrize(
    "shown",
    [
        {"personal_id": "001485000016"},
        {"old_id": "012345678"},
        {"social_insurance_number": "0000000001"},
        {"card_number": "DN4010000000001"},
        {"card_number": "HC3790000000001"},
        {"card_number": "0000000001"},
        {"card_number": "001485000016"},
        {"card_qr": "001485000016|012345678|Trần Văn Thử|09031985|Nam|Số 1, Hà Nội|01012190"},
        {"card_qr": "001485999999|012345678|Trần Văn Thử|09031985|Nam|Số 1, Hà Nội|01012190"},
    ],
    ids=str,
)
async def test_a_person_is_found_by_each_number_they_may_show(identity: Identity, shown: dict[str, str]):
    person = await identity.person()
    await identity.import_coverages(coverage_row())

    reply = await identity.persons().FindPerson(service.FindPersonRequest(**shown, access=TREATMENT))

    assert (reply.person.name, reply.person.full_name) == (person.name, "Trần Văn Thử")
    assert reply.identifier_state == pb.Identifier.STATE_CURRENT
    # An invented person: the number says 2185.
    assert [one.rule for one in reply.plausibilities] == ["personal_id.birth_year"]


async def test_a_person_is_read_by_name_short_and_full(identity: Identity):
    person = await identity.person()

    for name in (person.name, person.name.removeprefix(OURS)):
        reply = await identity.persons().GetPerson(service.GetPersonRequest(name=name, access=TREATMENT))
        assert reply.person == person

    assert [(one.kind, one.value) for one in person.identifiers] == [
        (pb.Identifier.KIND_PERSONAL_ID, "001485000016"),
        (pb.Identifier.KIND_OLD_ID, "012345678"),
        (pb.Identifier.KIND_SOCIAL_INSURANCE_NUMBER, "0000000001"),
    ]


async def test_an_unknown_number_is_not_repeated(identity: Identity):
    request = service.FindPersonRequest(personal_id="001485777777", access=TREATMENT)

    refusal = await refused(identity.persons().FindPerson(request))

    assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, "ERROR_REASON_PERSON_NOT_FOUND")
    assert refusal.message_vi == "Không tìm thấy người bệnh."
    assert "777777" not in f"{refusal.message} {refusal.metadata}"
    assert await identity.audit("") == [(HOSPITAL, "PersonService/FindPerson", True, False)]


async def test_a_malformed_number_and_an_unreadable_card_are_refused(identity: Identity):
    malformed = service.FindPersonRequest(personal_id="00148500001x", access=TREATMENT)
    unreadable = service.FindPersonRequest(card_qr="https://example.test/", access=TREATMENT)

    first = await refused(identity.persons().FindPerson(malformed))
    second = await refused(identity.persons().FindPerson(unreadable))

    assert (first.code, first.fields) == (StatusCode.INVALID_ARGUMENT, ["personal_id"])
    assert "00148500001x" not in str(first)
    assert second.reason == "ERROR_REASON_CARD_QR_UNREADABLE"


async def test_what_the_card_says_otherwise_is_told(identity: Identity):
    await identity.person()
    card = "001485000016|012345678|TRẦN VĂN THỬ|20121985|Nữ|Số 1, Hà Nội|01012190"

    reply = await identity.persons().FindPerson(service.FindPersonRequest(card_qr=card, access=TREATMENT))

    assert [one.rule for one in reply.plausibilities] == [
        "personal_id.birth_year",
        "card_qr.birth_date",
        "card_qr.sex",
    ]


async def test_a_number_that_was_replaced_still_finds_the_person(identity: Identity):
    person = await identity.person(source_key="p-1")

    await identity.import_persons(person_row(source_key="p-1", personal_id="001485000032"))

    find = service.FindPersonRequest(personal_id="001485000016", access=TREATMENT)
    reply = await identity.persons().FindPerson(find)
    assert reply.person.name == person.name
    assert reply.identifier_state == pb.Identifier.STATE_SUPERSEDED
    assert [(one.value, one.state) for one in reply.person.identifiers if one.kind == 1] == [
        ("001485000032", pb.Identifier.STATE_CURRENT),
        ("001485000016", pb.Identifier.STATE_SUPERSEDED),
    ]


async def test_a_number_that_two_entries_claim_is_not_decided_by_us(identity: Identity):
    await identity.person()
    await identity.import_persons(
        person_row(personal_id="001485000032", old_id="012345678", social_insurance_number="")
    )

    find = service.FindPersonRequest(old_id="012345678", access=TREATMENT)
    refusal = await refused(identity.persons().FindPerson(find))

    assert (refusal.code, refusal.metadata) == (StatusCode.FAILED_PRECONDITION, {"count": "2"})
    assert refusal.reason == "ERROR_REASON_PERSON_AMBIGUOUS"


async def test_each_read_leaves_a_row_in_the_access_log(identity: Identity):
    person = await identity.person()

    await identity.persons().GetPerson(service.GetPersonRequest(name=person.name, access=TREATMENT))

    assert await identity.audit(person.name) == [
        (HOSPITAL, "PersonService/FindPerson", True, False),
        (HOSPITAL, "PersonService/GetPerson", True, False),
    ]


@pytest.mark.parametrize("caller", ["pharmacy/NT00001", "service/pharmacy", "authority/byt"])
async def test_who_may_not_look_people_up_is_refused(identity: Identity, caller: str):
    request = service.FindPersonRequest(personal_id="001485000016", access=TREATMENT)

    refusal = await refused(identity.persons(caller).FindPerson(request))

    assert (refusal.code, refusal.reason) == (StatusCode.PERMISSION_DENIED, "ERROR_REASON_METHOD_DENIED")
    assert await identity.audit("") == [(caller, "PersonService/FindPerson", False, False)]


async def test_research_gets_nobody_s_identity(identity: Identity):
    request = service.FindPersonRequest(personal_id="001485000016", access=access("RESEARCH"))

    refusal = await refused(identity.persons().FindPerson(request))

    assert (refusal.code, refusal.reason) == (StatusCode.PERMISSION_DENIED, "ERROR_REASON_PURPOSE_DENIED")


def registering(**more: object) -> service.RegisterPersonRequest:
    given = {
        "request_id": key(),
        "facility": "facilities/01999",
        "kind": service.RegisterPersonRequest.KIND_UNKNOWN,
        "access": access(basis="EMERGENCY", reason="tai nạn giao thông"),
    }
    return service.RegisterPersonRequest(**{**given, **more})


async def test_an_unknown_patient_gets_a_local_identity(identity: Identity):
    request = registering(sex=pb.SEX_MALE, birth_date=Date(year=1980))

    person = (await identity.persons().RegisterPerson(request)).person
    again = (await identity.persons().RegisterPerson(request)).person

    [local] = person.identifiers
    assert again == person
    assert (person.origin, local.kind) == (pb.Person.ORIGIN_UNKNOWN, pb.Identifier.KIND_LOCAL)
    assert len(local.value) == 12
    assert local.value.startswith("LT")
    read = service.GetPersonRequest(name=person.name, access=TREATMENT)
    assert (await identity.persons().GetPerson(read)).person == person


async def test_a_newborn_and_a_foreigner_bring_their_papers(identity: Identity):
    mother = await identity.person(sex=pb.SEX_FEMALE, personal_id="001585000024")
    born = clock.today()
    today = Date(year=born.year, month=born.month, day=born.day)
    baby = await identity.persons().RegisterPerson(
        registering(
            kind=service.RegisterPersonRequest.KIND_NEWBORN,
            birth_date=today,
            birth_time="0815",
            mother=mother.name,
            birth_certificate_number="01999.GCS.00001.26",
        )
    )
    guest = await identity.persons().RegisterPerson(
        registering(
            kind=service.RegisterPersonRequest.KIND_FOREIGNER,
            full_name="Test Guest",
            nationality="840",
            passport_number="X1234567",
        )
    )

    assert (baby.person.mother, baby.person.birth_time) == (mother.name, "0815")
    assert pb.Identifier.KIND_BIRTH_CERTIFICATE in [one.kind for one in baby.person.identifiers]
    assert [(one.kind, one.country) for one in guest.person.identifiers] == [
        (pb.Identifier.KIND_LOCAL, ""),
        (pb.Identifier.KIND_PASSPORT, "840"),
    ]


async def test_a_registration_that_lacks_something_names_all_of_it(identity: Identity):
    request = registering(kind=service.RegisterPersonRequest.KIND_FOREIGNER)

    refusal = await refused(identity.persons().RegisterPerson(request))

    assert refusal.reason == "ERROR_REASON_REGISTRATION_INCOMPLETE"
    assert refusal.fields == ["full_name", "nationality", "passport_number"]
    assert all(violation.vi for violation in refusal.violations)


async def test_a_facility_registers_for_itself_only(identity: Identity):
    refusal = await refused(identity.persons().RegisterPerson(registering(facility="facilities/79999")))

    assert (refusal.code, refusal.reason) == (
        StatusCode.PERMISSION_DENIED,
        "ERROR_REASON_FACILITY_MISMATCH",
    )


async def test_an_import_keeps_the_good_rows_and_names_each_fault_of_the_bad(identity: Identity):
    rows = [
        person_row(),
        person_row(personal_id="00148500001x", old_id="1"),
        person_row(personal_id="001485000032", old_id="", social_insurance_number="", full_name=" "),
        person_row(personal_id="001485000016"),
        person_row(personal_id="001485000040", old_id="", social_insurance_number=""),
        person_row(personal_id="001485000059", birth_date=Date(year=2185, month=2, day=31)),
    ]
    request = service.ImportPersonsRequest(request_id=key(), first_row=101, rows=rows)

    [answer] = [one async for one in identity.persons("authority/bhxh").ImportPersons(stream(request))]

    progress = answer.progress
    assert (progress.rows_received, progress.rows_stored, progress.rows_refused) == (6, 2, 4)
    assert [(one.row, one.rule) for one in progress.refusals] == [
        (102, "personal_id.form"),
        (102, "old_id.form"),
        (103, "full_name.required"),
        (104, "row.duplicate"),
        (106, "birth_date.form"),
    ]
    assert all(one.message_vi and "Trần" not in str(one) for one in progress.refusals)
    assert len(await identity.rows("SELECT id FROM persons")) == 2


async def test_a_batch_sent_again_is_stored_once_and_answered_the_same(identity: Identity):
    request_id = key()

    first = await identity.import_persons(person_row(), request_id=request_id)
    again = await identity.import_persons(person_row(), request_id=request_id)
    reused = identity.import_persons(person_row(full_name="Khác"), request_id=request_id)

    assert again == first
    assert (await refused(reused)).reason == "ERROR_REASON_REQUEST_ID_REUSED"
    assert len(await identity.rows("SELECT id FROM persons")) == 1


async def test_a_stream_goes_on_over_batches_and_counts_them(identity: Identity):
    batches = [
        service.ImportPersonsRequest(
            request_id=key(),
            first_row=1 + number,
            rows=[person_row(personal_id=f"0014850001{number:02}", old_id="", social_insurance_number="")],
        )
        for number in range(3)
    ]

    answers = [one async for one in identity.persons("authority/bhxh").ImportPersons(stream(*batches))]

    assert [one.progress.stream_rows_stored for one in answers] == [1, 2, 3]
    assert [one.progress.request_id for one in answers] == [one.request_id for one in batches]


async def test_a_register_corrects_its_own_people_and_changes_nothing_else(identity: Identity):
    person = await identity.person()

    same = await identity.person()
    changed = await identity.person(full_name="Trần Văn Sửa", deceased=True)

    assert same.etag == person.etag
    assert (changed.name, changed.full_name, changed.state) == (
        person.name,
        "Trần Văn Sửa",
        pb.Person.STATE_DECEASED,
    )
    assert changed.etag != person.etag


async def test_a_new_key_does_not_lay_one_person_over_another(identity: Identity):
    await identity.person()

    progress = await identity.import_persons(
        person_row(source_key="k-2", birth_date=Date(year=1990, month=1, day=1)), caller="authority/vneid"
    )

    assert [one.rule for one in progress.refusals] == ["birth_date.conflict"]


async def test_only_registers_import(identity: Identity):
    refusal = await refused(identity.import_persons(person_row(), caller=HOSPITAL))

    assert refusal.code == StatusCode.PERMISSION_DENIED
