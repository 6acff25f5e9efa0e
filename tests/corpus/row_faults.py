"""Faults of codes, results, chronic infections and keys, and of what is repeated."""

import random

from .drafts import Draft
from .illnesses import hiv
from .papers import with_appointment
from .parts import DOCTOR, OTHER, at, day_after
from .planting import cell_fault, cell_neighbour, fault, neighbour, put
from .shapes import SHAPES

BED, TEST, OPERATION, SUPPLY = {"MA_NHOM": "15"}, {"MA_NHOM": "1"}, {"MA_NHOM": "8"}, {"MA_NHOM": "10"}


cell_fault("code-bed", "stay day_patient", "XML3", "MA_GIUONG", "", "X001", "H1", "H0001", "h001", where=BED)


cell_neighbour("code-bed", "stay", "XML3", "MA_GIUONG", "T999", "H001;C002", where=BED)


cell_fault(
    "code-machine",
    "visit stay",
    "XML3",
    "MA_MAY",
    "CLS.1.01999",
    "CLS",
    "CLS.X.01999.1",
    "CLS.1.1999.2",
    "CLS;1;01999;2",
)


cell_neighbour("code-machine", "visit", "XML3", "MA_MAY", "SA.2.01999.A-1.B", "HH.1.01999.1;SH.3.79999.2", "")


cell_fault(
    "code-supply-tender", "stay", "XML3", "TT_THAU", "", "1;G1;N1", "1;G1;;2026", ";G1;N1;2026", where=SUPPLY
)


cell_neighbour("code-supply-tender", "stay", "XML3", "TT_THAU", "1;G0;N0;2026", where=SUPPLY)


cell_fault("code-supply-tender-parts", "stay", "XML3", "TT_THAU", "1;X1;N1;2026", "1;G1;N1;26", where=SUPPLY)


cell_neighbour("code-supply-tender-parts", "stay", "XML3", "TT_THAU", "1;2;3;4;5", where=SUPPLY)


cell_fault(
    "code-drug-tender", "visit stay", "XML2", "TT_THAU", "1", "1;G0;N1;2026", "1;G1;N1;26", "G1;N1;2026"
)


cell_neighbour("code-drug-tender", "visit", "XML2", "TT_THAU", "1;G1;N2;2026;5", "12/QĐ;G99;N99;2025")


cell_fault(
    "code-service",
    "visit",
    "XML3",
    "MA_DICH_VU",
    "KHAM",
    "2.1897",
    "02-1897",
    "02.1897_XX",
    where={"MA_NHOM": "13"},
)


cell_neighbour(
    "code-service",
    "visit",
    "XML3",
    "MA_DICH_VU",
    "02.1897_TT",
    "K02.1907",
    "VC.01999",
    "02.1897.0001.K.79999",
    where={"MA_NHOM": "13"},
)


cell_fault("code-licence", "visit stay", "XML2", "MA_BAC_SI", "000001", "HNO-GPHN", "000001/HNO")


cell_fault("code-licence", "stay", "XML5", "NGUOI_THUC_HIEN", "1234567890")


cell_fault("code-licence", "visit", "XML4", "MA_BS_DOC_KQ", "BS01", "000001/HNO-GPHN.HD.7")


cell_neighbour(
    "code-licence",
    "visit",
    "XML2",
    "MA_BAC_SI",
    "000001/HNO-CCHN",
    "000001/HNO-GPHN.HD.79999",
    f"{DOCTOR};0002/BYT-GPHN",
)


cell_neighbour("code-licence", "in_2024", "XML2", "MA_BAC_SI", "000001/HNO-CCHN")


cell_fault(
    "code-temporary-card",
    "birth",
    "XML9",
    "MA_THE_TAM",
    "TE1",
    "TE201000000000A",
    "TE10100000000",
    "DN4010000000000",
)


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
    values = {
        "MA_THE_BHYT": "DN4019999999999",
        "MA_BENH_CHINH": "Z00",
        "SO_CCCD": "001899999999",
        "CHAN_DOAN_RV": "Khác",
    }
    name = rng.choice([name for name in values if draft.tables[code][0].get(name)])
    return put(draft, code, 0, name, values[name])


@neighbour("repeats-rest", "several_cards")
def one_card_of_two(draft: Draft, rng: random.Random) -> None:
    with_appointment(draft)
    slip, main = draft.tables["XML14"][0], draft.main
    slip.update(MA_THE_BHYT=main["MA_THE_BHYT"].split(";")[0], GT_THE_DEN=main["GT_THE_DEN"].split(";")[0])


cell_fault(
    "result-without-service", "visit stay transfer", "XML4", "MA_DICH_VU", "24.0001.0001", "18.0001.0001"
)


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


@fault("tb-regimen", "tuberculosis")
def regimen(draft: Draft, rng: random.Random) -> str:
    wrong = {"1": ("1", "9"), "2": ("9", "20"), "3": ("8", "25")}
    return put(
        draft, "XML15", 0, "PHACDO_DTRI_LAO", rng.choice(wrong[draft.tables["XML15"][0]["LOAI_DTRI_LAO"]])
    )


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


SHAPES["hiv_in_september"] = hiv_in_september
