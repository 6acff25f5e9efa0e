"""How far a facility's encounters are: what is missing, what is late, and what was refused, days later."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from grpc import StatusCode

from chassis import clock
from chassis.clock import VIETNAM
from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen.records.v1 import encounter_service_pb2 as pb
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1.encounter_status_pb2 import Deadline, EncounterStatus
from services.records.service.encounters import LateEncounters
from tests.harness import World, refused
from tests.samples import files

from .records_env import CARE, Records

KEY = "01999.SYN.000001"
FACILITY = "//identity.lientuyen/facilities/01999"

# The Monday after the sample's visit on Friday 2026-11-20.
MONDAY = datetime(2026, 11, 23, 9, tzinfo=VIETNAM)


@pytest.fixture
async def records(world: World) -> Records:
    return await Records(world).start()


async def listed(records: Records, **changes: Any) -> Sequence[EncounterStatus]:
    request = pb.ListEncountersRequest(**{"facility": FACILITY, "access": CARE, **changes})
    return (await records.encounters().ListEncounters(request)).encounters


async def only(records: Records) -> EncounterStatus:
    (encounter,) = await listed(records)
    return encounter


def named(values: Sequence[int]) -> list[str]:
    return [EncounterStatus.Missing.Name(value).removeprefix("MISSING_") for value in values]


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=VIETNAM).astimezone(UTC)


def due(encounter: EncounterStatus) -> datetime:
    return encounter.due_time.ToDatetime(tzinfo=UTC)


def of_kind(encounter: EncounterStatus, kind: "Deadline.Kind") -> Deadline:
    (deadline,) = (each for each in encounter.deadlines if each.kind == kind)
    return deadline


def faulty(key: str = KEY) -> bytes:
    """Return a dossier with a fault at XML1.GIOI_TINH."""
    return files.sample().everywhere("MA_LK", key).set("XML1", 1, "GIOI_TINH", "7").bytes()


async def test_who_is_checked_in_is_waited_for_and_late_when_the_day_is_past(records: Records):
    with clock.fixed(MONDAY):
        await records.check_in(files.CHECK_IN)
        waiting = await only(records)
    with clock.fixed(MONDAY + timedelta(days=1)):
        late = await only(records)

    assert waiting.state == EncounterStatus.STATE_CHECKED_IN
    assert (waiting.link_key, named(waiting.missing), waiting.late) == (KEY, ["DOSSIER"], False)
    # Three days after Friday is Monday, to its end.
    assert due(waiting) == moment("2026-11-24 00:00")
    assert of_kind(waiting, Deadline.KIND_DOSSIER).presumed
    assert waiting.check_in_time.ToDatetime(tzinfo=UTC) == MONDAY.astimezone(UTC)
    assert late.late
    assert of_kind(late, Deadline.KIND_DOSSIER).late


async def test_an_accepted_dossier_leaves_nothing_due_and_says_how_late_it_came(records: Records):
    with clock.fixed(MONDAY):
        await records.check_in(files.CHECK_IN)
        sent = (await records.submit(files.DOSSIER)).dossier
        encounter = await only(records)

    assert encounter.state == EncounterStatus.STATE_ACCEPTED
    assert (encounter.dossier, encounter.version) == (sent.name, 1)
    assert encounter.warning_count == len(sent.warnings) > 0
    assert not encounter.HasField("due_time")
    assert not encounter.late
    # It was due on Friday, when the visit ended.
    dossier = of_kind(encounter, Deadline.KIND_DOSSIER)
    assert dossier.late
    assert not dossier.presumed
    assert dossier.due_time.ToDatetime(tzinfo=UTC) == moment("2026-11-21 00:00")
    assert of_kind(encounter, Deadline.KIND_LATE_NOTICE).done_time == encounter.receive_time
    assert not of_kind(encounter, Deadline.KIND_PAYMENT_REQUEST).late
    for kind, hours in ((Deadline.KIND_FORMAT_ANSWER, 24), (Deadline.KIND_TOTALS_ANSWER, 48)):
        answer = of_kind(encounter, kind)
        assert answer.due_time.ToDatetime() - answer.done_time.ToDatetime() == timedelta(hours=hours)


async def test_a_refused_dossier_is_listed_with_its_faults_until_it_is_corrected(records: Records):
    with clock.fixed(MONDAY):
        await refused(records.submit(faulty()))
    with clock.fixed(MONDAY + timedelta(days=1)):
        await refused(records.submit(files.sample().set("XML1", 1, "MA_LOAI_KCB", "99").bytes()))
        waiting = await only(records)
    with clock.fixed(MONDAY + timedelta(days=3)):
        late = await only(records)
        await records.submit(files.DOSSIER)
        corrected = await only(records)

    assert waiting.state == EncounterStatus.STATE_REFUSED
    assert named(waiting.missing) == ["CORRECTION"]
    assert waiting.refuse_reason == reasons.DOSSIER_REFUSED.name
    assert "XML1.MA_LOAI_KCB" in [finding.path for finding in waiting.refusals]
    assert waiting.refusal_count == len(waiting.refusals) > 0
    # Two working days after Monday, however often it was tried since.
    assert due(waiting) == moment("2026-11-26 00:00")
    assert (waiting.late, late.late) == (False, True)
    assert corrected.state == EncounterStatus.STATE_CORRECTED
    assert not corrected.missing or named(corrected.missing) == ["CHECK_IN"]
    correction = of_kind(corrected, Deadline.KIND_CORRECTION)
    assert correction.late
    assert correction.done_time == corrected.receive_time


async def test_a_refused_correction_leaves_the_version_that_stands(records: Records):
    sent = (await records.submit(files.DOSSIER)).dossier
    await refused(records.submit(faulty()))
    waiting = await only(records)
    # The very bytes that stand: the sender thinks better of it.
    assert (await records.submit(files.DOSSIER)).unchanged

    assert waiting.state == EncounterStatus.STATE_REFUSED
    assert (waiting.dossier, waiting.version) == (sent.name, 1)
    again = await only(records)
    assert again.state == EncounterStatus.STATE_CORRECTED
    # Nothing was corrected, and nothing is to be.
    assert Deadline.KIND_CORRECTION not in [each.kind for each in again.deadlines]


@pytest.mark.parametrize("left", ["190001010000", "999912310000"])
async def test_a_time_that_was_refused_sets_no_deadline(records: Records, left: str):
    with clock.fixed(MONDAY):
        await refused(records.submit(files.sample().set("XML1", 1, "NGAY_RA", left).bytes()))
        encounter = await only(records)

    assert "XML1.NGAY_RA" in [finding.path for finding in encounter.refusals]
    assert (encounter.late, due(encounter)) == (False, moment("2026-11-26 00:00"))
    assert not encounter.HasField("discharge_time")
    assert encounter.HasField("arrival_time")


async def test_times_of_a_file_that_was_not_judged_set_no_deadline(records: Records):
    signature = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'
    altered = files.sample().set("XML1", 1, "NGAY_RA", "190001010000")
    with clock.fixed(MONDAY):
        await refused(records.submit(altered.bytes(signature=signature)))
        encounter = await only(records)

    assert encounter.refuse_reason == reasons.SIGNATURE_INVALID.name
    assert (encounter.late, due(encounter)) == (False, moment("2026-11-26 00:00"))


async def test_a_later_version_does_not_make_late_what_came_in_time(records: Records):
    with clock.fixed(MONDAY):
        first = (await records.submit(files.DOSSIER)).dossier
    with clock.fixed(MONDAY + timedelta(days=30)):
        await records.submit(files.sample().set("XML1", 1, "CAN_NANG", "61").bytes())
        encounter = await only(records)

    payment = of_kind(encounter, Deadline.KIND_PAYMENT_REQUEST)
    assert encounter.version == 2
    assert (payment.late, payment.done_time) == (False, first.receive_time)


async def test_a_withdrawn_dossier_is_no_more_waited_for(records: Records):
    sent = (await records.submit(files.DOSSIER)).dossier
    reading = dossiers.GetDossierRequest(name=sent.name, access=CARE)
    etag = (await records.dossiers().GetDossier(reading)).dossier.etag
    withdrawal = dossiers.WithdrawDossierRequest(
        request_id=str(uuid4()), name=sent.name, etag=etag, reason="gửi nhầm"
    )
    await records.dossiers().WithdrawDossier(withdrawal)

    encounter = await only(records)

    assert encounter.state == EncounterStatus.STATE_WITHDRAWN
    assert (list(encounter.missing), encounter.late) == ([], False)


async def test_a_check_in_is_missing_of_all_but_emergencies(records: Records):
    await records.submit(files.DOSSIER)
    emergency = files.sample().everywhere("MA_LK", "CC-1").everywhere("MA_DOITUONG_KCB", "2")
    await records.submit(emergency.bytes())

    missing = {each.link_key: named(each.missing) for each in await listed(records)}

    assert missing == {KEY: ["CHECK_IN"], "CC-1": []}


async def test_what_is_due_first_comes_first_page_by_page(records: Records):
    with clock.fixed(MONDAY):
        await records.check_in(files.CHECK_IN)
        for number in range(3):
            await records.submit(files.sample().everywhere("MA_LK", f"DONE-{number}").bytes())
        await refused(records.submit(faulty("BAD-1")))
        with clock.fixed(MONDAY + timedelta(days=1)):
            await refused(records.submit(faulty("BAD-2")))
        keys, token = [], ""
        while True:
            request = pb.ListEncountersRequest(facility=FACILITY, access=CARE, page_size=2, page_token=token)
            page = await records.encounters().ListEncounters(request)
            keys += [each.link_key for each in page.encounters]
            if not (token := page.next_page_token):
                break

    assert keys[:3] == [KEY, "BAD-1", "BAD-2"]
    assert sorted(keys[3:]) == ["DONE-0", "DONE-1", "DONE-2"]


async def test_the_list_is_cut_to_a_state_and_to_what_is_late(records: Records):
    with clock.fixed(MONDAY):
        await records.check_in(files.CHECK_IN)
        await records.submit(files.sample().everywhere("MA_LK", "DONE").bytes())
        await refused(records.submit(faulty("BAD")))
        of_state = await listed(records, states=["STATE_REFUSED", "STATE_ACCEPTED"])
        early = await listed(records, late=True)
    with clock.fixed(MONDAY + timedelta(days=1)):
        late = await listed(records, late=True)

    assert {each.link_key for each in of_state} == {"DONE", "BAD"}
    assert not early
    assert [each.link_key for each in late] == [KEY]


async def test_what_was_due_long_ago_can_be_left_out(records: Records):
    with clock.fixed(MONDAY):
        await records.check_in(files.CHECK_IN)
        await refused(records.submit(faulty("BAD")))
        # The check-in's dossier is due when Monday is over, the correction when Wednesday is.
        at_once = await listed(records, due_since=moment("2026-11-24 00:00"))
        later = await listed(records, due_since=moment("2026-11-24 00:01"))

    assert [each.link_key for each in at_once] == [KEY, "BAD"]
    assert [each.link_key for each in later] == ["BAD"]


async def test_a_refused_file_of_a_stream_is_listed_too(records: Records):
    async def stream() -> AsyncIterator[dossiers.SubmitDossiersRequest]:
        for content in (faulty("BAD"), files.DOSSIER):
            yield dossiers.SubmitDossiersRequest(request_id=str(uuid4()), content=content)

    answers = [answer async for answer in records.dossiers().SubmitDossiers(stream())]

    assert len(answers) == 2
    states = {each.link_key: each.state for each in await listed(records)}
    assert states == {"BAD": EncounterStatus.STATE_REFUSED, KEY: EncounterStatus.STATE_ACCEPTED}


async def test_holidays_of_the_government_put_off_what_is_due(world: World):
    records = await Records(world).start(holidays=frozenset({(MONDAY + timedelta(days=1)).date()}))
    with clock.fixed(MONDAY):
        await refused(records.submit(faulty()))

        assert due(await only(records)) == moment("2026-11-27 00:00")


@pytest.mark.parametrize("day", [27, 30])
async def test_a_stay_is_waited_for_and_not_the_visit_before_it(records: Records, day: int):
    with clock.fixed(MONDAY):
        await records.check_in(files.CHECK_IN)
        await records.check_in(files.CHECK_IN.replace(b"<MA_LOAI_KCB>01", b"<MA_LOAI_KCB>02"))
    with clock.fixed(datetime(2026, 11, day, tzinfo=VIETNAM)):
        assert not (await only(records)).late


async def test_an_unknown_person_is_refused_and_listed_without_their_number(records: Records):
    stranger = "001385000099"
    await refused(records.submit(files.sample().everywhere("SO_CCCD", stranger).bytes()))

    encounter = await only(records)

    assert [finding.rule for finding in encounter.refusals] == ["person-unknown"]
    assert stranger not in await records.everything_stored()


async def test_a_broken_signature_leaves_its_trace_too(records: Records):
    signature = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'
    refusal = await refused(records.submit(files.sample().bytes(signature=signature)))

    encounter = await only(records)

    assert refusal.reason == encounter.refuse_reason == reasons.SIGNATURE_INVALID.name
    assert encounter.state == EncounterStatus.STATE_REFUSED


async def test_what_was_not_answered_and_what_names_no_encounter_leave_none(world: World):
    records = await Records(world).start(identity_address=world.nowhere())

    assert (await refused(records.submit(files.DOSSIER))).code == StatusCode.UNAVAILABLE
    assert (await refused(records.submit(b"<GIAMDINHHS/>"))).code == StatusCode.INVALID_ARGUMENT
    assert (await refused(records.submit(files.sample().drop("XML1", 1, "MA_LK").bytes()))).violations

    assert await records.rows("SELECT FROM encounter_states") == []


async def test_another_facility_sees_nothing_and_files_of_others_leave_nothing(records: Records):
    await refused(records.submit(faulty(), "facility/79999"))
    await records.submit(files.DOSSIER)
    request = pb.ListEncountersRequest(facility=FACILITY, access=CARE)

    refusal = await refused(records.encounters("facility/79999").ListEncounters(request))

    assert refusal.code == StatusCode.PERMISSION_DENIED
    assert len(await records.rows("SELECT FROM encounter_states")) == 1


async def test_what_is_late_is_counted_by_what_is_due(records: Records):
    with clock.fixed(MONDAY):
        await records.check_in(files.CHECK_IN)
        await refused(records.submit(faulty("BAD")))
        late = LateEncounters(records.running.db)
        await late.read()
        before = {labels["duty"]: value for value, labels in late._reading()}
    with clock.fixed(MONDAY + timedelta(days=1)):
        await late.read()
        after = {labels["duty"]: value for value, labels in late._reading()}

    assert before == {"dossier": 0, "correction": 0, "payment_request": 0}
    assert after == {"dossier": 1, "correction": 0, "payment_request": 0}
