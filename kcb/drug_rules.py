"""
Drugs (XML2): the tender, the dose and its days.  Read in one secondary source; doubts only.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from .amounts import ONE, milli
from .dossier_facts import Dossier, values_in
from .located_rows import LocatedRow
from .notes import Notes
from .service_rules import check_licences

TENDER: Final = re.compile(r"G[1-9]\d?;N[1-9]\d?;\d{4}", re.ASCII)

# `1 viên/lần * 2 lần/ngày * 5 ngày`: what is not written so is not read.
_DOSE: Final = re.compile(
    r"(\d{1,4}(?:[.,]\d{1,3})?)\s*[^\d*×/]*/\s*lần\s*[*×x]\s*(\d{1,3})\s*lần\s*/\s*ngày\s*[*×x]\s*(\d{1,3})\s*ngày",
    re.IGNORECASE,
)
# Days of drugs at once (TT 26/2025/TT-BYT): the list of the 252 chronic diseases is not here, so that what
# is surely chronic is held against its longer limit.
MAX_DAYS, MAX_CHRONIC_DAYS = 30, 90
_CHRONIC: Final = re.compile(
    r"A1[5-9]|B(18|2[0-4])|C\d\d|D(0[0-9]|5[5-9]|6[0-9]|8[0-9])|E\d\d|F\d\d|G(1\d|2\d|3\d|4\d|7\d)|H40|I\d\d"
    r"|J(4[1-7]|84)|K(2[15-7]|5[0-2]|7\d)|L(1[0-4]|40|93)|M(0[5-9]|1\d|3[0-6]|4[5-7]|8\d)|N(0[1-8]|1[1-9]|2[05])|Q\d\d|Z\d\d"
)


class Dose(NamedTuple):
    """A dose that was read surely: its product, in thousandths, and its days."""

    quantity: Decimal
    days: int


@lru_cache(maxsize=4096)
def dose(text: str) -> Dose | None:
    match = _DOSE.fullmatch(text.strip().rstrip("."))
    if not match:
        return None
    each, times, days = Decimal(match[1].replace(",", ".")), int(match[2]), int(match[3])
    return Dose(each * times * days * ONE, days)


def check_drug(line: LocatedRow, dossier: Dossier, notes: Notes) -> None:
    row = line.row
    tender = row.get("TT_THAU")
    if tender:
        check_tender(line, tender, notes)
    check_licences(line, ("MA_BAC_SI",), notes)
    taken = dose(row.get("LIEU_DUNG"))
    if taken is None:
        return
    quantity = milli(row.get("SO_LUONG"))
    if quantity is not None and quantity != taken.quantity:
        notes.add(line, "dose-quantity", "SO_LUONG", expected="SO_LUONG = LIEU_DUNG")
    most = MAX_CHRONIC_DAYS if is_chronic(dossier) else MAX_DAYS
    if taken.days > most:
        notes.add(line, "dose-30-days", "LIEU_DUNG", expected=f"≤ {most}", found=str(taken.days))


def check_tender(line: LocatedRow, tender: str, notes: Notes) -> None:
    parts = [part.strip() for part in tender.split(";")]
    if len(parts) < 4 or not parts[0] or not TENDER.fullmatch(";".join(parts[1:4])):
        notes.add(line, "code-drug-tender", "TT_THAU", expected="…;G1–G99;N1–N99;yyyy")


def is_chronic(dossier: Dossier) -> bool:
    codes = (dossier.value("MA_BENH_CHINH"), *values_in(dossier.value("MA_BENH_KT")))
    return any(map(_CHRONIC.match, codes))
