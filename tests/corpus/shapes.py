"""Dossiers that nobody could object to, of many shapes."""

import random
from collections.abc import Callable
from typing import Final

from .drafts import OLDER, Draft
from .illnesses import hiv, leave, rest, tuberculosis
from .papers import certificate, with_appointment, with_papers, with_transfer
from .parts import (
    FACILITY,
    OTHER,
    at,
    bed,
    card,
    day_after,
    drug,
    main_row,
    person,
    progress,
    result,
    service,
    start,
    supply,
)
from .visits import rated, small_visit, visit

Shape = Callable[[random.Random], Draft]


def stay(rng: random.Random, form: str = "03", days: int = 4, month: str = "202611", **changes: str) -> Draft:
    """Return an inpatient's stay of some midnights, with beds, notes and papers."""
    arrival = start(rng, month)
    left = at(arrival, days * 1440 + 300)
    main = main_row(rng, form, arrival, left) | changes
    operation = service(
        main, "8", "03.3327.0459", "Phẫu thuật mẫu", 2_561_000, at(arrival, 600), MA_KHOA="K27"
    )
    scan = service(main, "2", "18.0119.0028", "Chụp X-quang mẫu", 65_400, at(arrival, 60))
    beds = [bed(main, at(arrival, 120 + 1440 * number)) for number in range(max(days, 1))]
    goods = supply(main, at(arrival, 610), MA_DICH_VU="03.3327.0459", TEN_DICH_VU="Phẫu thuật mẫu")
    lines = [
        service(main, "13", "02.1897", "Khám nội tổng hợp", 42_100, at(arrival, 5)),
        scan,
        operation,
        goods,
        *beds,
    ]
    notes = [
        progress(
            main, at(arrival, 90 + 720 * number), f"Ngày thứ {number + 1}: CSST<M75_T37_HA120/70_NT18_HL2>"
        )
        for number in range(days + 1)
    ]
    tables = {
        "XML1": [main],
        "XML2": [drug(main, at(arrival, 200), rng)],
        "XML3": lines,
        "XML4": [result(main, scan, MA_CHI_SO="", GIA_TRI="", DON_VI_DO="", MO_TA="Phổi sáng")],
        "XML5": notes,
    }
    draft = Draft(tables)
    with_papers(draft)
    return draft.settle()


def transfer(rng: random.Random) -> Draft:
    return with_appointment(with_transfer(visit(rng)))


def older_transfer(rng: random.Random) -> Draft:
    """Return a transfer whose slip has the names of QĐ 4750, as exports of older systems still have."""
    draft = with_transfer(visit(rng))
    slip = draft.tables["XML13"][0]
    slip = slip | {
        "MA_NOI_DI": FACILITY,
        "MA_NOI_DEN": OTHER,
        "PP_DIEU_TRI": "Nội khoa",
        "TEN_DICH_VU": "Khám",
    }
    draft.tables["XML13"] = [{name: slip.get(name, "") for name in OLDER}]
    draft.older = True
    return draft


def appointment(rng: random.Random) -> Draft:
    return with_appointment(visit(rng))


def short_stay(rng: random.Random) -> Draft:
    """Return an inpatient of under four hours (09)."""
    draft = stay(rng, "09", 0)
    arrival = draft.main["NGAY_VAO"]
    draft.main.update(NGAY_RA=at(arrival, 200), NGAY_TTOAN=at(arrival, 205))
    draft.tables["XML3"] = draft.tables["XML3"][:2]
    draft.tables["XML2"][0].update(NGAY_YL=at(arrival, 100), NGAY_TH_YL=at(arrival, 100), DON_GIA="40000.000")
    draft.tables["XML2"][0].update(LIEU_DUNG="2 viên/lần * 3 lần/ngày * 7 ngày", SO_LUONG="42.000")
    draft.tables["XML7"][0]["NGAY_RA"] = draft.main["NGAY_RA"]
    draft.tables["XML2"].append(drug(draft.main, at(arrival, 90), rng, DON_GIA="20000.000"))
    return draft.settle()


def day_patient(rng: random.Random) -> Draft:
    return stay(rng, "04", 2)


def episode(rng: random.Random, form: str = "02") -> Draft:
    """Return an outpatient's treatment of three days (02), or a stay at a station (06)."""
    draft = visit(rng, 3 * 1440 + 100, MA_LOAI_KCB=form, SO_NGAY_DTRI="4")
    draft.tables["XML5"] = [progress(draft.main, at(draft.main["NGAY_VAO"], 30), "Bệnh nhân tỉnh")]
    with_papers(draft)
    return draft.total()


