"""Faults of times, days, forms of care and beds."""

import random

from .drafts import Draft
from .papers import with_papers, with_transfer
from .parts import at, bed, progress, service
from .planting import cell_fault, cell_neighbour, fault, move, neighbour, put

VISITS = ("visit", "stay", "transfer", "emergency", "tuberculosis")


def line_of(draft: Draft, rng: random.Random) -> tuple[str, int]:
    code = rng.choice(("XML2", "XML3"))
    return code, rng.randrange(len(draft.tables[code]))


def performed(draft: Draft) -> int:
    """Return the index of the first line of XML3 with a result."""
    return next(index for index, row in enumerate(draft.tables["XML3"]) if row["NGAY_KQ"])


@fault("order-outside-stay", *VISITS)
def ordered_outside(draft: Draft, rng: random.Random) -> str:
    code, index = line_of(draft, rng)
    main = draft.main
    time = rng.choice((at(main["NGAY_VAO"], -1), at(main["NGAY_RA"], 1), at(main["NGAY_VAO"], -1440)))
    return put(draft, code, index, "NGAY_YL", time)


@neighbour("order-outside-stay", "visit", "stay")
def ordered_at_once(draft: Draft, rng: random.Random) -> None:
    draft.tables["XML3"][0].update(NGAY_YL=draft.main["NGAY_VAO"])
    draft.tables["XML2"][0].update(NGAY_YL=draft.main["NGAY_RA"], NGAY_TH_YL=draft.main["NGAY_RA"])


@fault("done-before-order", *VISITS)
def done_early(draft: Draft, rng: random.Random) -> str:
    code, index = line_of(draft, rng)
    ordered = draft.tables[code][index]["NGAY_YL"]
    return put(draft, code, index, "NGAY_TH_YL", at(ordered, rng.choice((-1, -30))))


