"""Migrations: in order, by phase, one at a time; and the check that schema and migrations agree."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from chassis import migrate
from chassis.migrate import run_in_new_loop
from chassis.schema import CHASSIS, chassis_tables
from tests.databases import Databases

ENV = """
from sqlalchemy import MetaData
from chassis.migrate import run_env
run_env(MetaData())
"""

HEAD = """
from alembic import op
from chassis.migrate import create_newest_chassis_tables
revision = "{}"
down_revision = {}
"""

FILES = {
    "0001_pre_first": "create_newest_chassis_tables(op)",
    "0002_pre_goods": 'op.execute("CREATE TABLE goods (id int CONSTRAINT goods_pkey PRIMARY KEY, old text)")',
    "0003_post_goods": 'op.execute("ALTER TABLE goods DROP COLUMN old")',
    "0004_pre_price": 'op.execute("ALTER TABLE goods ADD price int NOT NULL DEFAULT 1")',
    "0005_post_price": 'op.execute("ALTER TABLE goods ADD CONSTRAINT goods_price CHECK (price > 0)")',
}


class Shop:
    """A throw-away package with migrations."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.versions = folder / name / "migrations" / "versions"
        self.versions.mkdir(parents=True)
        (folder / name / "__init__.py").write_text("")
        (self.versions.parent / "env.py").write_text(ENV)

    def add(self, *names: str) -> None:
        for name in names:
            number = int(name[:4])
            before = None if number == 1 else f"{number - 1:04}"
            head = HEAD.format(name[:4], repr(before))
            (self.versions / f"{name}.py").write_text(f"{head}\ndef upgrade():\n    {FILES[name]}\n")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Shop("shop_of_the_test", tmp_path)
    yield made
    sys.modules.pop(made.name, None)


def ask(url: str, question: str) -> object:
    async def run() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return run_in_new_loop(run())


def version(url: str) -> object:
    return ask(url, "SELECT version_num FROM alembic_version")


def test_everything_is_applied_once(shop: Shop, databases: Databases):
    url = databases.empty()
    shop.add(*FILES)

    migrate.upgrade(shop.name, url)
    migrate.upgrade(shop.name, url)

    assert version(url) == "0005"


def test_pre_stops_before_the_post_files_of_this_release(shop: Shop, databases: Databases):
    url = databases.empty()
    shop.add("0001_pre_first", "0002_pre_goods", "0003_post_goods")

    migrate.upgrade(shop.name, url, "pre")
    assert version(url) == "0002"
    migrate.upgrade(shop.name, url, "post")
    assert version(url) == "0003"


def test_pre_takes_along_the_post_files_of_earlier_releases(shop: Shop, databases: Databases):
    url = databases.empty()
    shop.add(*FILES)

    migrate.upgrade(shop.name, url, "pre")

    assert version(url) == "0004"


def test_pre_never_goes_back(shop: Shop, databases: Databases):
    url = databases.empty()
    shop.add(*FILES)
    migrate.upgrade(shop.name, url)

    migrate.upgrade(shop.name, url, "pre")

    assert version(url) == "0005"


def test_two_jobs_at_once_do_not_race(shop: Shop, databases: Databases):
    url = databases.empty()
    shop.add(*FILES)
    code = f"from chassis import migrate; migrate.upgrade({shop.name!r}, {url!r})"
    failed: list[int] = []

    def job() -> None:
        path = ":".join(str(part) for part in (shop.versions.parents[2], Path.cwd(), Path.cwd() / "gen"))
        done = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, check=False
        )
        failed.append(done.returncode)

    jobs = [threading.Thread(target=job) for _ in range(2)]
    for one in jobs:
        one.start()
    for one in jobs:
        one.join()

    assert (failed, version(url)) == ([0, 0], "0005")


def test_a_migration_waits_briefly_for_a_lock_and_a_minute_for_itself(shop: Shop, databases: Databases):
    url = databases.empty()
    shop.add("0001_pre_first")
    settings = "current_setting('lock_timeout') l, current_setting('statement_timeout') s"
    limits = f'op.execute("CREATE TABLE limits AS SELECT {settings}")'
    file = shop.versions / "0002_pre_limits.py"
    file.write_text(HEAD.format("0002", "'0001'") + f"\ndef upgrade():\n    {limits}\n")

    migrate.upgrade(shop.name, url)

    assert ask(url, "SELECT l || ' ' || s FROM limits") == "4s 1min"


