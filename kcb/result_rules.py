"""
Results (XML4) against the services (XML3), and progress notes (XML5).
"""

from collections import defaultdict
from typing import Final

from .dossier_facts import Dossier, later_by
from .line_times import check_note_time
from .located_rows import LocatedRow
from .notes import Notes
from .service_rules import bare_service, check_licences

IMAGING: Final = "2"
# Services whose results stand in XML4.
WITH_RESULTS: Final = frozenset({"1", "2", "3"})


class Results:
    """The results of one dossier beside its services, which come first in the file or not."""

    def __init__(self, dossier: Dossier, notes: Notes) -> None:
        self._dossier, self._notes = dossier, notes
        self._times: defaultdict[str, set[str]] = defaultdict(set)
        self._imaging: set[str] = set()
        self._unknown_times: set[str] = set()
        self.wanted = False

    def add_service(self, line: LocatedRow) -> None:
        row = line.row
        service, reported, group = row.get("MA_DICH_VU"), row.get("NGAY_KQ"), row.get("MA_NHOM")
        if group in WITH_RESULTS and reported:
            self.wanted = True
        if not service:
            return
        bare = bare_service(service)
        if group == IMAGING:
            self._imaging.add(bare)
        times = self._times[bare]
        if reported:
            times.add(reported)
        if "NGAY_KQ" in row.faulty:
            self._unknown_times.add(bare)

    def check(self, result: LocatedRow) -> None:
        row, notes = result.row, self._notes
        service, value = bare_service(row.get("MA_DICH_VU")), row.get("GIA_TRI")
        self._check_time(result, service)
        check_licences(result, ("MA_BS_DOC_KQ",), notes)
        if service and service not in self._times:
            notes.add(result, "result-without-service", "MA_DICH_VU", expected="XML3.MA_DICH_VU")
        wholly = "GIA_TRI" not in row.faulty
        if wholly and not (value or row.get("MO_TA") or row.get("KET_LUAN")):
            notes.add(result, "result-empty", "GIA_TRI", expected="GIA_TRI, MO_TA, KET_LUAN")
        if (value or row.get("DON_VI_DO")) and row.values.get("MA_CHI_SO") == "":
            notes.add(result, "result-uncoded", "MA_CHI_SO")
        if service in self._imaging and row.values.get("KET_LUAN") == "":
            notes.add(result, "imaging-conclusion", "KET_LUAN")

    def _check_time(self, result: LocatedRow, service: str) -> None:
        reported, arrival = result.row.get("NGAY_KQ"), self._dossier.arrival
        if not reported:
            return
        if arrival and reported < arrival:
            distance = later_by(arrival, reported)
            self._notes.add_refusal(
                result, "result-before-arrival", "NGAY_KQ", expected="NGAY_KQ ≥ NGAY_VAO", found=distance
            )
            return
        times = self._times.get(service)
        if times and service not in self._unknown_times and reported not in times:
            self._notes.add(result, "result-time-differs", "NGAY_KQ", expected="XML3.NGAY_KQ")


class ProgressNotes:
    """The progress notes (diễn biến lâm sàng) of one dossier."""

    def __init__(self, dossier: Dossier, notes: Notes) -> None:
        self._dossier, self._notes = dossier, notes
        self._texts: set[str] = set()

    def check(self, written: LocatedRow) -> None:
        check_note_time(written, self._dossier, self._notes)
        check_licences(written, ("NGUOI_THUC_HIEN",), self._notes)
        text = written.row.get("DIEN_BIEN_LS")
        if text in self._texts:
            self._notes.add(written, "note-twice", "DIEN_BIEN_LS")
        elif text:
            self._texts.add(text)
