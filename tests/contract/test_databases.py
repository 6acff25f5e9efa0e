"""The databases of a test go with it: a whole run once left twelve gigabytes behind."""

import asyncio

import asyncpg

from tests.databases import Databases, Templates


async def names(templates: Templates) -> set[str]:
    connection = await asyncpg.connect(templates.cluster.url("postgres"))
    try:
        return {row[0] for row in await connection.fetch("SELECT datname FROM pg_database")}
    finally:
        await connection.close()


async def test_a_tests_databases_are_dropped_though_somebody_is_still_connected(templates: Templates):
    databases = Databases(templates)
    urls = [await asyncio.to_thread(make) for make in (databases.bare, databases.empty)]
    urls.append(await asyncio.to_thread(databases.clone, "pharmacy"))
    lingering = [await asyncpg.connect(url) for url in urls]
    before = await names(templates)

    await asyncio.to_thread(databases.drop)

    assert before - await names(templates) == {url.rpartition("/")[2] for url in urls}
    for connection in lingering:
        connection.terminate()
