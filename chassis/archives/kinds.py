"""What leaves a database by the month, and when: the access log of every service, and what a service adds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Final

from sqlalchemy import Table

from ..schema import audit
from .refusal import ArchiveRefused

# A transaction that began in a month may end after it: a month is whole a day after its end.
SETTLING: Final = timedelta(days=1)

# What says of a row that it is back; no part of what was archived.
RESTORE_TIME: Final = "restore_time"


@dataclass(frozen=True, slots=True)
class Dependent:
    """Rows that go where those of the main table go: of *table*, by *column*, which holds the main id."""

    table: Table
    column: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A main table with an `id`, by the month of *time_column*; it stays *months_kept* after its month.

    *may_leave* is the SQL condition on rows that may go at all.  A *partitioned* table goes by its
    partitions, and all of a month at once; any other by its rows.
    """

    name: str
    table: Table
    time_column: str
    months_kept: int
    may_leave: str = "true"
    dependents: tuple[Dependent, ...] = ()
    partitioned: bool = False
    # Columns whose default tells of the moment at which a row is added: nothing of one that comes back.
    defaults_of_new_rows: tuple[str, ...] = ()

    def columns(self) -> Mapping[str, list[str]]:
        """Return the archived columns of each table, the main one first."""
        tables = (self.table, *(dependent.table for dependent in self.dependents))
        return {table.name: [c.name for c in table.c if c.name != RESTORE_TIME] for table in tables}

    def leaves_from(self, month: datetime) -> datetime:
        """Return the instant from which the month that begins at *month* may be dropped."""
        return add_months(month, 1 + self.months_kept)


# NĐ 363/2026 asks for six months of logs; two years are read without an archive (docs/retention.md).
ACCESS_LOG: Final = Kind(
    "access-log",
    audit,
    "access_time",
    months_kept=24,
    partitioned=True,
    defaults_of_new_rows=("transaction_id",),
)


def kinds_of(package: str) -> dict[str, Kind]:
    """Return the kinds of *package*, `services.routing`, by name: the access log and its ARCHIVED."""
    kinds = (ACCESS_LOG, *getattr(import_module(f"{package}.schema"), "ARCHIVED", ()))
    return {kind.name: kind for kind in kinds}


def parse_month(text: str) -> datetime:
    """Return the first instant, in UTC, of the month written `2025-05`."""
    try:
        month = datetime.strptime(f"{text} +0000", "%Y-%m %z")
    except ValueError:
        raise ArchiveRefused(
            f"'{text}' không phải là tháng dạng 2025-05.", f"'{text}' is no month like 2025-05."
        ) from None
    return month.astimezone(UTC)


def add_months(month: datetime, count: int) -> datetime:
    """Return the first instant of the month that comes *count* months after *month*."""
    at = month.year * 12 + month.month - 1 + count
    return datetime(at // 12, at % 12 + 1, 1, tzinfo=UTC)