@fault("done-after-discharge", "visit", "transfer")
def done_late(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML2", 0, "NGAY_TH_YL", at(draft.main["NGAY_RA"], rng.choice((1, 60))))


@fault("result-before-done", "visit", "stay", "transfer")
def result_early(draft: Draft, rng: random.Random) -> str:
    index = performed(draft)
    done = draft.tables["XML3"][index]["NGAY_TH_YL"]
    return put(draft, "XML3", index, "NGAY_KQ", at(done, rng.choice((-1, -4))))


@neighbour("done-before-order", "visit")
@neighbour("result-before-done", "stay")
def at_the_same_minute(draft: Draft, rng: random.Random) -> None:
    row = draft.tables["XML3"][0]
    row.update(NGAY_TH_YL=row["NGAY_YL"], NGAY_KQ=row["NGAY_YL"])


@fault("result-after-discharge", "visit", "stay", "transfer")
def result_late(draft: Draft, rng: random.Random) -> str:
    index = performed(draft)
    late = at(draft.main["NGAY_RA"], rng.choice((1, 600)))
    draft.tables["XML4"][0]["NGAY_KQ"] = late
    return put(draft, "XML3", index, "NGAY_KQ", late)


@fault("result-before-arrival", "visit", "stay", "transfer")
def result_before(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML4", 0, "NGAY_KQ", at(draft.main["NGAY_VAO"], rng.choice((-1, -1440))))


@fault("result-time-differs", "visit", "stay")
def another_time(draft: Draft, rng: random.Random) -> str:
    return move(draft, "XML4", 0, "NGAY_KQ", rng.choice((1, 7)))


@fault("note-outside-stay", "stay", "day_patient", "long_term", "short_stay")
def written_outside(draft: Draft, rng: random.Random) -> str:
    main = draft.main
    time = rng.choice((at(main["NGAY_VAO"], -1), at(main["NGAY_RA"], 1)))
    return put(draft, "XML5", 0, "THOI_DIEM_DBLS", time)


@fault("note-twice", "stay", "day_patient")
def copied(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML5", 1, "DIEN_BIEN_LS", draft.tables["XML5"][0]["DIEN_BIEN_LS"])


@neighbour("note-outside-stay", "stay")
@neighbour("note-twice", "stay")
def at_both_ends(draft: Draft, rng: random.Random) -> None:
    main = draft.main
    for time in (main["NGAY_VAO"], main["NGAY_RA"]):
        draft.tables["XML5"].append(progress(main, time, f"Ghi lúc {time}"))
    draft.total()


@fault("admission-outside-stay", "stay", "day_patient", "emergency")
def admitted_outside(draft: Draft, rng: random.Random) -> str:
    main = draft.main
    return put(
        draft, "XML1", 0, "NGAY_VAO_NOI_TRU", rng.choice((at(main["NGAY_VAO"], -1), at(main["NGAY_RA"], 1)))
    )


@fault("discharge-before-arrival", "visit", "stay", "transfer", "appointment")
def left_before(draft: Draft, rng: random.Random) -> str:
    draft.made = draft.main["NGAY_RA"][:8]
    return put(draft, "XML1", 0, "NGAY_RA", at(draft.main["NGAY_VAO"], rng.choice((-1, -1440))))


@fault("payment-before-discharge", "visit", "stay")
def paid_before(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML1", 0, "NGAY_TTOAN", at(draft.main["NGAY_RA"], rng.choice((-1, -60))))


@fault("birth-after-arrival", "visit", "stay", "newborn", "transfer", "hiv")
def born_later(draft: Draft, rng: random.Random) -> str:
    birth = at(draft.main["NGAY_VAO"], rng.choice((1, 60, 1440)))
    return put(draft, "XML1", 0, "NGAY_SINH", rng.choice((birth, birth[:4] + "12000000")))


@neighbour("birth-after-arrival", "visit")
def born_this_month(draft: Draft, rng: random.Random) -> None:
    draft.main.update(NGAY_SINH=draft.main["NGAY_VAO"][:6] + "000000", SO_CCCD="")
    draft.main.update(NGAY_SINH=draft.main["NGAY_VAO"][:4] + "00000000")


# Against an arrival that is known a birth is named otherwise, so the arrival is wrong as well.
@fault("birth-in-future", "hiv", "transfer", "appointment", "visit", also=("date-format",))
def born_in_future(draft: Draft, rng: random.Random) -> str:
    birth = rng.choice(("202701010000", "203000000000", "202612000000"))
    for rows in draft.tables.values():
        for row in rows:
            if "NGAY_SINH" in row:
                row["NGAY_SINH"] = birth
    draft.made = draft.main["NGAY_RA"][:8]
    draft.main.update(NGAY_VAO="202611310800", SO_CCCD="")
    return "XML1.NGAY_SINH"


@fault("birth-time-of-baby", "newborn")
def without_hour(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML1", 0, "NGAY_SINH", draft.main["NGAY_SINH"][:8] + "0000")


@fault("time-in-future", "visit", "stay", "hiv", "tuberculosis", "leave", "birth", "transfer")
def in_future(draft: Draft, rng: random.Random) -> str:
    fields = {
        "XML1": ("NGAY_RA", "NGAY_TTOAN"),
        "XML2": ("NGAY_YL", "NGAY_TH_YL"),
        "XML3": ("NGAY_TH_YL", "NGAY_KQ"),
        "XML4": ("NGAY_KQ",),
        "XML5": ("THOI_DIEM_DBLS",),
        "XML6": ("NGAYKD_HIV", "BDDT_ARV", "NGAY_KQ_XN_PCR"),
        "XML7": ("NGAY_CT",),
        "XML9": ("NGAYCAP_CCCD_NND", "NGAY_CT"),
        "XML11": ("NGAY_CT",),
        "XML15": ("NGAYBD_DTRI_LAO",),
    }
    code = rng.choice([code for code in fields if code in draft.tables])
    name = rng.choice(fields[code])
    draft.made = draft.made or draft.main["NGAY_RA"][:8]
    index = performed(draft) if code == "XML3" else 0
    length = len(draft.tables[code][index][name])
    return put(draft, code, index, name, "203001010800"[:length])


@neighbour("time-in-future", "visit")
def ahead_and_free(draft: Draft, rng: random.Random) -> None:
    draft.main.update(NAM_NAM_LIEN_TUC="20300101", GT_THE_DEN="20301231")


def set_days(draft: Draft, days: int) -> str:
    return put(draft, "XML1", 0, "SO_NGAY_DTRI", str(days))


@fault("days-none", "visit", "short_stay", "transfer", "drugs_by_appointment")
def some_days(draft: Draft, rng: random.Random) -> str:
    return set_days(draft, rng.choice((1, 2, 9)))


@fault("days-stay", "stay", "day_patient", "episode", "station_stay", "emergency")
def other_days(draft: Draft, rng: random.Random) -> str:
    return set_days(draft, int(draft.main["SO_NGAY_DTRI"]) + rng.choice((-1, 1, 5)))


@fault("days-counted", "long_term", "long_term_services")
def no_days(draft: Draft, rng: random.Random) -> str:
    return set_days(draft, rng.choice((0, 91, 120)))


cell_neighbour("days-counted", "long_term", "XML1", "SO_NGAY_DTRI", "1", "90")


@fault("form-under-4-hours", "short_stay")
def called_inpatient(draft: Draft, rng: random.Random) -> str:
    draft.main.update(MA_LOAI_KCB="03", SO_NGAY_DTRI="1")
    with_papers(draft)
    return "XML1.MA_LOAI_KCB"


@fault("form-4-hours-or-more", "stay", "emergency")
def called_short(draft: Draft, rng: random.Random) -> str:
    draft.main.update(MA_LOAI_KCB="09", SO_NGAY_DTRI="0")
    draft.tables["XML8"][0]["MA_LOAI_KCB"] = "09"
    return "XML1.MA_LOAI_KCB"


@neighbour("form-4-hours-or-more", "short_stay")
def almost_four_hours(draft: Draft, rng: random.Random) -> None:
    left = at(draft.main["NGAY_VAO_NOI_TRU"], 239)
    draft.main.update(NGAY_RA=left, NGAY_TTOAN=left)
    draft.tables["XML7"][0]["NGAY_RA"] = left


@fault("form-long-term-service", "long_term")
def with_a_service(draft: Draft, rng: random.Random) -> str:
    main = draft.main
    draft.tables["XML3"].append(
        service(main, "18", "03.0001.0001", "Thủ thuật mẫu", 30_000, at(main["NGAY_VAO"], 20))
    )
    draft.settle()
    return "XML1.MA_LOAI_KCB"


@fault("form-long-examination", "visit", "by_oneself")
def long_visit(draft: Draft, rng: random.Random) -> str:
    left = at(draft.main["NGAY_VAO"], 1440 + rng.choice((1, 600)))
    draft.main.update(NGAY_RA=left, NGAY_TTOAN=left)
    return "XML1.NGAY_RA"


@neighbour("form-long-examination", "visit")
def one_day(draft: Draft, rng: random.Random) -> None:
    left = at(draft.main["NGAY_VAO"], 1440)
    draft.main.update(NGAY_RA=left, NGAY_TTOAN=left)


def add_bed(draft: Draft, time: str) -> int:
    draft.tables["XML3"].append(bed(draft.main, time))
    draft.settle()
    return len(draft.tables["XML3"])


@fault("bed-short-stay", "short_stay")
def bed_of_hours(draft: Draft, rng: random.Random) -> str:
    return f"XML3[{add_bed(draft, at(draft.main['NGAY_VAO'], 40))}].MA_NHOM"


@fault("bed-quantity", "stay", "day_patient")
def beds_at_once(draft: Draft, rng: random.Random) -> str:
    index = draft.line("XML3", MA_NHOM="15")
    named = put(draft, "XML3", index, "SO_LUONG", rng.choice(("2", "1.5")))
    draft.settle()
    return named


@fault("bed-twice-a-day", "stay", "day_patient")
def beds_of_one_day(draft: Draft, rng: random.Random) -> str:
    index = draft.line("XML3", MA_NHOM="15")
    number = add_bed(draft, at(draft.tables["XML3"][index]["NGAY_YL"], 60))
    return f"XML3[{number}].SO_LUONG"


@neighbour("bed-twice-a-day", "stay")
@neighbour("bed-quantity", "stay")
def half_days(draft: Draft, rng: random.Random) -> None:
    index = draft.line("XML3", MA_NHOM="15")
    time = draft.tables["XML3"][index]["NGAY_YL"]
    draft.tables["XML3"][index]["SO_LUONG"] = "0.5"
    number = add_bed(draft, at(time, 60))
    draft.tables["XML3"][number - 1]["SO_LUONG"] = "0.5"
    draft.settle()


@fault("bed-more-than-days", "stay", "day_patient")
def more_beds(draft: Draft, rng: random.Random) -> str:
    # Each on a day of its own: of the days that the stay has, and one whose performing is told later.
    left = draft.main["NGAY_RA"]
    for number in range(2):
        index = add_bed(draft, at(left, -10))
        draft.tables["XML3"][index - 1]["NGAY_TH_YL"] = at(left, 1440 * number)
    return "XML1.SO_NGAY_DTRI"


@fault("bed-fewer-than-days", "stay", "day_patient", "emergency")
def fewer_beds(draft: Draft, rng: random.Random) -> str:
    draft.tables["XML3"].pop()
    draft.settle()
    return "XML1.SO_NGAY_DTRI"


@neighbour("bed-more-than-days", "stay")
def one_more_when_sent_on(draft: Draft, rng: random.Random) -> None:
    with_transfer(draft)
    add_bed(draft, at(draft.main["NGAY_RA"], -30))


@fault("bed-of-outpatient", "episode", "visit")
def bed_of_a_visit(draft: Draft, rng: random.Random) -> str:
    return f"XML3[{add_bed(draft, at(draft.main['NGAY_VAO'], 30))}].MA_NHOM"


cell_fault("weight-too-high", "visit stay", "XML1", "CAN_NANG", "200.5", "201", "540")
cell_neighbour("weight-too-high", "visit", "XML1", "CAN_NANG", "200", "200.00")
cell_fault("inpatient-reason", "stay day_patient short_stay", "XML1", "MA_LY_DO_VNT", "")
cell_fault("inpatient-treatment", "stay day_patient short_stay", "XML1", "PP_DIEU_TRI", "")
cell_neighbour("inpatient-reason", "visit", "XML1", "MA_LY_DO_VNT", "")
cell_neighbour("inpatient-treatment", "visit", "XML1", "PP_DIEU_TRI", "")


@fault("done-too-quickly", "visit", "transfer")
def at_once(draft: Draft, rng: random.Random) -> str:
    index = performed(draft)
    done = draft.tables["XML3"][index]["NGAY_TH_YL"]
    named = put(draft, "XML3", index, "NGAY_KQ", at(done, rng.choice((0, 1, 2))))
    draft.tables["XML4"][0]["NGAY_KQ"] = draft.tables["XML3"][index]["NGAY_KQ"]
    return named


@neighbour("done-too-quickly", "visit")
def after_three_minutes(draft: Draft, rng: random.Random) -> None:
    index = performed(draft)
    row = draft.tables["XML3"][index]
    draft.tables["XML4"][0]["NGAY_KQ"] = row["NGAY_KQ"] = at(row["NGAY_TH_YL"], 3)


@fault("supply-day-of-service", "stay")
def another_day(draft: Draft, rng: random.Random) -> str:
    index = draft.line("XML3", MA_NHOM="10")
    move(draft, "XML3", index, "NGAY_TH_YL", 1440)
    return move(draft, "XML3", index, "NGAY_YL", 1440)
