"""Faults of the papers that travel as tables, and of tables that do not come."""

import random

from .drafts import Draft
from .illnesses import leave
from .papers import with_papers
from .parts import OTHER, at, day_after
from .planting import cell_fault, cell_neighbour, fault, neighbour, path, put
from .row_faults import other_table


def leave_of(draft: Draft, first: str, last: str, days: int) -> None:
    draft.tables["XML11"][0].update(TU_NGAY=first, DEN_NGAY=last, SO_NGAY_NGHI=str(days))


@fault("leave-days", "leave")
def other_leave(draft: Draft, rng: random.Random) -> str:
    days = int(draft.tables["XML11"][0]["SO_NGAY_NGHI"]) + 1
    return put(draft, "XML11", 0, "SO_NGAY_NGHI", str(days))


cell_fault("leave-days-positive", "leave", "XML11", "SO_NGAY_NGHI", "0", "-1")


@fault("leave-limit", "leave")
def long_leave(draft: Draft, rng: random.Random) -> str:
    first, days = draft.main["NGAY_RA"][:8], rng.choice((31, 45, 170))
    leave_of(draft, first, day_after(first, days - 1), days)
    return "XML11.SO_NGAY_NGHI"


@neighbour("leave-limit", "leave")
def leave_after_a_loss(draft: Draft, rng: random.Random) -> None:
    first = draft.main["NGAY_RA"][:8]
    leave_of(draft, first, day_after(first, 49), 50)
    draft.tables["XML11"][0].update(MA_DINH_CHI_THAI="1", NGUYENNHAN_DINHCHI="Mẫu", TUOI_THAI="13")


@fault("leave-begins-late", "leave")
def late_leave(draft: Draft, rng: random.Random) -> str:
    first = day_after(draft.main["NGAY_RA"], rng.choice((1, 3)))
    leave_of(draft, first, day_after(first, 2), 3)
    return "XML11.TU_NGAY"


@fault("leave-ends-early", "leave")
def early_leave(draft: Draft, rng: random.Random) -> str:
    last = day_after(draft.main["NGAY_VAO"], rng.choice((-1, -5)))
    leave_of(draft, day_after(last, -1), last, 2)
    return "XML11.DEN_NGAY"


@fault("leave-order", "leave")
def leave_backwards(draft: Draft, rng: random.Random) -> str:
    leave_of(draft, draft.main["NGAY_RA"][:8], day_after(draft.main["NGAY_RA"], rng.choice((-1, -3))), 1)
    return "XML11.DEN_NGAY"


@fault("pregnancy-rest-order", "rest")
def rest_backwards(draft: Draft, rng: random.Random) -> str:
    first = draft.tables["XML10"][0]["TU_NGAY"]
    return put(draft, "XML10", 0, "DEN_NGAY", day_after(first, rng.choice((-1, -9))))


@fault("pregnancy-rest-days", "rest")
def other_rest(draft: Draft, rng: random.Random) -> str:
    return put(
        draft, "XML10", 0, "SO_NGAY", str(int(draft.tables["XML10"][0]["SO_NGAY"]) + rng.choice((1, 7)))
    )


@fault("pregnancy-rest-limit", "rest")
def long_rest(draft: Draft, rng: random.Random) -> str:
    row, days = draft.tables["XML10"][0], rng.choice((181, 200))
    row.update(SO_NGAY=str(days), DEN_NGAY=day_after(row["TU_NGAY"], days - 1))
    return "XML10.SO_NGAY"


cell_fault(
    "pregnancy-rest-diagnosis", "rest", "XML10", "CHAN_DOAN_RV", "Thai 12 tuần", "Nghỉ dưỡng", "Dưỡng sức"
)


cell_neighbour("pregnancy-rest-diagnosis", "rest", "XML10", "CHAN_DOAN_RV", "DƯỠNG THAI 12 tuần")


@fault("discharge-rest", "stay", "emergency")
def rest_at_home(draft: Draft, rng: random.Random) -> str:
    left = draft.main["NGAY_RA"][:8]
    first = rng.choice((left, day_after(left, -1)))
    days = "5" if first == left else "4"
    draft.tables["XML7"][0].update(
        SO_NGAY_NGHI=days, NGOAITRU_TUNGAY=first, NGOAITRU_DENNGAY=day_after(first, 3)
    )
    return "XML7.SO_NGAY_NGHI"


@fault("date-order", "stay", "emergency")
def rest_at_home_backwards(draft: Draft, rng: random.Random) -> str:
    left = draft.main["NGAY_RA"][:8]
    draft.tables["XML7"][0].update(NGOAITRU_TUNGAY=day_after(left, 2), NGOAITRU_DENNGAY=day_after(left, 1))
    return "XML7.NGOAITRU_DENNGAY"


@fault("date-order", "visit")
def card_backwards(draft: Draft, rng: random.Random) -> str:
    arrival = draft.main["NGAY_VAO"][:8]
    draft.main.update(GT_THE_TU=day_after(arrival, 0), GT_THE_DEN=arrival)
    main = draft.main
    for name, day in (("MA_THE_BHYT", main["MA_THE_BHYT"]), ("MA_DKBD", main["MA_DKBD"])):
        main[name] = f"{day};{day}"
    main.update(GT_THE_TU=f"{arrival};20260301", GT_THE_DEN=f"{arrival};20260201")
    return "XML1.GT_THE_DEN"


cell_neighbour("date-order", "stay", "XML7", "NGOAITRU_TUNGAY", "20261230")


def appointed_for(draft: Draft, days: int, *, told: bool = True) -> str:
    wanted = day_after(draft.main["NGAY_RA"], days)
    if told:
        draft.main["NGAY_TAI_KHAM"] = wanted
    return put(draft, "XML14", 0, "NGAY_HEN_KL", wanted)


