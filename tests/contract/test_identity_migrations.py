"""Identity's migrations on a database that is in use."""

import asyncpg
from alembic import command
from sqlalchemy import Connection

from chassis import migrate
from chassis.migrate import run_in_new_loop
from tests.databases import Databases

PACKAGE = "services.identity"

# What the first release writes of a person: it knows nothing of merges.
WRITE = """
INSERT INTO persons (id, state, origin, full_name, birth_year, birth_month, birth_day, birth_time, sex,
    nationality, ethnicity, address_line, commune_code, district_code, province_code, phone, facility)
VALUES (gen_random_uuid(), 1, 1, 'Trần Văn Thử', 1985, 3, 9, '', 1, '', '', '', '', '', '', '', '')
"""


def run(url: str, *statements: str) -> list[asyncpg.Record]:
    """Run *statements*; return the rows of the last."""

    async def them() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(url)
        try:
            return [await connection.fetch(one) for one in statements][-1]
        finally:
            await connection.close()

    return run_in_new_loop(them())


def bring_to(url: str, revision: str) -> None:
    """Bring the database to an earlier schema."""

    def upgrade(connection: Connection) -> None:
        config = migrate._config(PACKAGE)
        migrate._prepare(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    migrate._connected(url, upgrade)


def test_a_database_in_use_gets_the_new_schema_and_the_old_code_goes_on(databases: Databases):
    url = databases.empty()
    bring_to(url, "0001_pre_first")
    run(url, WRITE)

    migrate.upgrade(PACKAGE, url, "pre")

    assert len(run(url, WRITE, "SELECT id FROM persons WHERE merged_root IS NULL")) == 2


def test_the_first_step_reads_no_large_table_while_it_holds_it(databases: Databases):
    """ALTER TABLE stops every read of persons until the file's end: no index over them is made in it."""
    url = databases.empty()

    bring_to(url, "0002_pre_merges")

    indexes = run(url, "SELECT indexdef FROM pg_indexes WHERE tablename = 'persons'")
    assert not [row for row in indexes if "merged_root" in row[0]]


def test_an_index_that_was_broken_off_is_made_again(databases: Databases):
    url = databases.empty()
    bring_to(url, "0002_pre_merges")
    run(
        url,
        "CREATE INDEX persons_birth ON persons (birth_year)",
        "CREATE INDEX persons_merged_root ON persons (merged_into)",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'persons_birth'::regclass",
    )

    migrate.upgrade(PACKAGE, url)

    made = dict(
        run(
            url,
            "SELECT c.relname, i.indisvalid AND pg_get_indexdef(c.oid) ~ '(name_key|merged_root IS NOT NULL)'"
            " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE c.relname IN ('persons_birth', 'persons_merged_root')",
        )
    )
    assert made == {"persons_birth": True, "persons_merged_root": True}


# What a release writes of a facility that knows nothing of the kinds of initial care.
WRITE_FACILITY = """
INSERT INTO facilities (code, gln, display_name, kind, level, points, node, former_line, state, address_line,
    commune_code, province_code, max_waiting, keep_days)
VALUES ('01931', '', 'Trạm y tế Mẫu', 3, 1, 0, 'north', 0, 1, '', '', '', 0, 0)
"""


def test_a_release_without_the_kinds_of_initial_care_goes_on_writing_facilities(databases: Databases):
    url = databases.empty()
    migrate.upgrade(PACKAGE, url, "pre")

    rows = run(url, WRITE_FACILITY, "SELECT initial_care, provisionally_ranked FROM facilities")

    assert [tuple(row) for row in rows] == [(0, False)]


def test_the_signing_certificates_of_the_ministrys_list_are_registered(databases: Databases):
    url = databases.empty()
    bring_to(url, "0010_pre_key_sentinel")
    run(
        url,
        """
        INSERT INTO facilities (code, gln, display_name, kind, level, points, node, former_line, state,
            address_line, commune_code, province_code, max_waiting, keep_days)
        VALUES ('01999', '', 'Cơ sở', 1, 2, 0, 'north', 0, 1, '', '', '', 0, 0)
        """,
        """
        INSERT INTO facility_certificates (facility, use, sha256, der, valid_from, valid_to, revoke_time)
        VALUES ('01999', 1, 'calls', '', now(), now(), NULL), ('01999', 2, 'signs', '', now(), now(), now())
        """,
    )

    migrate.upgrade(PACKAGE, url)

    rows = run(url, "SELECT facility, sha256, revoke_time IS NOT NULL FROM signing_certificates")
    assert [tuple(row) for row in rows] == [("01999", "signs", True)]
