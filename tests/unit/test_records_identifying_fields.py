"""Nothing that says who it is may rest in the clear: the list is held against the catalogue."""

import re

from kcb.tables import older_tables, tables
from services.records.model.identifying_fields import IDENTIFYING_FIELDS, without_identifiers

# What the meaning of a field that identifies somebody speaks of.
TELLING = re.compile(r"\b(name|identifier|ID|card|address|phone|birth|residence|insurance|parent|guardian)\b")

# Fields that speak of it and are about something else: drugs, services, dates of validity, staff by licence.
HARMLESS = {
    "TEN_THUOC",
    "TEN_DICH_VU",
    "TEN_VAT_TU",
    "TEN_CHI_SO",
    "GT_THE_TU",
    "GT_THE_DEN",
    "MA_TTDV",
    "MA_BAC_SI",
    "MA_BS",
    "MA_BS_DOC_KQ",
    "NGUOI_THUC_HIEN",
    "NGAY_SINHCON",
    "NGAY_SINH_CON",
    "NOI_SINH_CON",
    "MA_KHUVUC",
    "NAM_NAM_LIEN_TUC",
    "MA_NOI_DI",
    "MA_NOI_DEN",
    "MA_CSKCB_DI",
    "MA_CSKCB_DEN",
    "TINH_TRANG_CT",
    "PHAM_VI",
    "T_BHTT",
    "MUC_HUONG",
    "CAN_NANG_CON",
    "LAN_SINH",
    "SO_CON",
}


def test_every_field_that_names_a_person_is_left_out_of_what_is_kept_in_the_clear():
    import json

    from kcb.tables import HERE

    raw = json.loads((HERE / "tables.json").read_text(encoding="utf8"))["tables"]
    telling = {
        field["name"]
        for table in raw
        if table["loaihoso"] not in ("XML1", "XML2", "XML3", "XML4", "XML0", "XML12")
        for field in table["fields"]
        if TELLING.search(field["gloss"])
    }

    assert sorted(telling - IDENTIFYING_FIELDS - HARMLESS) == []


def test_every_name_of_the_list_is_a_field_of_some_table():
    fields = {name for table in (*tables().values(), *older_tables().values()) for name in table.names}

    assert sorted(IDENTIFYING_FIELDS - fields) == []


def test_empty_values_and_identifiers_are_left_out():
    assert without_identifiers({"HO_TEN": "A", "QT_BENHLY": "x", "GHI_CHU": ""}) == {"QT_BENHLY": "x"}
