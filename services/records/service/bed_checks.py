"""
Beds (giường) that two dossiers of a facility are paid for at one time: a doubt at each line of the later one.

Of two that come at once neither sees the other; a bed that a version has no more is free.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chassis.db import Database, Transaction
from common.faults import Fault
from common.values import VIETNAM
from kcb.bed_overlaps import every_use, overlaps
from kcb.registers import BedUse
from kcb.report import Findings, Place, Report, Row

from ..convert.findings import finding_to_fault
from ..model.clinical_history import instant_of
from ..store import bed_uses as store
from .submission_checks import CheckedFile, in_thread


class BedChecks:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def check(self, file: CheckedFile) -> CheckedFile:
        """Return a dossier, with a warning at each line whose bed another one has meanwhile."""
        rows = file.report.rows("XML3")
        uses = uses_of(rows)
        if not uses:
            return file
        beds = sorted({bed for bed, _, _ in uses})
        begin, end = min(each for _, each, _ in uses), max(each for _, _, each in uses)
        async with self._db.connection() as tx:
            others = await store.list_uses_of_others(
                tx, file.report.facility, link_key(file.report), beds, begin, end
            )
        taken: defaultdict[tuple[str, str], list[BedUse]] = defaultdict(list)
        for bed, first, last in others:
            taken[bed].append(BedUse(written(first), written(last)))
        if not taken:
            return file
        # In a thread: of 20,000 lines each may be held against hundreds of stays in the same bed.
        doubts = await in_thread(bed_doubts, rows, taken, file.report.sheets["XML3"].index)
        return replace(file, warnings=(*file.warnings, *doubts))


def bed_doubts(
    rows: Iterable[Row], taken: Mapping[tuple[str, str], Sequence[BedUse]], table: int
) -> list[Fault]:
    """Return a doubt at each row of XML3, the *table*-th of its file, whose bed is *taken* meanwhile."""
    findings = Findings()
    for row in rows:
        if overlaps(row, taken):
            findings.add("bed-overlap", f"XML3[{row.number}].MA_GIUONG", Place(1, table, row.number))
    return list(map(finding_to_fault, findings.in_order()))


async def keep_beds(tx: Transaction, report: Report) -> None:
    """Keep which beds an accepted dossier is paid for."""
    await store.replace_uses(tx, report.facility, link_key(report), uses_of(report.rows("XML3")))


async def free_beds(tx: Transaction, facility: str, link_key: str) -> None:
    """Keep that a dossier that was withdrawn has no beds."""
    await store.replace_uses(tx, facility, link_key, ())


def link_key(report: Report) -> str:
    return report.rows("XML1")[0].get("MA_LK")


def uses_of(rows: list[Row]) -> set[store.Use]:
    uses = ((bed, instant_of(use.first), instant_of(use.last)) for bed, use in every_use(rows))
    return {(bed, first, last) for bed, first, last in uses if first and last}


def written(moment: datetime) -> str:
    """Return an instant as the tables write it: yyyyMMddHHmm."""
    return f"{moment.astimezone(VIETNAM):%Y%m%d%H%M}"
