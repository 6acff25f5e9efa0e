"""A page of what is long has fewer rows: a client takes an answer of 4 MiB, and the list goes on after it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen.records.v1 import encounter_service_pb2 as encounters
from lientuyen.records.v1 import health_book_service_pb2 as books
from services.records.migrations.encounter_states import ID
from tests.harness import World
from tests.samples import files

from .records_env import CARE, CITIZEN, PERSON_NAME, Records

FACILITY = "//identity.lientuyen/facilities/01999"
ROWS = 600

# Findings as long as the longest of the catalogue; twenty of them stay of a refused file, 200 of a dossier.
FINDINGS = """
(SELECT jsonb_agg(jsonb_build_array('time-in-future', 'XML3[' || i || '].NGAY_TH_YL',
                                    repeat('x', 70), repeat('y', 500)))
 FROM generate_series(1, {count}) AS i)
"""
REFUSED = f"""
INSERT INTO encounter_states (id, facility, link_key, state, sort_time, duty, due_time, refuse_time,
                              refuse_reason, refusals, refusal_count)
SELECT {ID}, facility, link_key, 'refused', now(), 2, now(), now(),
       'ERROR_REASON_DOSSIER_REFUSED', {FINDINGS.format(count=20)}, 20
FROM (SELECT '01999' AS facility, 'K-' || n AS link_key FROM generate_series(1, {ROWS}) AS n) AS encounters
"""
WARNED = f"""
INSERT INTO dossiers
SELECT (jsonb_populate_record(d, jsonb_build_object(
           'id', gen_random_uuid(), 'link_key', 'K-' || n, 'warnings', {FINDINGS.format(count=20)}))).*
FROM dossiers AS d, generate_series(2, {ROWS}) AS n
"""
DESCRIBED = f"""
INSERT INTO results
SELECT (jsonb_populate_record(r, jsonb_build_object(
           'id', gen_random_uuid(), 'row_number', 1000 + n, 'description', repeat('y', 9000)))).*
FROM results AS r, generate_series(1, {ROWS}) AS n WHERE r.ctid = (SELECT min(ctid) FROM results)
"""


async def list_encounters(records: Records, **page: Any) -> tuple[list[str], str]:
    request = encounters.ListEncountersRequest(facility=FACILITY, access=CARE, **page)
    response = await records.encounters().ListEncounters(request)
    return [each.link_key for each in response.encounters], response.next_page_token


async def list_dossiers(records: Records, **page: Any) -> tuple[list[str], str]:
    request = dossiers.ListDossiersRequest(facility=FACILITY, access=CARE, **page)
    response = await records.dossiers().ListDossiers(request)
    return [each.name for each in response.dossiers], response.next_page_token


async def list_results(records: Records, **page: Any) -> tuple[list[str], str]:
    request = books.ListResultsRequest(person=PERSON_NAME, access=CITIZEN, **page)
    response = await records.books("authority/vneid").ListResults(request)
    return [each.name for each in response.results], response.next_page_token


async def every_page(
    records: Records, read: Callable[..., Awaitable[tuple[list[str], str]]]
) -> AsyncIterator[list[str]]:
    token = ""
    while True:
        page, token = await read(records, page_size=500, page_token=token)
        yield page
        if not token:
            return


@pytest.mark.parametrize(
    ("statement", "read"),
    [(REFUSED, list_encounters), (WARNED, list_dossiers), (DESCRIBED, list_results)],
    ids=["encounters", "dossiers", "results"],
)
async def test_pages_of_long_rows_are_shorter_and_hold_each_row_once(
    world: World, statement: str, read: Callable[..., Awaitable[tuple[list[str], str]]]
):
    records = await Records(world).start()
    await records.submit(files.DOSSIER)
    await records.rows(statement)

    pages = [page async for page in every_page(records, read)]

    rows = [name for page in pages for name in page]
    assert len(rows) == len(set(rows)) >= ROWS
    assert 1 < len(pages[0]) < 500
