"""Faults of codes, results, services, diagnoses, chronic infections, papers and tables."""

import random

from .drafts import Draft
from .planting import cell_fault, cell_neighbour, fault, neighbour, path, put
from .shapes import DOCTOR, OTHER, at, day_after, with_appointment, with_papers

BED, TEST, OPERATION, SUPPLY = {"MA_NHOM": "15"}, {"MA_NHOM": "1"}, {"MA_NHOM": "8"}, {"MA_NHOM": "10"}

cell_fault("code-bed", "stay day_patient", "XML3", "MA_GIUONG", "", "X001", "H1", "H0001", "h001", where=BED)
cell_neighbour("code-bed", "stay", "XML3", "MA_GIUONG", "T999", "H001;C002", where=BED)
cell_fault(
    "code-machine", "visit stay", "XML3", "MA_MAY", "CLS.1.01999", "CLS", "CLS.X.01999.1", "CLS.1.1999.2", "CLS;1;01999;2"
)
cell_neighbour("code-machine", "visit", "XML3", "MA_MAY", "SA.2.01999.A-1.B", "HH.1.01999.1;SH.3.79999.2", "")
cell_fault("code-supply-tender", "stay", "XML3", "TT_THAU", "", "1;G1;N1", "1;G1;;2026", ";G1;N1;2026", where=SUPPLY)
cell_neighbour("code-supply-tender", "stay", "XML3", "TT_THAU", "1;G0;N0;2026", where=SUPPLY)
cell_fault("code-supply-tender-parts", "stay", "XML3", "TT_THAU", "1;X1;N1;2026", "1;G1;N1;26", where=SUPPLY)
cell_neighbour("code-supply-tender-parts", "stay", "XML3", "TT_THAU", "1;2;3;4;5", where=SUPPLY)
cell_fault("code-drug-tender", "visit stay", "XML2", "TT_THAU", "1", "1;G0;N1;2026", "1;G1;N1;26", "G1;N1;2026")
cell_neighbour("code-drug-tender", "visit", "XML2", "TT_THAU", "1;G1;N2;2026;5", "12/QĐ;G99;N99;2025")
cell_fault("code-service", "visit", "XML3", "MA_DICH_VU", "KHAM", "2.1897", "02-1897", "02.1897_XX", where={"MA_NHOM": "13"})
cell_neighbour("code-service", "visit", "XML3", "MA_DICH_VU", "02.1897_TT", "K02.1907", "VC.01999", "02.1897.0001.K.79999", where={"MA_NHOM": "13"})
cell_fault("code-licence", "visit stay", "XML2", "MA_BAC_SI", "000001", "HNO-GPHN", "000001/HNO")
cell_fault("code-licence", "stay", "XML5", "NGUOI_THUC_HIEN", "1234567890")
cell_fault("code-licence", "visit", "XML4", "MA_BS_DOC_KQ", "BS01", "000001/HNO-GPHN.HD.7")
cell_neighbour("code-licence", "visit", "XML2", "MA_BAC_SI", "000001/HNO-CCHN", "000001/HNO-GPHN.HD.79999", f"{DOCTOR};0002/BYT-GPHN")
cell_neighbour("code-licence", "in_2024", "XML2", "MA_BAC_SI", "000001/HNO-CCHN")
cell_fault("code-temporary-card", "birth", "XML9", "MA_THE_TAM", "TE1", "TE201000000000A", "TE10100000000", "DN4010000000000")
cell_fault("code-birth-certificate", "birth", "XML9", "SO", "1", "00001.GCS.1999.26", "00001/GCS/01999/26")
cell_fault("code-social-insurance", "leave", "XML11", "MA_BHXH", "123456789", "DN40100000", "A123456789"[:10])
cell_neighbour("code-temporary-card", "birth", "XML9", "MA_THE_TAM", "TE101AB00000001")


def other_table(draft: Draft, rng: random.Random, *codes: str) -> str:
    return rng.choice([code for code in codes if code in draft.tables])


@fault("repeats-person", "transfer", "older_transfer", "appointment", "hiv", "tuberculosis")
def another_person(draft: Draft, rng: random.Random) -> str:
    code = other_table(draft, rng, "XML6", "XML13", "XML14", "XML15")
    values = {"HO_TEN": "LÊ THỊ KHÁC", "NGAY_SINH": "198001010000", "GIOI_TINH": "3", "MA_BN": "KHAC1"}
    names = [name for name in values if draft.tables[code][0].get(name)]
    name = rng.choice(names)
    return put(draft, code, 0, name, values[name])


@neighbour("repeats-person", "transfer")
def written_otherwise(draft: Draft, rng: random.Random) -> None:
    row = draft.tables["XML13"][0]
    row["HO_TEN"] = "  " + row["HO_TEN"].title().replace(" ", "  ")
    row.update(NGAY_SINH="", GIOI_TINH="")


