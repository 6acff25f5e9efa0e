"""Faults of cards and of the category of care."""

import random

from .drafts import Draft
from .parts import OTHER, at, day_after, service
from .planting import cell_fault, cell_neighbour, fault, neighbour, put
from .shapes import SHAPES, rated, stay, visit

INSURED = ("visit", "stay", "transfer", "emergency", "referred")


def cards(draft: Draft, value: str) -> str:
    return put(draft, "XML1", 0, "MA_THE_BHYT", value)


@fault("card-lists-parallel", "several_cards", "visit", "stay")
def one_too_few(draft: Draft, rng: random.Random) -> str:
    name = rng.choice(("MA_DKBD", "GT_THE_TU", "GT_THE_DEN"))
    value = draft.main[name]
    return put(draft, "XML1", 0, name, value.split(";")[0] if ";" in value else f"{value};{value}")


@fault("card-lists-parallel-slip", "transfer", "appointment")
def slip_of_one(draft: Draft, rng: random.Random) -> str:
    code = rng.choice([code for code in ("XML13", "XML14") if code in draft.tables])
    end = draft.tables[code][0]["GT_THE_DEN"]
    return put(draft, code, 0, "GT_THE_DEN", f"{end};{end}")


@fault("card-form", *INSURED)
def card_form(draft: Draft, rng: random.Random) -> str:
    right = draft.main["MA_THE_BHYT"]
    return cards(
        draft,
        rng.choice(
            (right[:-1], right + "1", right.lower(), "D" + right[2:] + "1", "123456789", right[:14] + "A")
        ),
    )


@fault("card-form", "visit", "stay", doubt=True)
def personal_number(draft: Draft, rng: random.Random) -> str:
    return cards(draft, f"0018{rng.randrange(10**8):08}")


@neighbour("card-form", "newborn", "ten_digits")
def letters_of_a_child(draft: Draft, rng: random.Random) -> None:
    if draft.main["MA_THE_BHYT"].startswith("TE1"):
        draft.main["MA_THE_BHYT"] = "TE101AB00000001"


@fault("card-benefit-digit", *INSURED)
def benefit(draft: Draft, rng: random.Random) -> str:
    right = draft.main["MA_THE_BHYT"]
    return cards(draft, right[:2] + rng.choice("06789") + right[3:])


@fault("card-province", *INSURED)
def province(draft: Draft, rng: random.Random) -> str:
    right = draft.main["MA_THE_BHYT"]
    return cards(draft, right[:3] + "00" + right[5:])


@fault("card-province", "visit", "stay", doubt=True)
def army_province(draft: Draft, rng: random.Random) -> str:
    right = draft.main["MA_THE_BHYT"]
    return cards(draft, right[:3] + rng.choice(("97", "99", "03")) + right[5:])


