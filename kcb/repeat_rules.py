"""
What other tables repeat of XML1: it is the same, or one of the two is wrong.

Texts are compared as `decomposed` makes them one (composed letters, case, spaces); lists value by value.  A
table that repeats a value which XML1 was refused for is not named again, and neither is what only XML1 shows.
"""

from collections.abc import Mapping
from typing import Final

from .dossier_facts import Dossier, values_in
from .located_rows import LocatedRow
from .notes import Notes
from .sent_tables import TRANSFERRED
from .vietnamese_text import decomposed, has_lost_letters

PERSON: Final = ("HO_TEN", "NGAY_SINH", "GIOI_TINH", "MA_BN")
STAY: Final = ("NGAY_VAO", "NGAY_RA")
REST: Final = (
    *("MA_THE_BHYT", "GT_THE_DEN", "NGAY_VAO_NOI_TRU", "MA_BENH_CHINH"),
    *("MA_DOITUONG_KCB", "SO_CCCD", "CHAN_DOAN_RV"),
)

# A table → rule → the fields that it repeats.
REPEATED: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "XML6": {"repeats-person": PERSON, "repeats-rest": REST},
    "XML7": {"repeats-stay": STAY, "repeats-rest": REST},
    "XML8": {"repeats-stay": STAY, "repeats-course": ("MA_LOAI_KCB", "KET_QUA_DTRI"), "repeats-rest": REST},
    "XML11": {"repeats-rest": REST},
    "XML13": {
        "repeats-person": PERSON,
        "repeats-stay": STAY,
        "repeats-course": ("MA_LOAI_RV", "MA_CSKCB_DEN", "MA_NOI_DEN"),
        "repeats-rest": REST,
    },
    "XML14": {"repeats-person": PERSON, "repeats-stay": STAY, "repeats-rest": REST},
    "XML15": {"repeats-person": PERSON, "repeats-rest": REST},
}

# What XML1 calls otherwise.
IN_MAIN: Final = {"MA_CSKCB_DEN": "MA_NOI_DEN"}
TEXTS: Final = frozenset({"HO_TEN", "CHAN_DOAN_RV"})


def check_repeats(located: LocatedRow, dossier: Dossier, notes: Notes) -> None:
    code = located.sheet.code
    if code in ("XML13", "XML14"):
        check_card_list(located, notes)
    unwanted = code == "XML13" and dossier.value("MA_LOAI_RV") not in TRANSFERRED
    for rule, names in REPEATED[code].items():
        for name in names:
            if unwanted and name == "MA_LOAI_RV":
                continue  # one of the two is wrong, and `sent-xml13-only` says so
            value, main = located.row.get(name), dossier.value(IN_MAIN.get(name, name))
            if value and main and value != main and differs(name, value, main):
                notes.add(located, rule, name, expected=f"XML1.{IN_MAIN.get(name, name)}")


def differs(name: str, value: str, main: str) -> bool:
    """Whether two values of a field are not the same; a slip may tell one value of several."""
    if name in TEXTS:
        lost = has_lost_letters(value) or has_lost_letters(main)  # which is said of it by itself
        return not lost and decomposed(value) != decomposed(main)
    several = values_in(main)
    return values_in(value) != several and not set(values_in(value)) <= set(several)


def check_card_list(located: LocatedRow, notes: Notes) -> None:
    cards, ends = (len(values_in(located.row.get(name))) for name in ("MA_THE_BHYT", "GT_THE_DEN"))
    if cards and ends and cards != ends:
        notes.add(located, "card-lists-parallel-slip", "GT_THE_DEN", expected=str(cards), found=str(ends))
