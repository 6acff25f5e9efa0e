"""
Health checks to test with: the modules of QĐ 2062 and the forms of QĐ 1551, changed and put together.

No real person is in them: the facility 01999 and the person 001385000016 are invented.
"""

import base64
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from kcb.ksk_catalogue import ITEM, KskField, ksk_catalogue

GLN = "8930000000019"

# What a right value is where its form alone does not tell.
KNOWN = {
    "HO_TEN": "Trần Thị Mẫu",
    "GIOI_TINH": "2",
    "NGAY_SINH": "198503120000",
    "TUOI": "41",
    "SO_CCCD": "001385000016",
    "MA_LK": "01999.KSK.000001",
    "MA_CSKCB": "01999",
    "MA_GTIN_CSKCB": GLN,
    "NGAY_VAO": "202611200800",
    "NGAY_RA": "202611200930",
    "DOI_TUONG": "13",
    "NGUON_CHI_TRA": "4",
    "NGUON_KINH_PHI": "4",
    "MA_LOAI_KCB": "15",
    "CHIEU_CAO": "158",
    "CHIEU_DAI": "70",
    "CAN_NANG": "52.5",
    "CHI_SO_BMI": "21.0",
    "BMI": "21.0",
    "VONG_DAU": "45",
    "MACH": "76",
    "NHIP_THO": "18",
    "NHIET_DO": "36.8",
    "HUYET_AP": "118/76",
    "PHAN_LOAI_SK": "2",
    "SO_CCCD_NGH": "001385000017",
    "MA_THE_BHYT": "DN4010000000000",
    "MATINH_CU_TRU": "01",
    "MAXA_CU_TRU": "00004",
    "MA_NGHE_NGHIEP": "99",
    "SAN_KHOA": "1",
    "KET_LUAN_BENH": "I10",
}

# In a child's form the check is of somebody else.
CHILD = {"NGAY_SINH": "201503120000", "TUOI": "11", "DOI_TUONG": "11", "MA_NGHE_NGHIEP": ""}


def right_value(of: KskField) -> str:
    """Return a value that breaks no rule of the field."""
    if of.name in KNOWN:
        return KNOWN[of.name]
    if of.codes is not None:
        return min(of.codes.values)
    if of.shape == "icd10":
        return "I10"
    if of.shape == "year":
        return "2020"
    if of.kind in ("number", "decimal"):
        return "1"
    if of.kind == "date":
        return "20200101"
    return "" if of.part == "signature" else "1"


@dataclass
class CheckFile:
    """A health check as modules of cells, to be changed and written again."""

    facility: str = "01999"
    modules: dict[str, dict[str, str]] = field(default_factory=dict)
    items: list[dict[str, str]] = field(default_factory=list)
    # What stands in CHUKYDONVI, and under which of its three possible parents.
    signature: str = ""
    signature_in: str = "KHAMSUCKHOE"
    # Documents that stand as they are.
    documents: dict[str, bytes] = field(default_factory=dict)

    def set(self, name: str, value: str, code: str = "") -> "CheckFile":
        """Set a field, in every module that has it or in *code*."""
        for each, cells in self.modules.items():
            if name in cells and code in ("", each):
                cells[name] = value
        return self

    def drop(self, name: str) -> "CheckFile":
        """Leave an element out of every module."""
        for cells in self.modules.values():
            cells.pop(name, None)
        return self

    def without(self, code: str) -> "CheckFile":
        """Leave a module out."""
        del self.modules[code]
        return self

    def document(self, code: str) -> bytes:
        """Return one module's XML."""
        if code in self.documents:
            return self.documents[code]
        module = ksk_catalogue().module(code)
        root = (module.root if module else "") or f"NHOM_{code}"
        cells = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in self.modules[code].items())
        if module and module.item:
            cells += "".join(
                f"<{ITEM}>{''.join(f'<{n}>{escape(v)}</{n}>' for n, v in item.items())}</{ITEM}>"
                for item in self.items
            )
        return f'<?xml version="1.0" encoding="utf-8"?><{root}>{cells}</{root}>'.encode()

    def file(self, code: str) -> str:
        """Return one FILEHOSO."""
        body = base64.b64encode(self.document(code)).decode()
        return f"<FILEHOSO><LOAIHOSO>{code}</LOAIHOSO><NOIDUNGFILE>{body}</NOIDUNGFILE></FILEHOSO>"

    def bytes(self, files: str | None = None) -> bytes:
        """Return the file; *files* stands in for the FILEHOSO elements."""
        inside = "".join(map(self.file, self.modules)) if files is None else files
        signed = {
            parent: f"<CHUKYDONVI>{self.signature}</CHUKYDONVI>" if parent == self.signature_in else ""
            for parent in ("KHAMSUCKHOE", "THONGTINHOSO", "HOSO")
        }
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n<KHAMSUCKHOE><THONGTINDONVI>'
            f"<MACSKCB>{self.facility}</MACSKCB></THONGTINDONVI><THONGTINHOSO><NGAYLAP>20261120</NGAYLAP>"
            f"<SOLUONGHOSO>1</SOLUONGHOSO><DANHSACHHOSO><HOSO>{inside}{signed['HOSO']}</HOSO></DANHSACHHOSO>"
            f"{signed['THONGTINHOSO']}</THONGTINHOSO>{signed['KHAMSUCKHOE']}</KHAMSUCKHOE>\n"
        ).encode()


def modules_of(code: str) -> dict[str, str]:
    """Return the right values of one module."""
    module = ksk_catalogue().module(code)
    assert module is not None
    return {name: right_value(of) for name, of in module.fields.items() if name not in ("NGUON_KINH_PHI",)}


RESULT = {
    "MA_DICH_VU": "23.0075.1494",
    "MA_CHI_SO": "GLU",
    "GIA_TRI": "5.4",
    "DON_VI_DO": "mmol/L",
    "MO_TA": "",
    "KET_LUAN": "Bình thường",
}


def adult_modules() -> CheckFile:
    """Return a check of an adult in all modules of QĐ 2062."""
    codes = [code for code in ksk_catalogue().modules if code != "XML11"]
    file = CheckFile(modules={code: modules_of(code) for code in codes})
    file.modules["XML11"] = {}
    file.items = [dict(RESULT), {**RESULT, "MA_CHI_SO": "CHOL"}]
    file.drop("MA_THE_BHYT").drop("SO_CCCD_NGH").drop("NGUOI_GIAM_HO").drop("SAN_KHOA_KHONG_BT")
    file.modules["XML4"]["CHIEU_DAI"] = ""
    return file


def form(number: int) -> CheckFile:
    """Return a check in a form of QĐ 1551; of those whose fields are not known, with the fields of all."""
    code = f"MAU{number}"
    file = CheckFile(modules={code: modules_of(code)}, items=[dict(RESULT)])
    file.modules[code]["NGUON_KINH_PHI"] = "4"
    file.drop("SAN_KHOA_KHONG_BT")
    if number == 1:
        for name, value in CHILD.items():
            file.set(name, value)
    return file