@fault("card-not-begun", *INSURED)
def begins_later(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML1", 0, "GT_THE_TU", day_after(draft.main["NGAY_RA"], rng.choice((1, 10))))


@fault("card-not-begun", "stay", "emergency", doubt=True)
def begins_within(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML1", 0, "GT_THE_TU", day_after(draft.main["NGAY_VAO"], 1))


@fault("card-ended", *INSURED)
def ended(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML1", 0, "GT_THE_DEN", day_after(draft.main["NGAY_VAO"], rng.choice((-1, -200))))


@neighbour("card-not-begun", "visit", "stay")
@neighbour("card-ended", "visit")
def of_that_day(draft: Draft, rng: random.Random) -> None:
    draft.main.update(GT_THE_TU=draft.main["NGAY_VAO"][:8], GT_THE_DEN=draft.main["NGAY_VAO"][:8])
    if draft.main["NGAY_RA"][:8] != draft.main["NGAY_VAO"][:8]:
        draft.main["GT_THE_DEN"] = draft.main["NGAY_RA"][:8]


def long_stay(rng: random.Random) -> Draft:
    return stay(rng, days=22, month="202610")


@fault("card-grace", "long_stay")
def after_the_grace(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML1", 0, "GT_THE_DEN", day_after(draft.main["NGAY_VAO"], rng.choice((0, 3))))


@neighbour("card-grace", "long_stay")
def within_the_grace(draft: Draft, rng: random.Random) -> None:
    draft.main["GT_THE_DEN"] = day_after(draft.main["NGAY_VAO"], 8)


def category(draft: Draft, value: str, **changes: str) -> str:
    draft.main.update(changes)
    return put(draft, "XML1", 0, "MA_DOITUONG_KCB", value)


@fault("category-retired", "by_oneself", "emergency")
def retired(draft: Draft, rng: random.Random) -> str:
    return category(draft, rng.choice(("1.8", "1.9", "1.10", "3.4", "3.5", "3.7")))


@fault("category-retired", "by_oneself", doubt=True)
def perhaps_retired(draft: Draft, rng: random.Random) -> str:
    return category(draft, "7.1")


@neighbour("category-retired", "of_the_transition")
def of_2025(draft: Draft, rng: random.Random) -> None:
    assert draft.main["NGAY_RA"] < "2026"


@fault("category-outpatient-only", "emergency", "referred")
def outpatient_only(draft: Draft, rng: random.Random) -> str:
    return category(draft, rng.choice(("1.12", "1.13", "1.14", "1.18")), MA_NOI_DI="", GIAY_CHUYEN_TUYEN="")


@fault("category-inpatient-only", "by_oneself")
def inpatient_only(draft: Draft, rng: random.Random) -> str:
    return category(draft, rng.choice(("1.15", "3.2", "3.6")), MA_KHUVUC="K1")


@neighbour("category-outpatient-only", "by_oneself")
@neighbour("category-inpatient-only", "basic_inpatient")
def of_its_form(draft: Draft, rng: random.Random) -> None:
    assert draft.main["MA_DKBD"] == OTHER


@fault("category-newborn", "emergency", "newborn")
def too_old(draft: Draft, rng: random.Random) -> str:
    birth = at(draft.main["NGAY_VAO"][:8] + "0800", -1440 * rng.choice((29, 40, 4000)))
    draft.main.update(NGAY_SINH=birth, SO_CCCD="")
    return category(draft, "1.7")


@neighbour("category-newborn", "newborn")
def of_28_days(draft: Draft, rng: random.Random) -> None:
    birth = at(draft.main["NGAY_VAO"][:8] + "0100", -1440 * 28)
    draft.main.update(NGAY_SINH=birth, GT_THE_TU=birth[:8])


@fault("category-first-care", "visit", "stay")
def registered_here(draft: Draft, rng: random.Random) -> str:
    return category(draft, rng.choice(("1.4", "1.16", "1.17", "3.3")))


@fault("category-first-care", "visit", "stay", doubt=True)
def emergency_at_home(draft: Draft, rng: random.Random) -> str:
    return category(draft, "2")


@fault("category-registered-elsewhere", "visit", "stay")
def registered_elsewhere(draft: Draft, rng: random.Random) -> str:
    draft.main["MA_DKBD"] = OTHER
    return "XML1.MA_DOITUONG_KCB"


cell_fault("category-referred-from", "referred", "XML1", "MA_NOI_DI", "")
cell_fault("category-slip-number", "referred appointed", "XML1", "GIAY_CHUYEN_TUYEN", "")
cell_neighbour("category-slip-number", "by_oneself emergency", "XML1", "GIAY_CHUYEN_TUYEN", "")
cell_fault("category-self-yet-sent", "by_oneself_sent", "XML1", "MA_NOI_DI", OTHER)


cell_fault("category-area", "difficult_area", "XML1", "MA_KHUVUC", "")
cell_neighbour("category-area", "difficult_area", "XML1", "MA_KHUVUC", "K1", "K3")


def paid_by_fund(draft: Draft, rng: random.Random) -> str:
    for code in ("XML2", "XML3"):
        for row in draft.rows(code):
            row.update(PHAM_VI="1", MUC_HUONG="80")
    draft.settle()
    return "XML1.T_BHTT"


@fault("category-uninsured-paid", "uninsured")
def paid_without_insurance(draft: Draft, rng: random.Random) -> str:
    return paid_by_fund(draft, rng)


cell_fault(
    "category-uninsured-card", "uninsured foreigner", "XML1", "MA_THE_BHYT", "DN4010000000001", "0000000001"
)


@fault("category-no-card", "emergency")
def without_any_card(draft: Draft, rng: random.Random) -> str:
    draft.main.update(dict.fromkeys(("MA_DKBD", "GT_THE_TU", "GT_THE_DEN"), ""))
    return cards(draft, "")


@neighbour("category-no-card", "emergency")
def nothing_paid(draft: Draft, rng: random.Random) -> None:
    without_any_card(draft, rng)
    for code in ("XML2", "XML3"):
        for row in draft.rows(code):
            row["PHAM_VI"] = "2"
    draft.settle()


@fault("category-central-outpatient", "by_oneself")
def central_outpatient(draft: Draft, rng: random.Random) -> str:
    category(draft, "3.1")
    rated(draft, "40").settle()
    return "XML1.T_BHTT"


@neighbour("category-central-outpatient", "by_oneself")
def central_unpaid(draft: Draft, rng: random.Random) -> None:
    category(draft, "3.1")
    rated(draft, "0").settle()


@fault("category-unpaid-until-2026-07", "half_before_july")
def half_too_early(draft: Draft, rng: random.Random) -> str:
    rated(draft, rng.choice(("40", "50"))).settle()
    return "XML1.T_BHTT"


@fault("category-drugs-only", "drugs_by_appointment")
def examined(draft: Draft, rng: random.Random) -> str:
    main = draft.main
    draft.tables["XML3"] = [service(main, "13", "02.1897", "Khám", 42_100, at(main["NGAY_VAO"], 5))]
    draft.settle()
    return "XML1.MA_DOITUONG_KCB"


@fault("receiving-facility", "transfer", "older_transfer")
def nowhere(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML1", 0, "MA_NOI_DEN", "")


@fault("personal-id-differs", "visit", "stay")
def another_year(draft: Draft, rng: random.Random) -> str:
    right = draft.main["NGAY_SINH"]
    draft.main["GIOI_TINH"] = "2"
    return put(draft, "XML1", 0, "SO_CCCD", f"0011{(int(right[2:4]) + 1) % 100:02}{rng.randrange(10**6):06}")


def difficult_area(rng: random.Random) -> Draft:
    draft = stay(rng)
    draft.main.update(MA_DOITUONG_KCB="3.6", MA_DKBD=OTHER, MA_KHUVUC="K2")
    return draft


def by_oneself_sent(rng: random.Random) -> Draft:
    """Return somebody who came alone, and yet has a slip's number."""
    return visit(
        rng, MA_DOITUONG_KCB=rng.choice(("1.11", "1.16", "3.3")), MA_DKBD=OTHER, GIAY_CHUYEN_TUYEN="1"
    )


SHAPES.update(long_stay=long_stay, difficult_area=difficult_area, by_oneself_sent=by_oneself_sent)
