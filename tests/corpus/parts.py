"""What a dossier is made of: people, cards, drugs, services, notes.  All of it is invented."""

import random
from datetime import datetime, timedelta
from typing import Final

from .drafts import Row, blank

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
    return (
        blank("XML2")
        | {
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
        }
        | dict.fromkeys(("T_NGUONKHAC_NSNN", "T_NGUONKHAC_VTNN", "T_NGUONKHAC_VTTN", "T_NGUONKHAC_CL"), "0")
        | changes
    )


def service(row_of: Row, group: str, code: str, name: str, price: int, ordered: str, **changes: str) -> Row:
    done = {"MA_NHOM": group} if group in ("12", "7", "10") else {}
    performed = group in ("1", "2", "3", "8", "18")
    return (
        blank("XML3")
        | {
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
        }
        | dict.fromkeys(("T_NGUONKHAC_NSNN", "T_NGUONKHAC_VTNN", "T_NGUONKHAC_VTTN", "T_NGUONKHAC_CL"), "0")
        | done
        | changes
    )


def bed(row_of: Row, time: str) -> Row:
    return service(
        row_of, "15", "K02.1907", "Giường nội khoa loại 1", 212_600, time, MA_GIUONG="H001", MA_KHOA="K02"
    )


def supply(row_of: Row, ordered: str, **changes: str) -> Row:
    return service(
        row_of, "10", "", "", 150_000, ordered, MA_VAT_TU="N03.01.010", TEN_VAT_TU="Vật tư mẫu",
        TT_THAU=f"000/QĐ-SYN;G2;N3;{ordered[:4]}",
    ) | changes  # fmt: skip


def result(row_of: Row, of: Row, **changes: str) -> Row:
    return (
        blank("XML4")
        | {
            "MA_LK": row_of["MA_LK"],
            "MA_DICH_VU": of["MA_DICH_VU"],
            "MA_CHI_SO": "SYN-GLU",
            "TEN_CHI_SO": "Glucose",
            "GIA_TRI": "5.4",
            "DON_VI_DO": "mmol/L",
            "KET_LUAN": "Bình thường" if of["MA_NHOM"] == "2" else "",
            "NGAY_KQ": of["NGAY_KQ"],
            "MA_BS_DOC_KQ": NURSE,
        }
        | changes
    )


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
