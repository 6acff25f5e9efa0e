"""
Nothing that has happened lies in the future: which fields are bound, which only doubted, which are free.

A field of a date that is not named here tells of what has happened, in whatever table it stands: a new
one is bound until somebody says otherwise (docs/adr/0035).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Final

from lxml import etree

from .envelope import INFO
from .field_formats import is_day
from .located_rows import LocatedRow
from .report import Findings, Place
from .tables import Table

# How far a hospital's clock may run ahead: that of `chassis.clock`, with which a test holds this together.
MAX_CLOCK_SKEW: Final = timedelta(minutes=15)

VIETNAM: Final = timezone(timedelta(hours=7))

# What may lie ahead, and why.
MAY_LIE_AHEAD: Final = {
    "GT_THE_TU": "a card that begins later, beside the one in use; `card-not-yet` judges it",
    "GT_THE_DEN": "the end of a card",
    "NAM_NAM_LIEN_TUC": "the day on which five insured years will be reached",
    "NGAY_MIEN_CCT": "from when no costs are shared, as the insurance wrote it",
    "NGAY_TAI_KHAM": "days to come again",
    "NGAY_HEN_KL": "the day to come again",
    "TU_NGAY": "leave may begin tomorrow",
    "DEN_NGAY": "the end of leave",
    "NGOAITRU_TUNGAY": "rest at home may begin tomorrow",
    "NGOAITRU_DENNGAY": "the end of rest at home",
    "NGAYKT_DTRI_LAO": "the planned end of a treatment",
    "NGAY_KET_THUC_XU_TRI": "the planned end of a measure",
}

# What should have happened, yet is also written of what was decided for later: doubted only.
DOUBTED_AHEAD: Final = {
    "NGAY_BAT_DAU_DT_CTX": "the beginning of a prophylaxis",
    "NGAY_BAT_DAU_XU_TRI": "the beginning of a measure",
    "NGAY_CHUYEN_PHAC_DO": "the change of a regimen",
}


def latest_time(now: datetime) -> str:
    """Return the last minute that may have happened at *now*, as the tables write it: yyyyMMddHHmm."""
    return f"{(now + MAX_CLOCK_SKEW).astimezone(VIETNAM):%Y%m%d%H%M}"


def present() -> datetime:
    """Return what time it is by this machine's clock, for whoever has no other."""
    return datetime.now(UTC)


# Told under its own rule (`birth-in-future`), for it is judged against the arrival first.
BIRTH: Final = "NGAY_SINH"


@cache
def bound_fields(table: Table) -> tuple[str, ...]:
    """Return the names of the fields of *table* that tell of what has happened."""
    return tuple(
        field.name
        for field in table.fields
        if (field.kind in ("date", "datetime") or field.format.startswith("yyyyMMdd"))
        and field.name not in MAY_LIE_AHEAD
        and field.name != BIRTH
    )


def check_past(rows: Sequence[LocatedRow], latest: str, findings: Findings) -> None:
    """Refuse or doubt what lies after *latest*: the first field of a row, which is one cause.

    What only repeats such a value of XML1 is not named again.
    """
    main = next((located.row.values for located in rows if located.sheet.code == "XML1"), {})
    for located in rows:
        late = list(ahead(located, latest))
        if not late:
            continue
        named = located.sheet.code == "XML1" or any(
            located.row.values[name] != main.get(name) for name in late
        )
        refused = next((name for name in late if name not in DOUBTED_AHEAD), "")
        if named and refused:
            located.note(findings, "time-in-future", refused)
        for name in late:
            if named and name in DOUBTED_AHEAD:
                located.note(findings, "time-ahead-doubt", name)
        located.row.faulty.update(name for name in late if name not in DOUBTED_AHEAD)


def ahead(located: LocatedRow, latest: str) -> Iterable[str]:
    """Give the bound fields of which a value lies after *latest*.

    Dates compare as they are written; a day is less than every time of it.
    """
    values = located.row.values
    for name in bound_fields(located.table):
        value = values.get(name, "")
        if (value > latest or ";" in value) and is_after(value, latest) and name not in located.row.faulty:
            yield name


def is_after(values: str, latest: str) -> bool:
    return any(value.strip() > latest for value in values.split(";"))


def check_making(root: etree._Element, latest: str, findings: Findings) -> None:
    """Refuse a file that was made in the future (NGAYLAP)."""
    value = (root.findtext("{*}THONGTINHOSO/{*}NGAYLAP") or "").strip()
    if is_day(value) and value > latest:
        findings.add("time-in-future", f"{INFO}.NGAYLAP", Place(0, 0, 0, 2))
