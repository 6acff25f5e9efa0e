"""
The files that a hospital already produces under QĐ 3176/QĐ-BYT, for the demo's visit.

The tables are those of `sample_files/`, dated to the visit; the envelope is signed as
the insurance portal takes it: one enveloped XMLDSig over the whole document in
CHUKYDONVI (letter 1245/BHXH-CNTT).
"""

import base64
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from signxml import (
    CanonicalizationMethod,
    SignatureConstructionMethod,
    SignatureMethod,
    XMLSigner,
    namespaces,
)

TABLES = ("XML1", "XML2", "XML3", "XML4", "XML13", "XML14")
FOLDER = Path(__file__).parent / "sample_files"

# The days in sample_files/, which are replaced by those of the visit.
SAMPLE_DAY, SAMPLE_FOLLOW_UP = "20261120", "20261204"

# How long after the visit the patient comes again.
FOLLOW_UP = timedelta(days=14)

# Five faults of five kinds, each in one place.
FAULTS = {
    "XML1": [("<GIOI_TINH>2<", "<GIOI_TINH>7<"), ("<MA_BENH_CHINH>I10<", "<MA_BENH_CHINH><")],
    "XML3": [("<SO_LUONG>1.000<", "<SO_LUONG>một<")],
    "XML4": [("<MA_LK>01999.SYN.", "<MA_LK>01999.SAI.")],
    "XML14": [("<NGAY_HEN_KL>20261204<", "<NGAY_HEN_KL>20261304<")],
}
FAULTY_PATHS = (
    "XML1.GIOI_TINH",
    "XML1.MA_BENH_CHINH",
    "XML3[1].SO_LUONG",
    "XML4[1].MA_LK",
    "XML14.NGAY_HEN_KL",
)


def dated(text: str, visit: date) -> str:
    follow_up = visit + FOLLOW_UP
    text = text.replace(SAMPLE_DAY, f"{visit:%Y%m%d}").replace(SAMPLE_FOLLOW_UP, f"{follow_up:%Y%m%d}")
    text = text.replace("<NAM_QT>2026<", f"<NAM_QT>{visit.year}<").replace(
        "<THANG_QT>11<", f"<THANG_QT>{visit.month:02}<"
    )
    text = text.replace("<GT_THE_TU>20260101<", f"<GT_THE_TU>{visit.year - 1}0101<")
    return text.replace("<GT_THE_DEN>20261231<", f"<GT_THE_DEN>{visit.year + 1}1231<")


def check_in(visit: date) -> bytes:
    return dated((FOLDER / "XML0.xml").read_text(encoding="utf8"), visit).encode()


def table(name: str, visit: date, *, faulty: bool) -> str:
    text = (FOLDER / f"{name}.xml").read_text(encoding="utf8")
    for right, wrong in FAULTS.get(name, []) if faulty else []:
        text = text.replace(right, wrong, 1)
    return dated(text, visit).replace("\n", "\r\n")


def dossier(visit: date, *, faulty: bool = False) -> bytes:
    """Return the dossier of the visit, unsigned; *faulty* plants `FAULTS`."""
    return envelope({name: table(name, visit, faulty=faulty) for name in TABLES}, visit)


def envelope(tables: Mapping[str, str], day: date) -> bytes:
    """Return the dossier that has these *tables*, unsigned."""
    files = "".join(
        f"<FILEHOSO><LOAIHOSO>{name}</LOAIHOSO><NOIDUNGFILE>{encoded}</NOIDUNGFILE></FILEHOSO>"
        for name, text in tables.items()
        for encoded in [base64.b64encode(text.encode()).decode()]
    )
    return (
        "<GIAMDINHHS><THONGTINDONVI><MACSKCB>01999</MACSKCB></THONGTINDONVI><THONGTINHOSO>"
        f"<NGAYLAP>{day:%Y%m%d}</NGAYLAP><SOLUONGHOSO>1</SOLUONGHOSO><DANHSACHHOSO><HOSO>{files}</HOSO>"
        "</DANHSACHHOSO></THONGTINHOSO><CHUKYDONVI/></GIAMDINHHS>"
    ).encode()


def sign(document: bytes, folder: Path) -> bytes:
    """Return *document* signed with `signing.key` and `signing.crt` of *folder*, inside CHUKYDONVI."""
    root = etree.fromstring(document)
    parent = root.find("CHUKYDONVI")
    assert parent is not None, "the envelope has a place for the signature"
    attributes = {"Id": "placeholder"}
    etree.SubElement(parent, f"{{{namespaces.ds}}}Signature", attributes, nsmap={"ds": namespaces.ds})
    key = load_pem_private_key((folder / "signing.key").read_bytes(), password=None)
    assert isinstance(key, EllipticCurvePrivateKey | RSAPrivateKey), "XMLDSig here is ECDSA or RSA"
    is_elliptic = isinstance(key, EllipticCurvePrivateKey)
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod.ECDSA_SHA256 if is_elliptic else SignatureMethod.RSA_SHA256,
        c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    signed = signer.sign(root, key=key, cert=(folder / "signing.crt").read_text(encoding="ascii"))
    return bytes(etree.tostring(signed, encoding="utf-8"))
