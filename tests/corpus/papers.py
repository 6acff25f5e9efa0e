"""The papers and slips that go with a dossier."""

from .drafts import Draft, Row, blank
from .parts import DOCTOR, FACILITY, HEAD, OTHER, at, day_after


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
        "SO_LUU_TRU": "SYN-LT-1", "MA_YTE": "SYN-YT-1", "MA_KHOA_RV": "K02",
        "CHAN_DOAN_RV": main["CHAN_DOAN_RV"],
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
    slip = {
        name: main[name]
        for name in blank("XML13")
        if name in main and name not in ("GIAY_CHUYEN_TUYEN", "DU_PHONG")
    }
    slip |= {
        "SO_HOSO": "SYN-HS-1", "SO_CHUYENTUYEN": "1/2026", "GIAY_CHUYEN_TUYEN": "01999-26-000001",
        "MA_CSKCB_DI": FACILITY, "MA_CSKCB_DEN": OTHER, "DAU_HIEU_LS": "Tỉnh", "QT_BENHLY": "Một tuần",
        "TOMTAT_KQ": "Bình thường", "TINH_TRANG_CT": "Tỉnh", "MA_LYDO_CT": "1",
        "HUONG_DIEU_TRI": "Khám chuyên khoa",
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


def certificate(main: Row, number: int, count: int) -> Row:
    return blank("XML9") | {
        "MA_LK": main["MA_LK"], "MA_BHXH_NND": "0000000000", "MA_THE_NND": main["MA_THE_BHYT"],
        "HO_TEN_NND": main["HO_TEN"], "NGAYSINH_NND": main["NGAY_SINH"][:8], "MA_DANTOC_NND": "01",
        "SO_CCCD_NND": main["SO_CCCD"], "NGAYCAP_CCCD_NND": "20220101", "NOICAP_CCCD_NND": "Hà Nội",
        "NOI_CU_TRU_NND": "Hà Nội", "MA_QUOCTICH": "000", "MATINH_CU_TRU": "01", "MAXA_CU_TRU": "00070",
        "MA_THE_TAM": f"TE101000000000{number}", "HO_TEN_CON": "", "GIOI_TINH_CON": "2", "SO_CON": str(count),
        "LAN_SINH": "1", "SO_CON_SONG": str(count), "CAN_NANG_CON": "3000",
        "NGAY_SINH_CON": at(main["NGAY_VAO"], 300), "NOI_SINH_CON": "Hà Nội", "TINH_TRANG_CON": "Khỏe",
        "SINHCON_PHAUTHUAT": "1", "SINHCON_DUOI32TUAN": "1",
        "GHI_CHU": "Sinh con phải phẫu thuật, dưới 32 tuần",
        "NGUOI_DO_DE": "LÊ THỊ MẪU", "NGUOI_GHI_PHIEU": "LÊ THỊ MẪU", "NGAY_CT": main["NGAY_RA"][:8],
        "SO": f"0000{number}.GCS.01999.26", "QUYEN_SO": "1", "MA_TTDV": HEAD,
    }  # fmt: skip