@fault("appointment-past", "appointment", "transfer")
def yesterday(draft: Draft, rng: random.Random) -> str:
    return appointed_for(draft, rng.choice((-1, -30)))


@fault("appointment-same-day", "appointment", "transfer")
def today(draft: Draft, rng: random.Random) -> str:
    return appointed_for(draft, 0)


@fault("appointment-differs", "appointment", "transfer")
def another_appointment(draft: Draft, rng: random.Random) -> str:
    return appointed_for(draft, rng.choice((1, 15)), told=False)


@neighbour("appointment-differs", "appointment")
def one_of_two(draft: Draft, rng: random.Random) -> None:
    draft.main["NGAY_TAI_KHAM"] += ";20270301"


@fault("slip-used-twice", "transfer", "appointment")
def same_slip(draft: Draft, rng: random.Random) -> str:
    code = other_table(draft, rng, "XML13", "XML14")
    name = {"XML13": "GIAY_CHUYEN_TUYEN", "XML14": "SO_GIAYHEN_KL"}[code]
    draft.main["GIAY_CHUYEN_TUYEN"] = draft.tables[code][0][name]
    return path(code, 0, name)


@fault("birth-after-discharge", "birth")
def born_after(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML9", 0, "NGAY_SINH_CON", at(draft.main["NGAY_RA"], rng.choice((1, 60))))


@fault("birth-before-arrival", "birth")
def born_on_the_way(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML9", 0, "NGAY_SINH_CON", at(draft.main["NGAY_VAO"], rng.choice((-1, -60))))


@fault("birth-by-a-man", "birth")
def by_a_man(draft: Draft, rng: random.Random) -> str:
    draft.main.update(SO_CCCD="")
    return put(draft, "XML1", 0, "GIOI_TINH", "1")


cell_fault("birth-counts", "birth", "XML9", "SO_CON", "0")


cell_fault("birth-counts", "birth", "XML9", "LAN_SINH", "0")


cell_fault("birth-weight", "birth", "XML9", "CAN_NANG_CON", "0")


cell_fault("birth-note", "birth", "XML9", "GHI_CHU", "Sinh thường", "Sinh con dưới 32 tuần", "Phẫu thuật")


cell_fault("birth-mother-numbers", "birth", "XML9", "MA_THE_NND", "123", "DN401")


cell_fault("birth-mother-numbers", "birth", "XML9", "MA_BHXH_NND", "12345")


cell_neighbour("birth-mother-numbers", "birth", "XML9", "MA_THE_NND", "", "0123456789")


@neighbour("birth-note", "birth")
def without_marks(draft: Draft, rng: random.Random) -> None:
    draft.tables["XML9"][0].update(SINHCON_PHAUTHUAT="0", SINHCON_DUOI32TUAN="0", GHI_CHU="Bình thường")


@fault("child-weights-parallel", "birth")
def another_count(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML1", 0, "CAN_NANG_CON", draft.main["CAN_NANG_CON"] + ";2900")


for rule, code, shapes in (
    ("sent-xml1", "XML1", "visit stay for_the_health_book"),
    ("sent-xml13", "XML13", "transfer older_transfer"),
    ("sent-xml5", "XML5", "stay short_stay day_patient episode long_term station_stay"),
    ("sent-xml7", "XML7", "stay short_stay day_patient"),
    ("sent-xml8", "XML8", "stay day_patient station_stay"),
    ("sent-xml8-uninsured", "XML8", "uninsured foreigner"),
    ("sent-xml4", "XML4", "visit stay transfer"),
    ("sent-xml14", "XML14", "appointment transfer"),
    ("sent-xml9", "XML9", "birth"),
):

    @fault(rule, *shapes.split())
    def not_sent(draft: Draft, rng: random.Random, code: str = code) -> str:
        draft.made = draft.main["NGAY_RA"][:8]
        del draft.tables[code]
        return code


@fault("sent-xml13-only", "transfer", "older_transfer")
def not_sent_on(draft: Draft, rng: random.Random) -> str:
    draft.main.update(MA_LOAI_RV=rng.choice("134"), MA_NOI_DEN="")
    draft.tables["XML13"][0]["MA_LOAI_RV"] = draft.main["MA_LOAI_RV"]
    return "XML13"


@fault("sent-xml11", "stay")
def leave_of_an_inpatient(draft: Draft, rng: random.Random) -> str:
    paper = leave(rng).tables["XML11"][0]
    first = draft.main["NGAY_RA"][:8]
    paper |= {"MA_LK": draft.main["MA_LK"], "MA_THE_BHYT": "", "TU_NGAY": first, "DEN_NGAY": first}
    paper |= {"SO_NGAY_NGHI": "1", "NGAY_CT": first, "CHAN_DOAN_RV": draft.main["CHAN_DOAN_RV"]}
    draft.tables["XML11"] = [paper]
    return "XML11"


@neighbour("sent-xml7", "stay")
def absconded(draft: Draft, rng: random.Random) -> None:
    draft.main["MA_LOAI_RV"] = "3"
    del draft.tables["XML7"]
    draft.tables["XML3"].append(dict(draft.tables["XML3"][-1]))
    draft.tables["XML3"][-1].update(NGAY_YL=draft.main["NGAY_RA"], NGAY_TH_YL=draft.main["NGAY_RA"])
    draft.settle()


@neighbour("sent-xml8", "visit")
def summary_of_a_visit(draft: Draft, rng: random.Random) -> None:
    draft.main["MA_LOAI_KCB"] = "01"
    with_papers(draft)


@neighbour("sent-xml13", "uninsured")
def uninsured_sent_on(draft: Draft, rng: random.Random) -> None:
    draft.main.update(MA_LOAI_RV="2", MA_NOI_DEN=OTHER)
