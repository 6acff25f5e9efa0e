"""Visits with the tables of chronic infections, and with papers of leave."""

import random

from .drafts import Draft, blank
from .parts import DOCTOR, FACILITY, HEAD, day_after, person
from .visits import visit


def hiv(rng: random.Random) -> Draft:
    draft = visit(rng)
    main = draft.main
    repeated = {name: main[name] for name in blank("XML6") if name in main and name != "DU_PHONG"}
    left = main["NGAY_RA"]
    draft.tables["XML6"] = [
        blank("XML6") | repeated | {
            "NGAYKD_HIV": "20240105", "NOI_LAY_MAU_XN": FACILITY, "NOI_XN_KD": FACILITY,
            "NOI_BDDT_ARV": FACILITY,
            "BDDT_ARV": "20240110", "MA_PHAC_DO_DIEU_TRI_BD": "TLD", "MA_LYDO_DTRI": "1",
            "LOAI_DTRI_LAO": "2",
            "SANG_LOC_LAO": "1", "PHACDO_DTRI_LAO": "2", "NGAYBD_DTRI_LAO": "20260801",
            "NGAYKT_DTRI_LAO": "20270201",
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
            "PHANLOAI_LAO_VITRI": "1", "PHANLOAI_LAO_TS": "1", "PHANLOAI_LAO_HIV": "1",
            "PHANLOAI_LAO_VK": "1",
            "PHANLOAI_LAO_KT": "1", "LOAI_DTRI_LAO": kind, "NGAYBD_DTRI_LAO": "20260801",
            "PHACDO_DTRI_LAO": regimen,
            "NGAYKT_DTRI_LAO": "20270201", "KET_QUA_DTRI_LAO": "1", "MA_CSKCB": FACILITY,
            "BDDT_ARV": "20260801", "NGAY_BAT_DAU_DT_CTX": "20260801",
        }
    ]  # fmt: skip
    return draft


def leave(rng: random.Random) -> Draft:
    draft = visit(rng)
    main, days = draft.main, rng.randint(1, 30)
    first = main["NGAY_RA"][:8]
    draft.tables["XML11"] = [
        blank("XML11") | {
            "MA_LK": main["MA_LK"], "SO_CT": "SYN-CT-1", "SO_SERI": "SYN-SR-1", "SO_KCB": "SYN-1",
            "DON_VI": "Công ty Mẫu",
            "MA_BHXH": main["MA_THE_BHYT"][-10:], "MA_THE_BHYT": main["MA_THE_BHYT"],
            "CHAN_DOAN_RV": main["CHAN_DOAN_RV"],
            "PP_DIEUTRI": "Nội khoa", "SO_NGAY_NGHI": str(days), "TU_NGAY": first,
            "DEN_NGAY": day_after(first, days - 1),
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
            "MA_LK": main["MA_LK"], "SO_SERI": "SYN-SR-1", "SO_CT": "SYN-CT-1", "SO_NGAY": str(days),
            "DON_VI": "Công ty Mẫu",
            "CHAN_DOAN_RV": "Thai 12 tuần, nghỉ dưỡng thai", "TU_NGAY": first,
            "DEN_NGAY": day_after(first, days - 1),
            "MA_TTDV": HEAD, "TEN_BS": "LÊ VĂN MẪU", "MA_BS": DOCTOR, "NGAY_CT": first,
        }
    ]  # fmt: skip
    return draft
