"""
Dossiers that nobody could object to, of many shapes.  Every person, number and drug is invented.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from .drafts import Draft, Row, blank

FACILITY, OTHER, THIRD = "01999", "79999", "48999"
DOCTOR, NURSE, HEAD = "000001/HNO-GPHN", "000002/HNO-CCHN", "000000/HNO-GPHN"
ILLNESSES: Final = (
    ("I10", "Tăng huyết áp vô căn"),
    ("E11.9", "Đái tháo đường không phụ thuộc insulin"),
    ("J18.9", "Viêm phổi, tác nhân không xác định"),
    ("K35.8", "Viêm ruột thừa cấp"),
    ("N20.0", "Sỏi thận"),
)
SURNAMES, MIDDLES = ("NGUYỄN", "TRẦN", "LÊ", "PHẠM", "ĐẶNG", "HUỲNH"), ("THỊ", "VĂN", "ĐÌNH", "NGỌC", "MẠNH")
GIVEN = ("MẪU", "THỬ", "VÍ DỤ", "HƯỜNG", "ƯỚC", "ĐỨC")

Shape = Callable[[random.Random], Draft]


def at(day: str, minutes: int = 0) -> str:
    """Return a time so many minutes after *day*, `202611200800`."""
    return f"{datetime.strptime(day, '%Y%m%d%H%M') + timedelta(minutes=minutes):%Y%m%d%H%M}"  # noqa: DTZ007


def day_after(day: str, days: int) -> str:
    return at(day[:8] + "0000", days * 1440)[:8]


def person(rng: random.Random, birth: str = "", sex: str = "") -> Row:
    """Return an invented person: the century of the number is that of nobody alive."""
    sex = sex or rng.choice("12")
    birth = birth or f"{rng.randint(1940, 2005)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}0000"
    name = f"{rng.choice(SURNAMES)} {rng.choice(MIDDLES)} {rng.choice(GIVEN)}"
    return {
        "MA_BN": f"SYN{rng.randrange(10**6):06}",
        "HO_TEN": name,
        "SO_CCCD": f"0018{rng.randrange(10**8):08}",
        "NGAY_SINH": birth,
        "GIOI_TINH": sex,
        "MA_QUOCTICH": "000",
        "MA_DANTOC": "01",
        "MA_NGHE_NGHIEP": "99",
        "DIA_CHI": "Số 0 đường Mẫu, phường Hoàn Kiếm, Hà Nội",
        "MATINH_CU_TRU": "01",
        "MAXA_CU_TRU": "00070",
    }


def card(rng: random.Random, day: str, group: str = "DN4") -> Row:
    year = int(day[:4])
    return {
        "MA_THE_BHYT": f"{group}01{rng.randrange(10**10):010}",
        "MA_DKBD": FACILITY,
        "GT_THE_TU": f"{year}0101",
        "GT_THE_DEN": f"{year}1231",
    }


def drug(row_of: Row, ordered: str, rng: random.Random, **changes: str) -> Row:
    each, times, days = rng.choice((1, 2)), rng.choice((1, 2, 3)), rng.choice((5, 7, 10, 14))
    return blank("XML2") | {
        "MA_LK": row_of["MA_LK"],
        "MA_THUOC": f"40.{rng.randint(100, 999)}",
        "MA_NHOM": "4",
        "TEN_THUOC": "Thuốc mẫu A 5mg",
        "DON_VI_TINH": "Viên",
        "HAM_LUONG": "5mg",
        "DUONG_DUNG": "1.01",
        "LIEU_DUNG": f"{each} viên/lần * {times} lần/ngày * {days} ngày",
        "CACH_DUNG": "Uống sáng",
        "SO_DANG_KY": "VD-00000-00",
        "TT_THAU": f"000/QĐ-SYN;G1;N1;{ordered[:4]}",
        "PHAM_VI": "1",
        "TYLE_TT_BH": "100",
        "SO_LUONG": f"{each * times * days}.000",
        "DON_GIA": f"{rng.randint(9_000, 40_000)}.000",
        "MUC_HUONG": "80",
        "MA_KHOA": "K01",
        "MA_BAC_SI": DOCTOR,
        "NGAY_YL": ordered,
        "NGAY_TH_YL": ordered,
        "MA_PTTT": "1",
        "NGUON_CTRA": "1",
    } | dict.fromkeys(("T_NGUONKHAC_NSNN", "T_NGUONKHAC_VTNN", "T_NGUONKHAC_VTTN", "T_NGUONKHAC_CL"), "0") | changes


def service(row_of: Row, group: str, code: str, name: str, price: int, ordered: str, **changes: str) -> Row:
    done = {"MA_NHOM": group} if group in ("12", "7", "10") else {}
    performed = group in ("1", "2", "3", "8", "18")
    return blank("XML3") | {
        "MA_LK": row_of["MA_LK"],
        "MA_DICH_VU": code,
        "MA_NHOM": group,
        "TEN_DICH_VU": name,
        "DON_VI_TINH": "Lần",
        "PHAM_VI": "1",
        "SO_LUONG": "1.000",
        "DON_GIA_BV": f"{price}.000",
        "DON_GIA_BH": f"{price}.000",
        "TYLE_TT_DV": "100",
        "TYLE_TT_BH": "100",
        "MUC_HUONG": "80",
        "MA_KHOA": "K01",
        "MA_BAC_SI": DOCTOR,
        "NGUOI_THUC_HIEN": NURSE if performed else "",
        "MA_PTTT_QT": "47.01" if group in ("8", "18") else "",
        "PP_VO_CAM": "1" if group == "8" else "",
        "MA_BENH": row_of["MA_BENH_CHINH"],
        "NGAY_YL": ordered,
        "NGAY_TH_YL": at(ordered, 5) if performed else ordered,
        "NGAY_KQ": at(ordered, 20) if performed else "",
        "MA_PTTT": "1",
        "MA_MAY": "CLS.1.01999.SYN-01" if group in ("1", "2") else "",
    } | dict.fromkeys(
        ("T_NGUONKHAC_NSNN", "T_NGUONKHAC_VTNN", "T_NGUONKHAC_VTTN", "T_NGUONKHAC_CL"), "0"
    ) | done | changes


def bed(row_of: Row, time: str) -> Row:
    return service(row_of, "15", "K02.1907", "Giường nội khoa loại 1", 212_600, time, MA_GIUONG="H001", MA_KHOA="K02")


def supply(row_of: Row, ordered: str, **changes: str) -> Row:
    return service(
        row_of, "10", "", "", 150_000, ordered, MA_VAT_TU="N03.01.010", TEN_VAT_TU="Vật tư mẫu",
        TT_THAU=f"000/QĐ-SYN;G2;N3;{ordered[:4]}",
    ) | changes  # fmt: skip


def result(row_of: Row, of: Row, **changes: str) -> Row:
    return blank("XML4") | {
        "MA_LK": row_of["MA_LK"],
        "MA_DICH_VU": of["MA_DICH_VU"],
        "MA_CHI_SO": "SYN-GLU",
        "TEN_CHI_SO": "Glucose",
        "GIA_TRI": "5.4",
        "DON_VI_DO": "mmol/L",
        "KET_LUAN": "Bình thường" if of["MA_NHOM"] == "2" else "",
        "NGAY_KQ": of["NGAY_KQ"],
        "MA_BS_DOC_KQ": NURSE,
    } | changes


def progress(row_of: Row, time: str, text: str) -> Row:
    return blank("XML5") | {
        "MA_LK": row_of["MA_LK"],
        "DIEN_BIEN_LS": text,
        "THOI_DIEM_DBLS": time,
        "NGUOI_THUC_HIEN": DOCTOR,
    }


def main_row(rng: random.Random, form: str, arrival: str, left: str, **changes: str) -> Row:
    code, words = rng.choice(ILLNESSES)
    days = (datetime.strptime(left[:8], "%Y%m%d") - datetime.strptime(arrival[:8], "%Y%m%d")).days + 1  # noqa: DTZ007
    admitted = form in ("03", "04", "09")
    row = blank("XML1") | person(rng) | card(rng, arrival) | {
        "MA_LK": f"01999.SYN.{rng.randrange(10**9):09}",
        "LY_DO_VV": "Mệt, đau",
        "LY_DO_VNT": "Theo dõi và điều trị" if admitted else "",
        "MA_LY_DO_VNT": "1" if admitted else "",
        "CHAN_DOAN_VAO": "Theo dõi",
        "CHAN_DOAN_RV": words,
        "MA_BENH_CHINH": code,
        "MA_DOITUONG_KCB": "1.1",
        "NGAY_VAO": arrival,
        "NGAY_VAO_NOI_TRU": at(arrival, 30) if admitted else "",
        "NGAY_RA": left,
        "SO_NGAY_DTRI": str(days) if form in ("02", "03", "04", "06") else "0",
        "PP_DIEU_TRI": "Nội khoa",
        "KET_QUA_DTRI": "2",
        "MA_LOAI_RV": "1",
        "NGAY_TTOAN": at(left, 5),
        "NAM_QT": left[:4],
        "THANG_QT": left[4:6],
        "MA_LOAI_KCB": form,
        "MA_KHOA": "K01",
        "MA_CSKCB": FACILITY,
        "CAN_NANG": "54.5",
        "MA_HSBA": "SYN-26-000001",
        "MA_TTDV": HEAD,
    }  # fmt: skip
    return row | changes


def start(rng: random.Random, month: str = "202611", hour: str = "08") -> str:
    return f"{month}{rng.randint(2, 12):02}{hour}{rng.randint(0, 5)}0"


def visit(rng: random.Random, minutes: int = 150, month: str = "202611", **changes: str) -> Draft:
    """Return an examination with a test and drugs."""
    arrival = start(rng, month)
    main = main_row(rng, "01", arrival, at(arrival, minutes)) | changes
    test = service(main, "1", "23.0075.1494", "Định lượng Glucose", 21_500, at(arrival, 15))
    lines = [service(main, "13", "02.1897", "Khám nội tổng hợp", 42_100, at(arrival, 5)), test]
    drugs = [drug(main, at(arrival, 60), rng, DON_GIA="45000.000"), drug(main, at(arrival, 60), rng, DON_GIA="31500.500")]
    return Draft({"XML1": [main], "XML2": drugs, "XML3": lines, "XML4": [result(main, test)]}).settle()


def small_visit(rng: random.Random) -> Draft:
    """Return a visit below 15 % of the reference wage, which the fund pays in full."""
    draft = visit(rng)
    draft.tables["XML2"] = draft.tables["XML2"][:1]
    draft.tables["XML2"][0].update(DON_GIA="1500.000")
    for row in (*draft.rows("XML2"), *draft.rows("XML3")):
        row["MUC_HUONG"] = "100"
    return draft.settle()


def stay(rng: random.Random, form: str = "03", days: int = 4, month: str = "202611", **changes: str) -> Draft:
    """Return an inpatient's stay of some midnights, with beds, notes and papers."""
    arrival = start(rng, month)
    left = at(arrival, days * 1440 + 300)
    main = main_row(rng, form, arrival, left) | changes
    operation = service(main, "8", "03.3327.0459", "Phẫu thuật mẫu", 2_561_000, at(arrival, 600), MA_KHOA="K27")
    scan = service(main, "2", "18.0119.0028", "Chụp X-quang mẫu", 65_400, at(arrival, 60))
    beds = [bed(main, at(arrival, 120 + 1440 * number)) for number in range(max(days, 1))]
    goods = supply(main, at(arrival, 610), MA_DICH_VU="03.3327.0459", TEN_DICH_VU="Phẫu thuật mẫu")
    lines = [service(main, "13", "02.1897", "Khám nội tổng hợp", 42_100, at(arrival, 5)), scan, operation, goods, *beds]
    notes = [
        progress(main, at(arrival, 90 + 720 * number), f"Ngày thứ {number + 1}: CSST<M75_T37_HA120/70_NT18_HL2>")
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


def with_papers(draft: Draft) -> None:
    """Add what goes with the form: the discharge paper, the summary."""
    main = draft.main
    repeated = {name: main[name] for name in ("MA_LK", "NGAY_VAO", "NGAY_RA")}
    if main["MA_LOAI_KCB"] in ("03", "04", "09"):
        draft.tables["XML7"] = [blank("XML7") | repeated | discharge_paper(main)]
    if main["MA_LOAI_KCB"] in ("03", "04", "06") or main["MA_DOITUONG_KCB"] == "9":
        draft.tables["XML8"] = [blank("XML8") | repeated | summary(main)]


def discharge_paper(main: Row) -> Row:
    return {
        "SO_LUU_TRU": "SYN-LT-1", "MA_YTE": "SYN-YT-1", "MA_KHOA_RV": "K02", "CHAN_DOAN_RV": main["CHAN_DOAN_RV"],
        "PP_DIEUTRI": "Nội khoa", "MA_TTDV": HEAD, "MA_BS": DOCTOR, "TEN_BS": "LÊ VĂN MẪU",
        "NGAY_CT": main["NGAY_RA"][:8], "HO_TEN_ME": "TRẦN THỊ MẪU", "HO_TEN_CHA": "LÊ VĂN THỬ",
    }  # fmt: skip


def summary(main: Row) -> Row:
    return {
        "MA_LOAI_KCB": main["MA_LOAI_KCB"], "CHAN_DOAN_VAO": "Theo dõi", "CHAN_DOAN_RV": main["CHAN_DOAN_RV"],
        "QT_BENHLY": "Một tuần", "TOMTAT_KQ": "Bình thường", "PP_DIEUTRI": "Nội khoa", "MA_TTDV": HEAD,
        "KET_QUA_DTRI": main["KET_QUA_DTRI"], "NGAY_CT": main["NGAY_RA"][:8],
    }  # fmt: skip


def with_transfer(draft: Draft) -> Draft:
    """Send the patient on, with the slip (XML13)."""
    main = draft.main
    main.update(MA_LOAI_RV="2", MA_NOI_DEN=OTHER)
    slip = {name: main[name] for name in blank("XML13") if name in main and name not in ("GIAY_CHUYEN_TUYEN", "DU_PHONG")}
    slip |= {
        "SO_HOSO": "SYN-HS-1", "SO_CHUYENTUYEN": "1/2026", "GIAY_CHUYEN_TUYEN": "01999-26-000001",
        "MA_CSKCB_DI": FACILITY, "MA_CSKCB_DEN": OTHER, "DAU_HIEU_LS": "Tỉnh", "QT_BENHLY": "Một tuần",
        "TOMTAT_KQ": "Bình thường", "TINH_TRANG_CT": "Tỉnh", "MA_LYDO_CT": "1", "HUONG_DIEU_TRI": "Khám chuyên khoa",
        "PHUONGTIEN_VC": "Tự túc", "MA_BAC_SI": DOCTOR, "PP_DIEUTRI": "Nội khoa",
    }  # fmt: skip
    draft.tables["XML13"] = [blank("XML13") | slip]
    return draft


def with_appointment(draft: Draft) -> Draft:
    """Set a day to come again, with the slip (XML14)."""
    main = draft.main
    main["NGAY_TAI_KHAM"] = day_after(main["NGAY_RA"], 14)
    slip = {name: main[name] for name in blank("XML14") if name in main and name != "DU_PHONG"}
    slip |= {
        "SO_GIAYHEN_KL": "SYN-HK-1", "NGAY_HEN_KL": main["NGAY_TAI_KHAM"], "MA_BAC_SI": DOCTOR,
        "NGAY_CT": main["NGAY_RA"][:8],
    }  # fmt: skip
    draft.tables["XML14"] = [blank("XML14") | slip]
    return draft


def transfer(rng: random.Random) -> Draft:
    return with_appointment(with_transfer(visit(rng)))


def older_transfer(rng: random.Random) -> Draft:
    """Return a transfer whose slip has the names of QĐ 4750, as exports of older systems still have."""
    draft = with_transfer(visit(rng))
    slip = draft.tables["XML13"][0]
    slip = slip | {"MA_NOI_DI": FACILITY, "MA_NOI_DEN": OTHER, "PP_DIEU_TRI": "Nội khoa", "TEN_DICH_VU": "Khám"}
    from .drafts import OLDER

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
    draft.tables["XML2"][0].update(DON_GIA="41000.000", LIEU_DUNG="1 viên/lần * 2 lần/ngày * 28 ngày", SO_LUONG="56.000")
    return draft.settle()


def drugs_by_appointment(rng: random.Random) -> Draft:
    draft = visit(rng, MA_LOAI_KCB="07", MA_DOITUONG_KCB="7")
    for code in ("XML3", "XML4"):
        del draft.tables[code]
    draft.tables["XML2"][0].update(DON_GIA="41000.000", LIEU_DUNG="1 viên/lần * 2 lần/ngày * 28 ngày", SO_LUONG="56.000")
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
    main.update(person(rng, sex="2"), MA_BENH_CHINH="O80.0", CHAN_DOAN_RV="Đẻ thường", CAN_NANG_CON=";".join(["3000"] * count))
    for row in draft.rows("XML3"):
        row["MA_BENH"] = "O80.0"
    draft.tables["XML7"][0]["CHAN_DOAN_RV"] = draft.tables["XML8"][0]["CHAN_DOAN_RV"] = "Đẻ thường"
    draft.tables["XML9"] = [certificate(main, number, count) for number in range(1, count + 1)]
    return draft.settle()


def certificate(main: Row, number: int, count: int) -> Row:
    return blank("XML9") | {
        "MA_LK": main["MA_LK"], "MA_BHXH_NND": "0000000000", "MA_THE_NND": main["MA_THE_BHYT"],
        "HO_TEN_NND": main["HO_TEN"], "NGAYSINH_NND": main["NGAY_SINH"][:8], "MA_DANTOC_NND": "01",
        "SO_CCCD_NND": main["SO_CCCD"], "NGAYCAP_CCCD_NND": "20220101", "NOICAP_CCCD_NND": "Hà Nội",
        "NOI_CU_TRU_NND": "Hà Nội", "MA_QUOCTICH": "000", "MATINH_CU_TRU": "01", "MAXA_CU_TRU": "00070",
        "MA_THE_TAM": f"TE101000000000{number}", "HO_TEN_CON": "", "GIOI_TINH_CON": "2", "SO_CON": str(count),
        "LAN_SINH": "1", "SO_CON_SONG": str(count), "CAN_NANG_CON": "3000",
        "NGAY_SINH_CON": at(main["NGAY_VAO"], 300), "NOI_SINH_CON": "Hà Nội", "TINH_TRANG_CON": "Khỏe",
        "SINHCON_PHAUTHUAT": "1", "SINHCON_DUOI32TUAN": "1", "GHI_CHU": "Sinh con phải phẫu thuật, dưới 32 tuần",
        "NGUOI_DO_DE": "LÊ THỊ MẪU", "NGUOI_GHI_PHIEU": "LÊ THỊ MẪU", "NGAY_CT": main["NGAY_RA"][:8],
        "SO": f"0000{number}.GCS.01999.26", "QUYEN_SO": "1", "MA_TTDV": HEAD,
    }  # fmt: skip


def rated(draft: Draft, rate: str) -> Draft:
    for row in (*draft.rows("XML2"), *draft.rows("XML3")):
        row["MUC_HUONG"] = rate
    return draft


def without_card(draft: Draft) -> Draft:
    """Make a dossier that of somebody who pays alone."""
    draft.main.update(dict.fromkeys(("MA_THE_BHYT", "MA_DKBD", "GT_THE_TU", "GT_THE_DEN"), ""), MA_DOITUONG_KCB="9")
    for row in (*draft.rows("XML2"), *draft.rows("XML3")):
        row.update(PHAM_VI="2", MUC_HUONG="0", NGUON_CTRA="4") if "NGUON_CTRA" in row else row.update(PHAM_VI="2", MUC_HUONG="0")
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


def hiv(rng: random.Random) -> Draft:
    draft = visit(rng)
    main = draft.main
    repeated = {name: main[name] for name in blank("XML6") if name in main and name != "DU_PHONG"}
    left = main["NGAY_RA"]
    draft.tables["XML6"] = [
        blank("XML6") | repeated | {
            "NGAYKD_HIV": "20240105", "NOI_LAY_MAU_XN": FACILITY, "NOI_XN_KD": FACILITY, "NOI_BDDT_ARV": FACILITY,
            "BDDT_ARV": "20240110", "MA_PHAC_DO_DIEU_TRI_BD": "TLD", "MA_LYDO_DTRI": "1", "LOAI_DTRI_LAO": "2",
            "SANG_LOC_LAO": "1", "PHACDO_DTRI_LAO": "2", "NGAYBD_DTRI_LAO": "20260801", "NGAYKT_DTRI_LAO": "20270201",
            "KQ_DTRI_LAO": "1", "NGAY_XN_TLVR": "20261001", "NGAY_KQ_XN_TLVR": "20261003", "KQ_XNTL_VR": "1",
            "MA_LOAI_BN": "1", "GIAI_DOAN_LAM_SANG": "1", "NHOM_DOI_TUONG": "1", "MA_TINH_TRANG_DK": "1",
            "LAN_XN_PCR": "1", "NGAY_XN_PCR": "20261001", "NGAY_KQ_XN_PCR": "20261004", "MA_KQ_XN_PCR": "1",
            "MA_XU_TRI": "1", "NGAY_BAT_DAU_XU_TRI": left[:8], "NGAY_KET_THUC_XU_TRI": day_after(left, 30),
            "MA_PHAC_DO_DIEU_TRI": "TLD", "SO_NGAY_CAP_THUOC_ARV": "30", "NGAY_CHUYEN_PHAC_DO": left[:8],
            "LY_DO_CHUYEN_PHAC_DO": "1", "MA_CSKCB": FACILITY,
        }
    ]  # fmt: skip
    return draft


def tuberculosis(rng: random.Random) -> Draft:
    draft = visit(rng, MA_BENH_CHINH="A15.0", CHAN_DOAN_RV="Lao phổi")
    main = draft.main
    repeated = {name: main[name] for name in blank("XML15") if name in main and name != "DU_PHONG"}
    kind, regimen = rng.choice((("1", "21"), ("2", "1"), ("2", "8"), ("3", "9"), ("3", "19")))
    draft.tables["XML15"] = [
        blank("XML15") | repeated | {
            "PHANLOAI_LAO_VITRI": "1", "PHANLOAI_LAO_TS": "1", "PHANLOAI_LAO_HIV": "1", "PHANLOAI_LAO_VK": "1",
            "PHANLOAI_LAO_KT": "1", "LOAI_DTRI_LAO": kind, "NGAYBD_DTRI_LAO": "20260801", "PHACDO_DTRI_LAO": regimen,
            "NGAYKT_DTRI_LAO": "20270201", "KET_QUA_DTRI_LAO": "1", "MA_CSKCB": FACILITY,
            "BDDT_ARV": "20260801", "NGAY_BAT_DAU_DT_CTX": "20260801",
        }
    ]  # fmt: skip
    return draft


def referred(rng: random.Random) -> Draft:
    """Return somebody who came with a transfer slip."""
    draft = stay(rng)
    draft.main.update(MA_DOITUONG_KCB="1.3", MA_DKBD=OTHER, MA_NOI_DI=OTHER, GIAY_CHUYEN_TUYEN="79999-26-000009")
    return draft


def appointed(rng: random.Random) -> Draft:
    return visit(rng, MA_DOITUONG_KCB="1.5", MA_DKBD=OTHER, GIAY_CHUYEN_TUYEN="01999-26-000007")


def emergency(rng: random.Random) -> Draft:
    draft = stay(rng, "03", 2)
    draft.main.update(MA_DOITUONG_KCB="2", MA_DKBD=OTHER)
    return draft


def by_oneself(rng: random.Random) -> Draft:
    return visit(rng, MA_DOITUONG_KCB=rng.choice(("1.4", "1.11", "1.12", "1.16", "1.17", "3.3")), MA_DKBD=OTHER)


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
    draft = visit(rng, month="202509", MA_DOITUONG_KCB="1.3", MA_DKBD=OTHER, MA_NOI_DI=OTHER, GIAY_CHUYEN_TUYEN="1")
    return draft


def in_2024(rng: random.Random) -> Draft:
    return visit(rng, month="202410")


def of_the_transition(rng: random.Random) -> Draft:
    """Return a category that counted until the end of 2025."""
    return visit(rng, month="202509", MA_DOITUONG_KCB=rng.choice(("1.8", "1.9", "3.4")), MA_DKBD=OTHER)


def half_before_july(rng: random.Random) -> Draft:
    """Return a category that is not paid before 2026-07-01."""
    draft = visit(rng, month="202605", MA_DOITUONG_KCB="1.13", MA_DKBD=OTHER)
    return rated(draft, "0").settle()


def leave(rng: random.Random) -> Draft:
    draft = visit(rng)
    main, days = draft.main, rng.randint(1, 30)
    first = main["NGAY_RA"][:8]
    draft.tables["XML11"] = [
        blank("XML11") | {
            "MA_LK": main["MA_LK"], "SO_CT": "SYN-CT-1", "SO_SERI": "SYN-SR-1", "SO_KCB": "SYN-1", "DON_VI": "Công ty Mẫu",
            "MA_BHXH": main["MA_THE_BHYT"][-10:], "MA_THE_BHYT": main["MA_THE_BHYT"], "CHAN_DOAN_RV": main["CHAN_DOAN_RV"],
            "PP_DIEUTRI": "Nội khoa", "SO_NGAY_NGHI": str(days), "TU_NGAY": first, "DEN_NGAY": day_after(first, days - 1),
            "MA_TTDV": HEAD, "MA_BS": DOCTOR, "NGAY_CT": first, "MAU_SO": "CT07",
        }
    ]  # fmt: skip
    return draft


def rest(rng: random.Random) -> Draft:
    draft = visit(rng)
    main, days = draft.main, rng.randint(1, 60)
    main.update(person(rng, sex="2"))
    first = main["NGAY_RA"][:8]
    draft.tables["XML10"] = [
        blank("XML10") | {
            "MA_LK": main["MA_LK"], "SO_SERI": "SYN-SR-1", "SO_CT": "SYN-CT-1", "SO_NGAY": str(days), "DON_VI": "Công ty Mẫu",
            "CHAN_DOAN_RV": "Thai 12 tuần, nghỉ dưỡng thai", "TU_NGAY": first, "DEN_NGAY": day_after(first, days - 1),
            "MA_TTDV": HEAD, "TEN_BS": "LÊ VĂN MẪU", "MA_BS": DOCTOR, "NGAY_CT": first,
        }
    ]  # fmt: skip
    return draft


SHAPES: Final[dict[str, Shape]] = {
    shape.__name__: shape
    for shape in (
        *(visit, small_visit, stay, short_stay, day_patient, episode, long_term, drugs_by_appointment, newborn),
        *(birth, uninsured, for_the_health_book, foreigner, hiv, tuberculosis, transfer, older_transfer),
        *(appointment, referred, appointed, emergency, by_oneself, half_paid, central, basic_inpatient, station),
        *(several_cards, ten_digits, army, other_sources, with_ceiling, exempt, in_2025, in_2024),
        *(of_the_transition, half_before_july, leave, rest),
    )
}
SHAPES["station_stay"] = lambda rng: episode(rng, "06")
SHAPES["long_term_services"] = lambda rng: long_term(rng, "08")
FINISHES: Final = ("plain", "cdata", "nfd", "crlf", "spaced", "pretty")
