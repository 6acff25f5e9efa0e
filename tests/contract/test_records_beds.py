"""A bed that two dossiers are paid for at one time is doubted at the lines of the later one."""

from datetime import timedelta
from threading import current_thread, main_thread
from typing import Any
from uuid import uuid4

import pytest

from chassis.purging import purge
from kcb.bed_overlaps import overlaps
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1.dossier_pb2 import Dossier
from services.records.service import bed_checks
from services.records.store.bed_uses import PURGE
from tests.corpus.parts import at
from tests.corpus.run import chance
from tests.corpus.shapes import SHAPES
from tests.harness import World

from .records_env import CARE, Records

PATIENT = "//identity.lientuyen/persons/6b0e3d0e-4f6e-4c55-8f7a-2a7b8f1c0d77"


@pytest.fixture
async def records(world: World) -> Records:
    return await Records(world).start()


def stay(records: Records, key: str, *, bed: str = "H001") -> bytes:
    """Return a stay whose person identity knows; each of its lines of beds has *bed* for ten hours."""
    draft = SHAPES["stay"](chance("a stay in a bed"))
    records.identity.add_person(draft.main["SO_CCCD"], draft.main["MA_THE_BHYT"], name=PATIENT)
    for rows in draft.tables.values():
        for row in rows:
            row["MA_LK"] = key
    for row in draft.rows("XML3"):
        if row["MA_GIUONG"]:
            row.update(MA_GIUONG=bed, TYLE_TT_DV="100", NGAY_KQ=at(row["NGAY_TH_YL"], 600))
    return draft.bytes()


def doubts(reply: pb.SubmitDossierResponse) -> set[str]:
    return {each.path for each in reply.warnings if each.rule == "bed-overlap"}


async def withdraw(records: Records, dossier: Dossier) -> None:
    reading = pb.GetDossierRequest(name=dossier.name, access=CARE)
    etag = (await records.dossiers().GetDossier(reading)).dossier.etag
    request = pb.WithdrawDossierRequest(
        request_id=str(uuid4()), name=dossier.name, etag=etag, reason="gửi nhầm"
    )
    await records.dossiers().WithdrawDossier(request)


async def test_a_bed_of_two_dossiers_at_one_time_is_doubted_at_each_line(records: Records):
    first = await records.submit(stay(records, "A"))
    second = await records.submit(stay(records, "B"))

    lines = await records.rows("SELECT DISTINCT begin_time FROM bed_uses")
    assert doubts(first) == set()
    assert len(doubts(second)) == len(lines) > 0
    assert all(path.endswith(".MA_GIUONG") for path in doubts(second))


async def test_who_else_has_a_bed_is_looked_at_in_a_thread(records: Records, monkeypatch: pytest.MonkeyPatch):
    """A line may be held against hundreds of stays, and a file has 20,000: other calls go on meanwhile."""
    threads = set[str]()

    def watched(*arguments: Any) -> bool:
        threads.add(current_thread().name)
        return overlaps(*arguments)

    monkeypatch.setattr(bed_checks, "overlaps", watched)
    await records.submit(stay(records, "A"))

    assert doubts(await records.submit(stay(records, "B")))
    assert threads
    assert main_thread().name not in threads


async def test_another_bed_is_nobodys_concern(records: Records):
    await records.submit(stay(records, "A"))

    assert doubts(await records.submit(stay(records, "B", bed="H002"))) == set()


async def test_the_encounter_s_own_versions_do_not_disturb_each_other(records: Records):
    await records.submit(stay(records, "A"))

    assert doubts(await records.submit(stay(records, "A", bed="H001;H002"))) == set()
    assert doubts(await records.submit(stay(records, "B", bed="H002"))) != set()


async def test_a_bed_that_a_dossier_has_no_more_is_free(records: Records):
    sent = (await records.submit(stay(records, "A"))).dossier
    await records.submit(stay(records, "A", bed="H002"))
    of_another = await records.submit(stay(records, "B"))
    await withdraw(records, of_another.dossier)

    assert doubts(of_another) == set()
    assert doubts(await records.submit(stay(records, "C"))) == set()
    assert sent.version == 1


async def test_uses_go_four_hundred_days_after_they_began(records: Records):
    await records.submit(stay(records, "A"))
    before = len(await records.rows("SELECT FROM bed_uses"))

    assert await purge(records.running.db, PURGE) == 0
    await records.rows("UPDATE bed_uses SET begin_time = begin_time - $1::interval", timedelta(days=500))

    assert await purge(records.running.db, PURGE) == before > 0
