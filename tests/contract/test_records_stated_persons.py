"""The number of a dossier or a check-in, and the name, birth date and sex beside it."""

from collections.abc import AsyncIterator

import pytest
from grpc import StatusCode

from lientuyen.identity.v1 import person_service_pb2
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1.finding_pb2 import Finding
from tests.harness import Refusal, World, refused
from tests.samples.files import check_in, sample

from .identity_env import Identity, person_row
from .records_env import NUMBER, PERSON_NAME, Records, submission

OTHER_NAME, OTHER_BIRTH, NOWHERE = "LÊ VĂN KHÁC", "197112240000", "001485999999"
LIMIT = (StatusCode.RESOURCE_EXHAUSTED, "ERROR_REASON_LOOKUP_LIMIT_REACHED")


@pytest.fixture
async def records(world: World) -> Records:
    return await Records(world).start()


def dossier(**changes: str) -> bytes:
    """Return the sample with these values in XML1."""
    file = sample()
    for name, value in changes.items():
        file.everywhere(name, value)
    return file.bytes()


def doubts(found: pb.SubmitDossierResponse | pb.SubmitCheckInResponse) -> list[str]:
    """Return the fields that are not as identity knows the person."""
    return [each.path for each in found.warnings if each.rule == "differs-from-person"]


def told(refusal: Refusal) -> list[tuple[str, str]]:
    return [(each.rule, each.field) for each in refusal.violations]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"HO_TEN": "TRAN THI MAU"},
        {"HO_TEN": "MẪU TRẦN THỊ"},
        {"HO_TEN": "TRẦN THỊ MẪI"},
        {"NGAY_SINH": "198500000000"},
        {"NGAY_SINH": "198512030000"},
        {"GIOI_TINH": "3"},
    ],
    ids=str,
)
async def test_who_is_nearly_as_the_file_says_is_the_same_person(records: Records, changes: dict[str, str]):
    taken = await records.submit(dossier(**changes))

    assert taken.dossier.person == PERSON_NAME
    assert doubts(taken) == []


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"HO_TEN": OTHER_NAME}, ["XML1.HO_TEN"]),
        ({"NGAY_SINH": OTHER_BIRTH}, ["XML1.NGAY_SINH"]),
        ({"GIOI_TINH": "1"}, ["XML1.GIOI_TINH"]),
        ({"HO_TEN": OTHER_NAME, "GIOI_TINH": "1"}, ["XML1.HO_TEN", "XML1.GIOI_TINH"]),
    ],
    ids=str,
)
async def test_one_field_that_differs_is_a_warning_there_and_kept_with_the_dossier(
    records: Records, changes: dict[str, str], fields: list[str]
):
    taken = await records.submit(dossier(**changes))

    assert taken.dossier.person == PERSON_NAME
    assert doubts(taken) == fields
    assert [each.path for each in taken.dossier.warnings[: len(fields)]] == fields
    assert {each.severity for each in taken.warnings} == {Finding.SEVERITY_WARN}
    assert OTHER_NAME not in str(taken)


async def test_a_dossier_of_somebody_elses_number_is_refused_at_the_number_and_leaves_nothing(
    records: Records,
):
    before = await records.counts()

    refusal = await refused(records.submit(dossier(HO_TEN=OTHER_NAME, NGAY_SINH=OTHER_BIRTH)))

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.DOSSIER_REFUSED.name)
    assert told(refusal) == [("person-differs", "XML1.SO_CCCD")]
    assert "họ tên và ngày sinh" in refusal.violations[0].vi
    assert OTHER_NAME not in str(refusal)
    assert NUMBER not in str(refusal)
    assert await records.counts() == before


async def test_who_is_found_by_a_card_is_refused_at_the_card(records: Records):
    changes = {"SO_CCCD": "", "HO_TEN": OTHER_NAME, "NGAY_SINH": OTHER_BIRTH}

    refusal = await refused(records.submit(dossier(**changes)))

    assert told(refusal) == [("person-differs", "XML1.MA_THE_BHYT")]


async def test_a_row_of_a_check_in_is_judged_as_a_dossier_is(records: Records):
    doubtful = await records.check_in(check_in(2, HO_TEN=OTHER_NAME))
    refusal = await refused(records.check_in(check_in(3, HO_TEN=OTHER_NAME, NGAY_SINH=OTHER_BIRTH)))

    assert doubts(doubtful) == ["XML0[2].HO_TEN"]
    assert told(refusal) == [("person-differs", "XML0[3].SO_CCCD")]
    assert (await records.counts())["check_ins"] == 2


