"""
The fields that say who somebody is: names, numbers, addresses.  They rest in the sealed
original only; rows kept in the clear are written without them.

`tests/unit/test_records_identifying_fields.py` holds this list against the tables: every
field whose meaning speaks of a name, a number of a person, an address or a phone is
either here or is known there to be about something else.
"""

from collections.abc import Mapping

IDENTIFYING_FIELDS = frozenset(
    [
        # names (họ và tên)
        "HO_TEN",
        "HO_TEN_CHA",
        "HO_TEN_ME",
        "HO_TEN_NND",
        "HO_TEN_CON",
        "HOTEN_NGUOI_HT",
        "CHUCDANH_NGUOI_HT",
        "NGUOI_GIAM_HO",
        "NGUOI_DO_DE",
        "NGUOI_GHI_PHIEU",
        "NGUOI_CHU_TRI",
        "TEN_BS",
        # numbers (số định danh, thẻ, mã số BHXH, mã người bệnh)
        "SO_CCCD",
        "SO_CCCD_NND",
        "NGAY_CAP_CCCD",
        "NGAYCAP_CCCD_NND",
        "NOI_CAP_CCCD",
        "NOICAP_CCCD_NND",
        "MA_THE_BHYT",
        "MA_THE_TAM",
        "MA_THE_NND",
        "MA_BHXH",
        "MA_BHXH_NND",
        "MA_CHA",
        "MA_ME",
        "MA_BN",
        "MA_YTE",
        # births, addresses, phones, employers
        "NGAY_SINH",
        "NGAYSINH_NND",
        "DIA_CHI",
        "NOI_CU_TRU_NND",
        "MATINH_CU_TRU",
        "MAHUYEN_CU_TRU",
        "MAXA_CU_TRU",
        "DIEN_THOAI",
        "DON_VI",
        # free space: of the slips it is said to hold the signature, so a certificate with a name
        "DU_PHONG",
    ]
)


def without_identifiers(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value and name not in IDENTIFYING_FIELDS}
