"""
The groups of insured people: the first two letters of a card (`BHYT_OBJECT`).

Source: QĐ 1351/QĐ-BHXH (2015) as secondary sources report it; newer lists added
groups.  A pair that is not here is no fault, and the usual level is only told,
never applied: the level comes from the card or from its source.
"""

from typing import Final

# Every other group known: 4.
_USUAL: Final = {
    1: "CC TE",
    2: "CK CB KC HN DT DK XD BT TS",
    3: "HT TC CN",
    5: "QN CA CY",
}
_LEVELS: Final = {group: level for level, groups in _USUAL.items() for group in groups.split()}

GROUPS_VI: Final = {
    "DN": "người lao động trong doanh nghiệp",
    "HX": "người lao động trong hợp tác xã",
    "CH": "người lao động trong cơ quan, tổ chức",
    "NN": "người lao động trong tổ chức nước ngoài, quốc tế",
    "TK": "người lao động trong tổ chức khác",
    "HC": "cán bộ, công chức, viên chức",
    "XK": "cán bộ không chuyên trách cấp xã",
    "HT": "người hưởng lương hưu",
    "TB": "người hưởng trợ cấp tai nạn lao động, bệnh nghề nghiệp",
    "NO": "người nghỉ ốm đau dài ngày",
    "CT": "người hưởng tuất từ 75 tuổi (trước đây 80)",
    "XB": "cán bộ xã già yếu nghỉ việc",
    "TN": "người hưởng trợ cấp thất nghiệp",
    "CS": "công nhân cao su hưởng trợ cấp",
    "QN": "quân đội",
    "CA": "công an",
    "CY": "cơ yếu",
    "XN": "cán bộ xã nghỉ việc hưởng ngân sách",
    "MS": "người hưởng trợ cấp mất sức lao động",
    "CC": "người có công với cách mạng",
    "CK": "người có công khác",
    "CB": "cựu chiến binh",
    "KC": "người tham gia kháng chiến",
    "HD": "đại biểu Quốc hội, Hội đồng nhân dân",
    "TE": "trẻ em dưới 6 tuổi",
    "BT": "người hưởng bảo trợ xã hội",
    "HN": "người thuộc hộ nghèo",
    "DT": "người dân tộc thiểu số vùng khó khăn",
    "DK": "người ở vùng đặc biệt khó khăn",
    "XD": "người ở xã đảo, huyện đảo",
    "TS": "thân nhân liệt sĩ",
    "TC": "thân nhân người có công",
    "TQ": "thân nhân quân nhân",
    "TA": "thân nhân công an",
    "TY": "thân nhân người làm cơ yếu",
    "HG": "người hiến bộ phận cơ thể",
    "LS": "lưu học sinh nước ngoài hưởng học bổng",
    "PV": "người phục vụ người có công",
    "CN": "người thuộc hộ cận nghèo",
    "HS": "học sinh",
    "SV": "sinh viên",
    "GB": "hộ nông, lâm, ngư nghiệp có mức sống trung bình",
    "GD": "người tham gia theo hộ gia đình",
    "TV": "thân nhân công nhân viên quốc phòng",
}


def usual_level(group: str) -> int:
    """Return the level that cards of *group* usually carry; 0 for a group that is not in the list."""
    return _LEVELS.get(group, 4) if group in GROUPS_VI else 0


def named(group: str) -> str:
    """Return the group with what it means, as `DN (người lao động trong doanh nghiệp)`."""
    words = GROUPS_VI.get(group)
    return f"{group} ({words})" if words else group