def test_a_file_that_fails_leaves_the_ones_before_it(shop: Shop, databases: Databases):
    url = databases.empty()
    shop.add("0001_pre_first")
    file = shop.versions / "0002_pre_wrong.py"
    file.write_text(
        HEAD.format("0002", "'0001'")
        + '\ndef upgrade():\n    op.execute("CREATE TABLE half (n int)")\n    op.execute("SELECT wrong")\n'
    )

    with pytest.raises(Exception, match="wrong"):
        migrate.upgrade(shop.name, url)

    assert (version(url), ask(url, "SELECT to_regclass('half')")) == ("0001", None)


def test_a_file_without_a_phase_is_refused(shop: Shop, databases: Databases):
    (shop.versions / "0001_first.py").write_text(HEAD.format("0001", None) + "\ndef upgrade(): ...\n")

    with pytest.raises(ValueError, match="0001_pre_what"):
        migrate.upgrade(shop.name, databases.empty())


def test_the_command_names_the_variable_that_is_missing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delenv("IDENTITY_DATABASE_URL", raising=False)

    with pytest.raises(SystemExit) as ended:
        migrate.main(["services.identity", "--phase", "pre"])

    assert ended.value.code == 78
    assert "IDENTITY_DATABASE_URL" in capsys.readouterr().err


def test_the_command_migrates_the_database_of_the_environment(
    shop: Shop, databases: Databases, monkeypatch: pytest.MonkeyPatch
):
    url = databases.empty()
    shop.add(*FILES)
    monkeypatch.setenv("SHOP_OF_THE_TEST_DATABASE_URL", url)

    migrate.main([shop.name, "--phase", "pre"])

    assert version(url) == "0004"


def test_the_migrations_of_the_chassis_make_its_tables(shop: Shop, databases: Databases):
    url = databases.empty()
    shop.add("0001_pre_first")

    migrate.upgrade(shop.name, url)

    assert migrate.same_schema(url, CHASSIS) == []


def test_the_access_log_refuses_any_change(shop: Shop, databases: Databases):
    url = databases.empty()
    shop.add("0001_pre_first")
    migrate.upgrade(shop.name, url)
    row = (
        "INSERT INTO audit (caller, practitioner, method, subject, purpose, legal_basis, reason, allowed,"
        " flagged, trace_id) VALUES ('c', '', 'm', 's', 1, 1, '', true, false, '')"
    )
    ask(url, row)

    for change in ("UPDATE audit SET caller = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(asyncpg.RaiseError, match="only ever added"):
            ask(url, change)
    assert ask(url, "SELECT count(*) FROM audit_default") == 0


def described(*goods: Column[object] | Index | CheckConstraint) -> MetaData:
    """Return the schema that the five files make, with *goods* in its own table."""
    metadata = MetaData()
    chassis_tables(metadata)
    Table(
        "goods",
        metadata,
        Column("id", Integer, autoincrement=False),
        PrimaryKeyConstraint("id", name="goods_pkey"),
        *goods,
    )
    return metadata


def price() -> Column[object]:
    return Column("price", Integer, nullable=False, server_default=text("1"))


def test_a_schema_that_says_the_same_has_no_difference(shop: Shop, databases: Databases):
    url = databases.empty()
    shop.add(*FILES)
    migrate.upgrade(shop.name, url)

    assert (
        migrate.same_schema(url, described(price(), CheckConstraint("price > 0", name="goods_price"))) == []
    )


def test_every_kind_of_difference_is_a_sentence(shop: Shop, databases: Databases):
    url = databases.empty()
    shop.add(*FILES)
    migrate.upgrade(shop.name, url)
    cheap = Column("price", Text, nullable=False, server_default=text("'1'"))
    other = described(cheap, Column("extra", Text), Index("goods_extra", "extra"))

    assert migrate.same_schema(url, other) == [
        "only in the migrations: column goods.price: integer NOT NULL DEFAULT 1",
        "only in the migrations: constraint goods.goods_price: CHECK ((price > 0))",
        "only in the schema: column goods.extra: text",
        "only in the schema: column goods.price: text NOT NULL DEFAULT '1'::text",
        "only in the schema: index goods.goods_extra: CREATE INDEX goods_extra ON goods USING btree (extra)",
    ]
    assert ask(url, "SELECT to_regnamespace('as_described')") is None
