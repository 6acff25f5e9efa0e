"""Letters that were lost on the way (`Nguy?n V?n A`), where they stand in names and diagnoses."""

from collections.abc import Sequence
from functools import cache
from typing import Final

from .located_rows import LocatedRow
from .report import Findings
from .tables import Table
from .vietnamese_text import has_lost_letters, has_lost_letters_of_name

# Names of people: no question mark stands in one.
NAMES_OF_PEOPLE: Final = frozenset(
    {
        *("HO_TEN", "HO_TEN_CHA", "HO_TEN_ME", "HO_TEN_NND", "HO_TEN_CON", "HOTEN_NGUOI_HT"),
        *("NGUOI_GIAM_HO", "NGUOI_DO_DE", "NGUOI_GHI_PHIEU", "NGUOI_CHU_TRI", "TEN_BS"),
    }
)

# Diagnoses, and names of what was ordered; a doctor's doubt ends with a question mark.
WORDS: Final = frozenset(
    {"CHAN_DOAN_VAO", "CHAN_DOAN_RV", "TEN_THUOC", "TEN_DICH_VU", "TEN_VAT_TU", "TEN_CHI_SO"}
)


@cache
def checked_fields(table: Table) -> tuple[str, ...]:
    return tuple(name for name in table.names if name in NAMES_OF_PEOPLE | WORDS)


def check_letters(rows: Sequence[LocatedRow], findings: Findings) -> None:
    for located in rows:
        values = located.row.values
        for name in checked_fields(located.table):
            value = values.get(name, "")
            if has_lost_letters_of_name(value) and (name in NAMES_OF_PEOPLE or has_lost_letters(value)):
                located.note(findings, "letters-lost", name)