@fault("repeats-stay", "stay", "transfer", "appointment", "emergency")
def another_stay(draft: Draft, rng: random.Random) -> str:
    code = other_table(draft, rng, "XML7", "XML8", "XML13", "XML14")
    name = rng.choice(("NGAY_VAO", "NGAY_RA"))
    return put(draft, code, 0, name, at(draft.main[name], -10))


@fault("repeats-course", "stay", "day_patient", "transfer", "older_transfer")
def another_course(draft: Draft, rng: random.Random) -> str:
    if "XML8" in draft.tables:
        name = rng.choice(("MA_LOAI_KCB", "KET_QUA_DTRI"))
        return put(draft, "XML8", 0, name, {"MA_LOAI_KCB": "06", "KET_QUA_DTRI": "1"}[name])
    name = rng.choice(("MA_LOAI_RV", "MA_NOI_DEN" if draft.older else "MA_CSKCB_DEN"))
    return put(draft, "XML13", 0, name, {"MA_LOAI_RV": "5"}.get(name, "48999"))


@fault("repeats-rest", "transfer", "stay", "leave", "hiv", "tuberculosis")
def another_rest(draft: Draft, rng: random.Random) -> str:
    code = other_table(draft, rng, "XML6", "XML7", "XML8", "XML11", "XML13", "XML14", "XML15")
    values = {"MA_THE_BHYT": "DN4019999999999", "MA_BENH_CHINH": "Z00", "SO_CCCD": "001899999999", "CHAN_DOAN_RV": "Khác"}
    name = rng.choice([name for name in values if draft.tables[code][0].get(name)])
    return put(draft, code, 0, name, values[name])


@neighbour("repeats-rest", "several_cards")
def one_card_of_two(draft: Draft, rng: random.Random) -> None:
    with_appointment(draft)
    slip, main = draft.tables["XML14"][0], draft.main
    slip.update(MA_THE_BHYT=main["MA_THE_BHYT"].split(";")[0], GT_THE_DEN=main["GT_THE_DEN"].split(";")[0])


cell_fault("result-without-service", "visit stay transfer", "XML4", "MA_DICH_VU", "24.0001.0001", "18.0001.0001")
cell_neighbour("result-without-service", "visit", "XML4", "MA_DICH_VU", "")


@fault("result-empty", "visit", "transfer")
def no_result(draft: Draft, rng: random.Random) -> str:
    draft.tables["XML4"][0].update(GIA_TRI="", MO_TA="", KET_LUAN="")
    return "XML4[1].GIA_TRI"


cell_fault("result-uncoded", "visit transfer", "XML4", "MA_CHI_SO", "")
cell_fault("imaging-conclusion", "stay day_patient emergency", "XML4", "KET_LUAN", "")
cell_neighbour("result-empty", "stay", "XML4", "GIA_TRI", "")
cell_neighbour("result-uncoded", "stay", "XML4", "MA_CHI_SO", "")
cell_neighbour("imaging-conclusion", "visit", "XML4", "KET_LUAN", "")


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
    return put(draft, "XML10", 0, "SO_NGAY", str(int(draft.tables["XML10"][0]["SO_NGAY"]) + rng.choice((1, 7))))


@fault("pregnancy-rest-limit", "rest")
def long_rest(draft: Draft, rng: random.Random) -> str:
    row, days = draft.tables["XML10"][0], rng.choice((181, 200))
    row.update(SO_NGAY=str(days), DEN_NGAY=day_after(row["TU_NGAY"], days - 1))
    return "XML10.SO_NGAY"


cell_fault("pregnancy-rest-diagnosis", "rest", "XML10", "CHAN_DOAN_RV", "Thai 12 tuần", "Nghỉ dưỡng", "Dưỡng sức")
cell_neighbour("pregnancy-rest-diagnosis", "rest", "XML10", "CHAN_DOAN_RV", "DƯỠNG THAI 12 tuần")


@fault("discharge-rest", "stay", "emergency")
def rest_at_home(draft: Draft, rng: random.Random) -> str:
    left = draft.main["NGAY_RA"][:8]
    first = rng.choice((left, day_after(left, -1)))
    days = "5" if first == left else "4"
    draft.tables["XML7"][0].update(SO_NGAY_NGHI=days, NGOAITRU_TUNGAY=first, NGOAITRU_DENNGAY=day_after(first, 3))
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


@fault("tb-regimen", "tuberculosis")
def regimen(draft: Draft, rng: random.Random) -> str:
    wrong = {"1": ("1", "9"), "2": ("9", "20"), "3": ("8", "25")}
    return put(draft, "XML15", 0, "PHACDO_DTRI_LAO", rng.choice(wrong[draft.tables["XML15"][0]["LOAI_DTRI_LAO"]]))


