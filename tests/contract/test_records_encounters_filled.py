"""The list of encounters is filled from what was there before it, and with what older servers did since."""

from datetime import datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from chassis.clock import VIETNAM
from lientuyen.records.v1 import dossier_service_pb2 as pb
from services.records.migrations.encounter_states import FILL
from services.records.model.encounter_deadlines import Duty
from services.records.store import encounter_states as store
from tests.harness import World, refused
from tests.samples import files

from .records_env import CARE, Records

KEY = "01999.SYN.000001"
READ = "SELECT id, link_key, state, sort_time, duty, due_time FROM encounter_states ORDER BY link_key"


@pytest.fixture
async def records(world: World) -> Records:
    return await Records(world).start()


def replacing(key: str = KEY) -> bytes:
    """Return another version of a dossier."""
    return files.sample().everywhere("MA_LK", key).set("XML1", 1, "CAN_NANG", "61").bytes()


async def withdraw(records: Records, name: str) -> None:
    dossier = await records.dossiers().GetDossier(pb.GetDossierRequest(name=name, access=CARE))
    request = pb.WithdrawDossierRequest(
        request_id=str(uuid4()), name=name, etag=dossier.dossier.etag, reason="gửi nhầm"
    )
    await records.dossiers().WithdrawDossier(request)


async def fill(records: Records) -> None:
    for statement in FILL:
        await records.rows(statement.replace(":facility", "$1"), "01999")


async def listed(records: Records) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await records.rows(READ)]


async def test_what_is_there_before_the_list_is_taken_into_it(records: Records):
    """The statements that fill it anew say what was written one by one, but for the calendar."""
    await records.check_in(files.CHECK_IN)
    await records.check_in(files.CHECK_IN.replace(KEY.encode(), b"WAITING"))
    await records.submit(files.DOSSIER)
    before = await listed(records)
    await records.rows("DELETE FROM encounter_states")

    await fill(records)
    await fill(records)

    assert await listed(records) == before
    late = datetime(2028, 1, 1, tzinfo=VIETNAM)
    async with records.running.db.connection() as tx:
        assert await store.count_late(tx, late + timedelta(days=1)) == {Duty.DOSSIER: 1}


async def test_what_a_server_of_before_did_since_is_taken_in(records: Records):
    """It wrote the dossiers and not the list: here the list is put back to where it was."""
    await records.submit(files.DOSSIER)
    await records.submit(files.sample().everywhere("MA_LK", "GONE").bytes())
    await refused(
        records.submit(files.sample().everywhere("MA_LK", "BAD").set("XML1", 1, "GIOI_TINH", "7").bytes())
    )
    taken = (await records.submit(files.sample().everywhere("MA_LK", "BACK").bytes())).dossier
    await withdraw(records, taken.name)
    await records.rows("CREATE TABLE kept AS SELECT * FROM encounter_states")
    await records.submit(replacing())
    gone = (await records.submit(replacing("GONE"))).dossier
    await withdraw(records, gone.name)
    await records.submit(replacing("BAD"))
    await records.submit(replacing("BACK"))
    await records.rows("DELETE FROM encounter_states")
    await records.rows("INSERT INTO encounter_states SELECT * FROM kept")

    await fill(records)

    states = {row[1]: row[2] for row in await listed(records)}
    assert states == {KEY: "corrected", "GONE": "withdrawn", "BAD": "corrected", "BACK": "corrected"}


async def test_filling_it_again_holds_up_no_server(records: Records):
    """What needs nothing is not locked: servers go on writing while it is filled."""
    await records.submit(files.DOSSIER)
    await refused(
        records.submit(files.sample().everywhere("MA_LK", "BAD").set("XML1", 1, "GIOI_TINH", "7").bytes())
    )
    connection = await asyncpg.connect(records.running.settings.database_url)
    try:
        async with connection.transaction():
            for statement in FILL:
                await connection.execute(statement.replace(":facility", "$1"), "01999")
            free = await records.rows("SELECT FROM encounter_states FOR UPDATE SKIP LOCKED")
    finally:
        await connection.close()

    assert len(free) == 2