def long_term(rng: random.Random, form: str = "05") -> Draft:
    draft = visit(rng, MA_LOAI_KCB=form, SO_NGAY_DTRI="20" if form == "05" else "1")
    if form == "05":
        draft.tables["XML3"] = draft.tables["XML3"][:1]
        del draft.tables["XML4"]
    draft.tables["XML5"] = [progress(draft.main, at(draft.main["NGAY_VAO"], 30), "Bệnh nhân tỉnh")]
    draft.tables["XML2"][0].update(
        DON_GIA="41000.000", LIEU_DUNG="1 viên/lần * 2 lần/ngày * 28 ngày", SO_LUONG="56.000"
    )
    return draft.settle()


def drugs_by_appointment(rng: random.Random) -> Draft:
    draft = visit(rng, MA_LOAI_KCB="07", MA_DOITUONG_KCB="7")
    for code in ("XML3", "XML4"):
        del draft.tables[code]
    draft.tables["XML2"][0].update(
        DON_GIA="41000.000", LIEU_DUNG="1 viên/lần * 2 lần/ngày * 28 ngày", SO_LUONG="56.000"
    )
    return draft.settle()


def newborn(rng: random.Random) -> Draft:
    """Return a newborn's stay right after birth."""
    draft = stay(rng, "03", 3)
    main = draft.main
    main.update(person(rng, at(main["NGAY_VAO"], -180)), SO_CCCD="", MA_DOITUONG_KCB="1.7", CAN_NANG="3.20")
    main.update(MA_THE_BHYT=f"TE101{rng.randrange(10**10):010}", MA_DKBD=OTHER)
    main.update(GT_THE_TU=main["NGAY_SINH"][:8])
    draft.tables["XML7"][0].update(MA_CHA="0123456789", MA_ME="0123456789", MA_THE_TAM=main["MA_THE_BHYT"])
    rated(draft, "100")
    return draft.settle()


def birth(rng: random.Random) -> Draft:
    """Return a mother's stay, with a certificate for each child."""
    draft = stay(rng, "03", 3)
    main, count = draft.main, rng.choice((1, 2))
    main.update(
        person(rng, sex="2"),
        MA_BENH_CHINH="O80.0",
        CHAN_DOAN_RV="Đẻ thường",
        CAN_NANG_CON=";".join(["3000"] * count),
    )
    for row in draft.rows("XML3"):
        row["MA_BENH"] = "O80.0"
    draft.tables["XML7"][0]["CHAN_DOAN_RV"] = draft.tables["XML8"][0]["CHAN_DOAN_RV"] = "Đẻ thường"
    draft.tables["XML9"] = [certificate(main, number, count) for number in range(1, count + 1)]
    return draft.settle()


def without_card(draft: Draft) -> Draft:
    """Make a dossier that of somebody who pays alone."""
    draft.main.update(
        dict.fromkeys(("MA_THE_BHYT", "MA_DKBD", "GT_THE_TU", "GT_THE_DEN"), ""), MA_DOITUONG_KCB="9"
    )
    for row in (*draft.rows("XML2"), *draft.rows("XML3")):
        row.update(PHAM_VI="2", MUC_HUONG="0", NGUON_CTRA="4") if "NGUON_CTRA" in row else row.update(
            PHAM_VI="2", MUC_HUONG="0"
        )
    with_papers(draft)
    return draft.settle()


def uninsured(rng: random.Random) -> Draft:
    return without_card(visit(rng))


def for_the_health_book(rng: random.Random) -> Draft:
    """Return what is sent of the uninsured for the health book alone: XML1 and XML8."""
    draft = without_card(visit(rng))
    draft.tables = {code: draft.tables[code] for code in ("XML1", "XML8")}
    return draft.total()


def foreigner(rng: random.Random) -> Draft:
    draft = uninsured(rng)
    draft.main.update(SO_CCCD="B1234567", MA_QUOCTICH="015", MA_DANTOC="55", HO_TEN="SMITH JOHN")
    return draft


def referred(rng: random.Random) -> Draft:
    """Return somebody who came with a transfer slip."""
    draft = stay(rng)
    draft.main.update(
        MA_DOITUONG_KCB="1.3", MA_DKBD=OTHER, MA_NOI_DI=OTHER, GIAY_CHUYEN_TUYEN="79999-26-000009"
    )
    return draft


def appointed(rng: random.Random) -> Draft:
    return visit(rng, MA_DOITUONG_KCB="1.5", MA_DKBD=OTHER, GIAY_CHUYEN_TUYEN="01999-26-000007")


def emergency(rng: random.Random) -> Draft:
    draft = stay(rng, "03", 2)
    draft.main.update(MA_DOITUONG_KCB="2", MA_DKBD=OTHER)
    return draft


def by_oneself(rng: random.Random) -> Draft:
    return visit(
        rng, MA_DOITUONG_KCB=rng.choice(("1.4", "1.11", "1.12", "1.16", "1.17", "3.3")), MA_DKBD=OTHER
    )


