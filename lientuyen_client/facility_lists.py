"""
A folder of lists (danh mục) as the registers that a file is checked against; each file is optional.

| File | Columns |
|---|---|
| `01.csv` | MA_KHOA |
| `02.csv` | MA_BAC_SI |
| `03.csv` | MA_THUOC, TEN_THUOC, SO_DANG_KY, HAM_LUONG, TT_THAU, DON_GIA |
| `04.csv` | MA_VAT_TU, TEN_VAT_TU, TT_THAU, DON_GIA_BH |
| `05.csv` | MA_DICH_VU, TEN_DICH_VU, DON_GIA_BH |
| `06.csv` | MA_MAY |
| `icd10-20260701.csv` | MA_BENH, COT (numbers of the columns 24 to 29 that are marked, `;` between) |
| `annex-1.csv`, `annex-2.csv` | MA_BENH, TU_TUOI, DEN_TUOI (of TT 01/2025/TT-BYT) |
| `machines.csv` | MA_DICH_VU of services that are done with a machine |
| `facilities.csv` | MA_CSKCB |

01 to 06 are the facility's lists 01/DM to 06/DM (TT 12/2026/TT-BTC).  Their rows count from TU_NGAY to
DEN_NGAY, yyyyMMdd, where these are given.  The first column is needed, the others where they are compared.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kcb.registers import FIRST, LAST, Ages, Listed, Listing, Registers

from .csv_files import CsvLines, UnreadableCsv

# The file of each list → its field of `Registers`.
LISTS: Final = {
    "01.csv": "departments",
    "02.csv": "staff",
    "03.csv": "drugs",
    "04.csv": "supplies",
    "05.csv": "services",
    "06.csv": "machines",
}
CODES: Final = {"machines.csv": "services_with_machine", "facilities.csv": "facilities"}
ANNEXES: Final = {"annex-1.csv": "annex_1", "annex-2.csv": "annex_2"}
ICD10: Final = re.compile(r"icd10-(\d{8})\.csv")

FROM, TO = "TU_NGAY", "DEN_NGAY"

Cells = dict[str, str]


def read_lists(folder: Path) -> Registers:
    """Return the registers of *folder*.  Raises OSError, and UnreadableCsv for a file that is no list."""
    files = {path.name: path for path in sorted(folder.iterdir()) if path.suffix == ".csv"}
    registers: dict[str, object] = {LISTS[name]: read_listing(files[name]) for name in LISTS if name in files}
    for name, field in CODES.items():
        if name in files:
            registers[field] = frozenset(code for code, _ in rows_of(files[name]))
    for name, field in ANNEXES.items():
        if name in files:
            registers[field] = {code: ages_of(cells) for code, cells in rows_of(files[name])}
    registers["icd10"] = tuple(
        (match[1], read_icd10(files[name])) for name in files if (match := ICD10.fullmatch(name))
    )
    return Registers(**registers)  # type: ignore[arg-type]


def read_listing(path: Path) -> Listing:
    return Listing(
        Listed(
            code,
            {name: value for name, value in cells.items() if value and name not in (FROM, TO)},
            cells.get(FROM) or FIRST,
            cells.get(TO) or LAST,
        )
        for code, cells in rows_of(path)
    )


def read_icd10(path: Path) -> dict[str, frozenset[int]]:
    return {
        code: frozenset(int(part) for part in cells.get("COT", "").split(";") if part.strip().isdecimal())
        for code, cells in rows_of(path)
    }


def ages_of(cells: Cells) -> Ages:
    least, most = cells.get("TU_TUOI", ""), cells.get("DEN_TUOI", "")
    return Ages(int(least) if least.isdecimal() else 0, int(most) if most.isdecimal() else Ages().most)


def rows_of(path: Path) -> Iterator[tuple[str, Cells]]:
    """Give the first cell of each row, and the others by the names of their columns."""
    with path.open("rb") as file:
        lines = CsvLines(file)
        names = [name.upper() for name in next(lines, [])]
        if not names or not re.fullmatch(r"[A-Z_]+", names[0]):
            raise UnreadableCsv(
                "Dòng đầu phải là tên cột", "The first line names the columns", reason="NO_COLUMNS"
            )
        for cells in lines:
            if cells[0]:
                yield cells[0], dict(zip(names[1:], cells[1:], strict=False))