async def test_identity_is_told_for_whom_records_asks_and_each_row_is_asked_about_once(records: Records):
    await records.check_in(check_in(3, HO_TEN="TRAN THI MAU"))

    asked = records.identity.asked(person_service_pb2.FindPersonRequest)
    assert [each.stated.full_name for each in asked] == ["TRẦN THỊ MẪU", "TRAN THI MAU"]
    assert {each.facility for each in asked} == {"//identity.lientuyen/facilities/01999"}


async def test_guessed_numbers_in_dossiers_run_out_and_the_hospital_is_told_when_to_come_back(world: World):
    identity = await Identity(world).start(misses_per_minute=0.01, misses_burst=3)
    await identity.import_persons(person_row(personal_id=NUMBER))
    records = await Records(world).start(identity_address=identity.running.address)
    guesses = [NOWHERE, "001485999998", NUMBER]
    faults = [told(await refused(records.submit(dossier(SO_CCCD=guess)))) for guess in guesses]

    over = await refused(records.submit(dossier(SO_CCCD=NUMBER)))
    check_in_too = await refused(records.check_in(check_in()))
    dry_run = await records.dossiers().ValidateDossier(pb.ValidateDossierRequest(content=dossier()))

    assert faults == [[("person-unknown", "XML1.SO_CCCD")]] * 2 + [[("person-differs", "XML1.SO_CCCD")]]
    assert [(each.code, each.reason) for each in (over, check_in_too)] == [LIMIT] * 2
    assert int(over.metadata["retry_after_seconds"]) > 0
    assert "vui lòng thử lại sau" in over.message_vi
    # A dry run says of a file what the file says, and looks nobody up.
    assert dry_run.accepted


async def test_in_a_stream_too_the_hospital_is_told_when_to_come_back(records: Records):
    records.identity.max_failures = 0

    async def requests() -> AsyncIterator[pb.SubmitDossiersRequest]:
        request = submission(dossier())
        yield pb.SubmitDossiersRequest(request_id=request.request_id, content=request.content)

    [answer] = [each async for each in records.dossiers().SubmitDossiers(requests())]

    refusal = answer.refusal
    assert (refusal.code, refusal.reason) == (StatusCode.RESOURCE_EXHAUSTED.value[0], LIMIT[1])
    assert refusal.domain == "identity.lientuyen"
    assert dict(refusal.metadata) == {"retry_after_seconds": "60"}


async def test_a_file_with_more_wrong_numbers_than_are_left_names_those_it_was_told_of(records: Records):
    records.identity.max_failures = 2
    rows = check_in(4).replace(NUMBER.encode(), b"001485999990", 1)
    for guess in (b"001485999991", b"001485999992"):
        rows = rows.replace(NUMBER.encode(), guess, 1)

    first, second = await refused(records.check_in(rows)), await refused(records.check_in(rows))

    assert told(first) == [("person-unknown", "XML0[1].SO_CCCD"), ("person-unknown", "XML0[2].SO_CCCD")]
    assert (second.code, second.reason) == LIMIT


async def test_a_check_in_tries_a_few_unknown_numbers_and_no_more(records: Records):
    """A row each: 40 numbers that nobody has, one after the other."""
    rows = check_in(40)
    for number in range(40):
        rows = rows.replace(NUMBER.encode(), b"0014859900%02d" % number, 1)

    refusal = await refused(records.check_in(rows))

    assert told(refusal) == [("person-unknown", f"XML0[{row}].SO_CCCD") for row in range(1, 6)]
    assert len(records.identity.asked(person_service_pb2.FindPersonRequest)) == 5


async def test_a_check_in_of_more_rows_than_a_reception_has_is_refused_and_nobody_is_looked_up(
    records: Records,
):
    taken = await records.check_in(check_in(200))
    asked = len(records.identity.asked(person_service_pb2.FindPersonRequest))

    refusal = await refused(records.check_in(check_in(201)))

    assert len(taken.check_ins) == 200
    assert told(refusal) == [("too-many", "XML0")]
    assert refusal.violations[0].vi == "Vượt quá số lượng cho phép: 200 TRANG_THAI_KCB."
    assert len(records.identity.asked(person_service_pb2.FindPersonRequest)) == asked


async def test_the_row_of_a_look_up_names_the_hospital_for_which_records_asks(world: World):
    identity = await Identity(world).start()
    await identity.import_persons(person_row(personal_id=NUMBER))
    records = await Records(world).start(identity_address=identity.running.address)

    await refused(records.submit(dossier(SO_CCCD=NOWHERE)))
    await refused(records.submit(dossier(HO_TEN=OTHER_NAME, NGAY_SINH=OTHER_BIRTH)))

    look_ups = "SELECT caller, subject <> '' FROM audit WHERE method LIKE '%/FindPerson' ORDER BY access_time"
    assert [tuple(row) for row in await identity.rows(look_ups)] == [
        ("facility/01999 via service/records", False),
        ("facility/01999 via service/records", True),
    ]