cell_fault("tb-regimen", "hiv", "XML6", "PHACDO_DTRI_LAO", "20", "25")
cell_neighbour("tb-regimen", "hiv", "XML6", "PHACDO_DTRI_LAO", "1", "19")
cell_fault("tb-end-before-begin", "hiv", "XML6", "NGAYKT_DTRI_LAO", "20260731")
cell_fault("tb-end-before-begin", "tuberculosis", "XML15", "NGAYKT_DTRI_LAO", "20260731", "20250101")
cell_neighbour("tb-end-before-begin", "tuberculosis", "XML15", "NGAYKT_DTRI_LAO", "20260801")
cell_fault("hiv-treatment-dates", "hiv", "XML6", "NGAY_BAT_DAU_XU_TRI", "")
cell_fault("hiv-treatment-dates", "hiv", "XML6", "NGAY_KET_THUC_XU_TRI", "", "20260101")


@fault("hiv-confirmed-late", "hiv_in_september")
def confirmed_late(draft: Draft, rng: random.Random) -> str:
    draft.tables["XML6"][0]["BDDT_ARV"] = ""
    return put(draft, "XML6", 0, "NGAYKD_HIV", day_after(draft.main["NGAY_RA"], rng.choice((1, 20))))


cell_fault("hiv-result-before-sample", "hiv", "XML6", "NGAY_KQ_XN_TLVR", "20260930")
cell_fault("hiv-result-before-sample", "hiv", "XML6", "NGAY_KQ_XN_PCR", "20260930")
cell_fault("hiv-arv-before-confirmation", "hiv", "XML6", "BDDT_ARV", "20240104", "20230101")
cell_neighbour("hiv-result-before-sample", "hiv", "XML6", "NGAY_KQ_XN_PCR", "20261001")
cell_neighbour("hiv-arv-before-confirmation", "hiv", "XML6", "BDDT_ARV", "20240105")
cell_neighbour("hiv-confirmed-late", "hiv", "XML6", "NGAYKD_HIV", "20240110")

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
    row.update(NGAY_YL=at(row["NGAY_YL"], 60), NGAY_TH_YL=at(row["NGAY_TH_YL"], 60), NGAY_KQ=at(row["NGAY_KQ"], 60))
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


cell_fault("orderer-performs", "visit", "XML3", "NGUOI_THUC_HIEN", DOCTOR, f"0009/HNO-GPHN;{DOCTOR}", where=TEST)


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
    draft.tables["XML2"][0].update(LIEU_DUNG=f"1 viên/lần * 2 lần/ngày * {days} ngày", SO_LUONG=f"{2 * days}.000")
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
    from .shapes import leave

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


@fault("file-count", "visit", "stay")
def count(draft: Draft, rng: random.Random) -> str:
    draft.count = rng.choice(("0", "2", "10"))
    return "GIAMDINHHS.THONGTINHOSO.SOLUONGHOSO"


@fault("one-key", "visit", "stay", "transfer", "hiv")
def another_key(draft: Draft, rng: random.Random) -> str:
    code = rng.choice([code for code in draft.tables if code != "XML1" or len(draft.tables) > 2])
    return put(draft, code, 0, "MA_LK", "KHAC.1")


@fault("one-facility", "transfer", "visit", "hiv", "tuberculosis")
def another_facility(draft: Draft, rng: random.Random) -> str:
    code = rng.choice([code for code in ("XML1", "XML6", "XML13", "XML14", "XML15") if code in draft.tables])
    if code == "XML1":
        draft.main["MA_DKBD"] = OTHER
        draft.main["MA_DOITUONG_KCB"] = "1.4"
    return put(draft, code, 0, "MA_CSKCB", "01998")


@fault("row-number-twice", "visit", "stay")
def same_number(draft: Draft, rng: random.Random) -> str:
    code = rng.choice([code for code in ("XML2", "XML3", "XML5") if len(draft.rows(code)) > 1])
    return put(draft, code, 1, "STT", "1")


@fault("letters-lost", "visit", "stay")
def lost(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML1", 0, "HO_TEN", "TR?N TH? M?U")


def hiv_in_september(rng: random.Random) -> Draft:
    from .shapes import hiv

    draft = hiv(rng)
    arrival, left = draft.main["NGAY_VAO"], draft.main["NGAY_RA"]
    for rows in draft.tables.values():
        for row in rows:
            for name, value in row.items():
                if value[:8] in (arrival[:8], left[:8]) and len(value) in (8, 12):
                    row[name] = "202609" + value[6:]
    draft.main.update(NAM_QT="2026", THANG_QT="09")
    draft.tables["XML6"][0].update(
        dict.fromkeys(("NGAY_XN_TLVR", "NGAY_KQ_XN_TLVR", "NGAY_XN_PCR", "NGAY_KQ_XN_PCR"), "20260801")
    )
    return draft


from .shapes import SHAPES  # noqa: E402

SHAPES["hiv_in_september"] = hiv_in_september

