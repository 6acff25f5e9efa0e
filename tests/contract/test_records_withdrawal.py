"""A dossier sent in error is taken back: out of the book, its slips cancelled, the person told."""

from uuid import uuid4

import pytest
from grpc import StatusCode

from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1 import health_book_service_pb2 as books
from lientuyen.records.v1.dossier_pb2 import Dossier
from lientuyen.routing.v1.referral_pb2 import Referral
from tests.harness import World, eventually, refused
from tests.samples import files

from .records_env import CARE, CITIZEN, PERSON_NAME, Records
from .slips_env import Exchange, SlipState
from .slips_env import dossier as with_slips

REASON = "Gửi nhầm lượt khám"


@pytest.fixture
async def records(world: World) -> Records:
    return await Records(world).start()


def withdrawal(dossier: Dossier, **changes: str) -> pb.WithdrawDossierRequest:
    fields = {"request_id": str(uuid4()), "name": dossier.name, "etag": dossier.etag, "reason": REASON}
    return pb.WithdrawDossierRequest(**{**fields, **changes})


async def current(records: Records, dossier: Dossier) -> Dossier:
    request = pb.GetDossierRequest(name=dossier.name, access=CARE)
    return (await records.dossiers().GetDossier(request)).dossier


async def test_a_withdrawn_dossier_leaves_the_book_and_its_file_stays(records: Records):
    sent = (await records.submit(files.DOSSIER)).dossier
    before = await current(records, sent)

    reply = await records.dossiers().WithdrawDossier(withdrawal(before))

    assert reply.dossier.state == Dossier.STATE_WITHDRAWN
    assert reply.dossier.etag != before.etag
    book = await records.books("authority/vneid").GetHealthBook(
        books.GetHealthBookRequest(person=PERSON_NAME, access=CITIZEN)
    )
    assert not book.health_book.encounters
    counts = await records.counts()
    assert [counts[table] for table in ("encounters", "diagnoses", "results", "other_rows")] == [0, 0, 0, 0]
    original = records.dossiers().GetOriginal(pb.GetOriginalRequest(name=sent.name, access=CARE))
    assert b"".join([part.chunk async for part in original]) == files.DOSSIER


async def test_the_person_reads_who_took_it_back_and_why(records: Records):
    sent = (await records.submit(files.DOSSIER)).dossier
    await records.dossiers().WithdrawDossier(withdrawal(await current(records, sent)))

    (row,) = await records.rows(
        "SELECT subject, caller, reason FROM audit WHERE method LIKE '%/WithdrawDossier'"
    )
    assert (row["subject"], row["caller"]) == (PERSON_NAME, "facility/01999")
    assert "thu hồi" in row["reason"]
    assert REASON in row["reason"]


async def test_its_slips_are_cancelled_where_they_stand_and_come_again_with_the_next_version(world: World):
    exchange = await Exchange(world).start()
    records = exchange.records
    letter = await records.settled(with_slips())
    await records.settled(with_slips(), "XML14")
    (name,) = [row["id"] for row in await records.rows("SELECT id FROM dossiers")]
    sent = await records.get_dossier(f"//records.lientuyen/dossiers/{name}")

    reply = await records.dossiers().WithdrawDossier(withdrawal(sent))

    gone = await records.settled_of(reply.dossier.name)
    assert (gone.state, gone.resource) == (SlipState.STATE_CANCELLED, letter.resource)
    assert (await exchange.referral(letter.resource)).state == Referral.STATE_CANCELLED

    async def cancelled() -> bool:
        return [row["state"] for row in await exchange.routing.rows("SELECT state FROM appointments")] == [
            "cancelled"
        ]

    await eventually(cancelled)
    again = await records.settled(with_slips())
    assert again.state == SlipState.STATE_ISSUED
    assert again.resource != letter.resource


async def test_the_encounter_may_be_sent_again_with_the_same_bytes(records: Records):
    sent = (await records.submit(files.DOSSIER)).dossier
    await records.dossiers().WithdrawDossier(withdrawal(await current(records, sent)))

    again = await records.submit(files.DOSSIER)

    assert (again.unchanged, again.dossier.version, again.dossier.state) == (False, 2, Dossier.STATE_ACCEPTED)
    assert again.dossier.supersedes == sent.name


@pytest.mark.parametrize("caller", ["facility/79999", "facility/01929"])
async def test_another_facility_cannot_nor_learns_whether_there_is_one(records: Records, caller: str):
    sent = (await records.submit(files.DOSSIER)).dossier
    none = Dossier(name=f"//records.lientuyen/dossiers/{uuid4()}", etag="a")

    refusals = [
        await refused(records.dossiers(caller).WithdrawDossier(withdrawal(dossier)))
        for dossier in (sent, none)
    ]

    assert [refusal.reason for refusal in refusals] == [reasons.DOSSIER_DENIED.name] * 2
    assert (await current(records, sent)).state == Dossier.STATE_ACCEPTED


async def test_only_the_version_that_stands_as_it_was_read(records: Records):
    first = (await records.submit(files.DOSSIER)).dossier
    stale = await refused(records.dossiers().WithdrawDossier(withdrawal(first, etag="another")))
    changed = files.sample().set("XML4", 1, "GIA_TRI", "6.3").bytes()
    await records.submit(changed)
    old = await current(records, first)

    superseded = await refused(records.dossiers().WithdrawDossier(withdrawal(old)))

    assert (stale.code, stale.reason) == (StatusCode.ABORTED, reasons.ETAG_STALE.name)
    assert (superseded.code, superseded.reason) == (
        StatusCode.FAILED_PRECONDITION,
        reasons.DOSSIER_STATE.name,
    )
    assert superseded.metadata["state"] == "STATE_SUPERSEDED"


async def test_a_retry_is_answered_as_the_first_time(records: Records):
    sent = await current(records, (await records.submit(files.DOSSIER)).dossier)
    request = withdrawal(sent)

    first = await records.dossiers().WithdrawDossier(request)
    second = await records.dossiers().WithdrawDossier(request)
    third = await refused(records.dossiers().WithdrawDossier(withdrawal(first.dossier)))

    assert first == second
    assert third.reason == reasons.DOSSIER_STATE.name
