"""
Whom identity's directory does not know of a dossier: its practitioners and facilities.  Doubts only.

A directory is never complete, and one in which nobody of the facility stands says nothing.  It is read a
facility at a time and kept for some minutes, so that a dossier costs no question; while identity does not
answer there is no doubt, for a dossier waits for nobody.
"""

from collections.abc import Iterator
from typing import Final

import grpc

from chassis.errors import ServiceError
from common.faults import Fault
from kcb.report import Findings, Place, Report
from kcb.tables import tables

from ..convert.findings import finding_to_fault
from ..directory import Directory
from .time_limits import no_longer_than

# Seconds that identity has to give its directory, when it is read.
READ_TIMEOUT_S: Final = 2.0

PRACTITIONERS: Final = {
    "XML1": ("MA_TTDV",),
    "XML2": ("MA_BAC_SI",),
    "XML3": ("MA_BAC_SI", "NGUOI_THUC_HIEN"),
    "XML4": ("MA_BS_DOC_KQ",),
    "XML5": ("NGUOI_THUC_HIEN",),
    "XML7": ("MA_BS", "MA_TTDV"),
    "XML13": ("MA_BAC_SI", "MA_TTDV"),
    "XML14": ("MA_BAC_SI", "MA_TTDV"),
}
FACILITIES: Final = {"XML1": ("MA_DKBD", "MA_NOI_DI", "MA_NOI_DEN"), "XML13": ("MA_CSKCB_DEN", "MA_NOI_DEN")}

# A licence of somebody who is lent ends with the facility they come from (QĐ 3176/QĐ-BYT).
LENT: Final = ".HD."

# A value, and the first place where it stands.
Found = tuple[str, str, Place]


class DirectoryChecks:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def doubts(self, report: Report) -> tuple[Fault, ...]:
        """Return whom the directory does not know, each at the first place."""
        findings = Findings()
        try:
            with no_longer_than(READ_TIMEOUT_S):
                licences = await self._directory.licences(report.facility)
                facilities = await self._directory.facilities()
        except (ServiceError, grpc.RpcError):
            return ()
        for rule, known, fields in (
            ("practitioner-known", licences, PRACTITIONERS),
            ("facility-known", facilities, FACILITIES),
        ):
            if not known:
                continue
            for value, path, place in first_places(report, fields):
                if value.partition(LENT)[0] not in known:
                    findings.add(rule, path, place)
        return tuple(map(finding_to_fault, findings.in_order()))


def first_places(report: Report, fields: dict[str, tuple[str, ...]]) -> Iterator[Found]:
    """Give the values of *fields*, each once."""
    seen: set[str] = set()
    for code, names in fields.items():
        for row in report.rows(code):
            for name in names:
                values = row.get(name)
                if values in seen:
                    continue
                seen.add(values)
                for value in values.split(";"):
                    bare = value.strip()
                    if bare and (bare == values or bare not in seen):
                        seen.add(bare)
                        path = f"{tables()[code].row_path(row.number)}.{name}"
                        yield bare, path, Place(1, report.sheets[code].index, row.number)
