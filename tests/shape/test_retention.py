"""docs/retention.md has every table of the four databases, each with its source, and the code's periods."""

import re
from importlib import import_module

import pytest

from chassis import idempotency, outbox_sweep
from chassis.archives.kinds import ACCESS_LOG, kinds_of
from chassis.schema import CHASSIS
from services.identity.portal import retry_schedule
from services.pharmacy.store import claims
from services.records.store import bed_uses
from services.routing.schema import ARCHIVED
from services.routing.service import expiry_and_retention
from services.routing.settings import Settings

from .contract import ROOT, SERVICES

EVERYWHERE = "every database"
ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
LAW = re.compile(r"(Luật \d+/\d+|NĐ \d+/\d+|TT \d+/\d+|Chosen: \w+|^as `\w+`)")

ROWS = ROW.findall((ROOT / "docs/retention.md").read_text(encoding="utf8"))
STAYS = {name: stays for name, _, stays, _, _ in ROWS}


def test_every_table_has_its_row_and_every_row_its_table():
    tables = {(name, EVERYWHERE) for name in CHASSIS.tables}
    for service in SERVICES:
        metadata = import_module(f"services.{service}.schema").metadata
        tables |= {(name, service) for name in metadata.tables if name not in CHASSIS.tables}

    assert len(tables) > 35
    assert sorted((name, place) for name, place, *_ in ROWS) == sorted(tables)


@pytest.mark.parametrize(("name", "source"), [(row[0], row[4]) for row in ROWS])
def test_every_table_has_a_law_a_reason_or_another_table_whose_it_shares(name: str, source: str):
    assert LAW.search(source), source
    for other in re.findall(r"^as `(\w+)`", source):
        assert other in STAYS
        assert other != name


@pytest.mark.parametrize(
    ("table", "period"),
    [
        ("audit", f"{ACCESS_LOG.months_kept} months"),
        *((kind.table.name, f"row: {kind.months_kept} months") for kind in ARCHIVED),
        ("messages", f"body: {Settings.model_fields['body_retention_days'].default} days"),
        ("replies", f"{idempotency.RETENTION.days} days"),
        ("outbox", f"delivered: {outbox_sweep.DONE_RETENTION.days} days"),
        ("outbox", f"stopped: {outbox_sweep.DEAD_RETENTION.days} days"),
        ("verifications", f"{retry_schedule.RETENTION.days} days"),
        ("pieces", f"{expiry_and_retention.BROKEN_UPLOAD_AFTER.seconds // 3600} hour"),
        ("claims", f"{claims.PURGE.retention.days} days"),
        ("bed_uses", f"{bed_uses.PURGE.retention.days} days"),
    ],
)
def test_a_period_on_the_page_is_the_code_s(table: str, period: str):
    assert period in STAYS[table]


def test_the_access_log_of_every_service_leaves_by_the_month_and_routing_s_messages():
    kinds = {service: list(kinds_of(f"services.{service}")) for service in SERVICES}

    assert kinds.pop("routing") == ["access-log", "messages"]
    assert set(map(tuple, kinds.values())) == {("access-log",)}
