"""Faults of diagnoses, services, operations and doses."""

import random

from .drafts import Draft
from .parts import DOCTOR, at
from .planting import cell_fault, cell_neighbour, fault, neighbour, put

OPERATION, TEST = {"MA_NHOM": "8"}, {"MA_NHOM": "1"}

cell_fault("icd-main-one", "visit stay transfer", "XML1", "MA_BENH_CHINH", "I10;I11", "A00.0;B01.1")


cell_fault("icd-main-one", "transfer", "XML13", "MA_BENH_CHINH", "I10;I11")


cell_fault("icd-main-one", "appointment", "XML14", "MA_BENH_CHINH", "I10; I11")


cell_fault("icd-secondary-12", "visit stay", "XML1", "MA_BENH_KT", ";".join(f"Z{n}" for n in range(10, 23)))


cell_neighbour("icd-secondary-12", "visit", "XML1", "MA_BENH_KT", ";".join(f"Z{n}" for n in range(10, 22)))


cell_neighbour("icd-main-one", "visit", "XML1", "MA_BENH_KT", "Z10")


cell_fault("icd-q87", "visit stay", "XML1", "MA_BENH_KT", "Q87.11", "Z10;Q87.11")


cell_neighbour("icd-q87", "visit", "XML1", "MA_BENH_KT", "Q87.1")


cell_fault("icd-line-unlisted", "visit stay", "XML3", "MA_BENH", "Z00", "Z00.1;Z02")


@fault("icd-main-again", "visit", "stay")
def main_again(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML1", 0, "MA_BENH_KT", f"Z10;{draft.main['MA_BENH_CHINH']}")


@neighbour("icd-line-unlisted", "visit")
def secondary_of_a_line(draft: Draft, rng: random.Random) -> None:
    draft.main["MA_BENH_KT"] = "Z10;Z11"
    draft.tables["XML3"][0]["MA_BENH"] = "Z11"


def another(draft: Draft, **where: str) -> int:
    """Add a copy of a line of XML3 and return its number."""
    row = dict(draft.tables["XML3"][draft.line("XML3", **where)])
    draft.tables["XML3"].append(row)
    draft.settle()
    return len(draft.tables["XML3"])


cell_fault("operation-anaesthesia", "stay day_patient", "XML3", "PP_VO_CAM", "", where=OPERATION)


@fault("operation-quantity", "stay", "day_patient")
def two_operations(draft: Draft, rng: random.Random) -> str:
    named = put(draft, "XML3", draft.line("XML3", **OPERATION), "SO_LUONG", "2")
    draft.settle()
    return named


@fault("operation-second-full", "stay", "day_patient")
def second_in_full(draft: Draft, rng: random.Random) -> str:
    number = another(draft, **OPERATION)
    row = draft.tables["XML3"][number - 1]
    row.update(
        NGAY_YL=at(row["NGAY_YL"], 60), NGAY_TH_YL=at(row["NGAY_TH_YL"], 60), NGAY_KQ=at(row["NGAY_KQ"], 60)
    )
    return f"XML3[{number}].TYLE_TT_DV"


@fault("operator-twice", "stay", "day_patient")
def in_two_places(draft: Draft, rng: random.Random) -> str:
    number = another(draft, **OPERATION)
    draft.tables["XML3"][number - 1]["TYLE_TT_DV"] = "50"
    draft.settle()
    return f"XML3[{number}].NGAY_TH_YL"


@neighbour("operation-second-full", "stay")
@neighbour("operator-twice", "stay")
def second_at_half(draft: Draft, rng: random.Random) -> None:
    number = another(draft, **OPERATION)
    row = draft.tables["XML3"][number - 1]
    row.update(NGAY_YL=at(row["NGAY_YL"], 60), NGAY_TH_YL=at(row["NGAY_TH_YL"], 60), TYLE_TT_DV="50")
    row.update(NGAY_KQ=at(row["NGAY_KQ"], 60))
    draft.settle()


@fault("inpatient-two-examinations", "stay", "day_patient", "emergency")
def examined_twice(draft: Draft, rng: random.Random) -> str:
    return f"XML3[{another(draft, MA_NHOM='13')}].MA_NHOM"


@neighbour("inpatient-two-examinations", "visit")
def examined_by_two(draft: Draft, rng: random.Random) -> None:
    another(draft, MA_NHOM="13")


cell_fault(
    "orderer-performs", "visit", "XML3", "NGUOI_THUC_HIEN", DOCTOR, f"0009/HNO-GPHN;{DOCTOR}", where=TEST
)


@fault("dose-quantity", "visit", "stay", "transfer")
def other_quantity(draft: Draft, rng: random.Random) -> str:
    row = draft.tables["XML2"][0]
    named = put(draft, "XML2", 0, "SO_LUONG", f"{float(row['SO_LUONG']) + rng.choice((1, 5)):.3f}")
    draft.settle()
    return named


@fault("dose-30-days", "visit", "stay")
def long_dose(draft: Draft, rng: random.Random) -> str:
    draft.main["MA_BENH_CHINH"] = "K35.8"
    for row in draft.rows("XML3"):
        row["MA_BENH"] = "K35.8"
    days = rng.choice((31, 40))
    draft.tables["XML2"][0].update(
        LIEU_DUNG=f"1 viên/lần * 2 lần/ngày * {days} ngày", SO_LUONG=f"{2 * days}.000"
    )
    draft.settle()
    return "XML2[1].LIEU_DUNG"


@neighbour("dose-30-days", "visit")
@neighbour("dose-quantity", "visit")
def chronic_dose(draft: Draft, rng: random.Random) -> None:
    draft.main["MA_BENH_CHINH"] = "I10"
    for row in draft.rows("XML3"):
        row["MA_BENH"] = "I10"
    draft.tables["XML2"][0].update(LIEU_DUNG="1 viên/lần * 1 lần/ngày * 60 ngày", SO_LUONG="60.000")
    draft.settle()