def half_paid(rng: random.Random) -> Draft:
    draft = visit(rng, MA_DOITUONG_KCB=rng.choice(("1.13", "1.14", "1.18")), MA_DKBD=OTHER)
    return rated(draft, rng.choice(("50", "40", "47.5"))).settle()


def central(rng: random.Random) -> Draft:
    draft = stay(rng)
    draft.main.update(MA_DOITUONG_KCB="3.1", MA_DKBD=OTHER)
    return rated(draft, "40").settle()


def basic_inpatient(rng: random.Random) -> Draft:
    draft = stay(rng)
    draft.main.update(MA_DOITUONG_KCB=rng.choice(("1.15", "3.2", "3.6")), MA_DKBD=OTHER, MA_KHUVUC="K1")
    return draft


def station(rng: random.Random) -> Draft:
    return rated(visit(rng, MA_DOITUONG_KCB="1.2"), "100").settle()


def several_cards(rng: random.Random) -> Draft:
    draft = stay(rng)
    main = draft.main
    second = day_after(main["NGAY_VAO"], 1)
    other = card(rng, main["NGAY_VAO"], "HC4")
    main.update(
        MA_THE_BHYT=f"{main['MA_THE_BHYT']};{other['MA_THE_BHYT']}", MA_DKBD=f"{FACILITY};{OTHER}",
        GT_THE_TU=f"{main['GT_THE_TU']};{second}", GT_THE_DEN=f"{second};{other['GT_THE_DEN']}",
    )  # fmt: skip
    return draft


def ten_digits(rng: random.Random) -> Draft:
    return visit(rng, MA_THE_BHYT=f"{rng.randrange(10**10):010}")


def army(rng: random.Random) -> Draft:
    draft = rated(visit(rng), "100")
    draft.main.update(card(rng, draft.main["NGAY_VAO"], "QN5"))
    for row in draft.rows("XML3"):
        row["PHAM_VI"] = "3"
    draft.settle()
    draft.main["T_BHTT_GDV"] = "0"
    return draft


def other_sources(rng: random.Random) -> Draft:
    """Return a visit with a drug whose price is partly outside, paid by the state's budget."""
    draft = visit(rng)
    line = draft.tables["XML2"][0]
    line.update(TYLE_TT_BH="50", T_NGUONKHAC_NSNN="20000.00")
    return draft.settle()


def with_ceiling(rng: random.Random) -> Draft:
    """Return a stay with a supply above its ceiling."""
    draft = stay(rng)
    line = draft.tables["XML3"][draft.line("XML3", MA_NHOM="10")]
    line.update(DON_GIA_BV="900000.000", DON_GIA_BH="900000.000", T_TRANTT="500000.00")
    return draft.settle()


def exempt(rng: random.Random) -> Draft:
    """Return somebody who shares no more costs this year."""
    draft = rated(visit(rng), "100")
    draft.main["NGAY_MIEN_CCT"] = rng.choice(("20261001", "202610010800"))
    return draft.settle()


def in_2025(rng: random.Random) -> Draft:
    """Return a visit of before what began in 2026, with a category of the transition."""
    return visit(
        rng, month="202509", MA_DOITUONG_KCB="1.3", MA_DKBD=OTHER, MA_NOI_DI=OTHER, GIAY_CHUYEN_TUYEN="1"
    )


def in_2024(rng: random.Random) -> Draft:
    return visit(rng, month="202410")


def of_the_transition(rng: random.Random) -> Draft:
    """Return a category that counted until the end of 2025."""
    return visit(rng, month="202509", MA_DOITUONG_KCB=rng.choice(("1.8", "1.9", "3.4")), MA_DKBD=OTHER)


def half_before_july(rng: random.Random) -> Draft:
    """Return a category that is not paid before 2026-07-01."""
    draft = visit(rng, month="202605", MA_DOITUONG_KCB="1.13", MA_DKBD=OTHER)
    return rated(draft, "0").settle()


SHAPES: Final[dict[str, Shape]] = {
    shape.__name__: shape
    for shape in (
        *(
            visit,
            small_visit,
            stay,
            short_stay,
            day_patient,
            episode,
            long_term,
            drugs_by_appointment,
            newborn,
        ),
        *(birth, uninsured, for_the_health_book, foreigner, hiv, tuberculosis, transfer, older_transfer),
        *(
            appointment,
            referred,
            appointed,
            emergency,
            by_oneself,
            half_paid,
            central,
            basic_inpatient,
            station,
        ),
        *(several_cards, ten_digits, army, other_sources, with_ceiling, exempt, in_2025, in_2024),
        *(of_the_transition, half_before_july, leave, rest),
    )
}


SHAPES["station_stay"] = lambda rng: episode(rng, "06")


SHAPES["long_term_services"] = lambda rng: long_term(rng, "08")


FINISHES: Final = ("plain", "cdata", "nfd", "crlf", "spaced", "pretty")
