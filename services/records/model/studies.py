"""
The study that a result was read from, where the file names one.

XML4 has no field for it: a facility writes it into DU_PHONG (dự phòng).  Only a DICOM UID is taken, or a link
without a user or a query, which could name the patient.
"""

import re
from typing import Final

from kcb.vietnamese_text import visible

MAX_LENGTH: Final = 1024

# A UID of DICOM (PS3.5, 9.1): 64 characters at most, numbers without leading zeros, below one of the roots.
# What is shorter than 20 characters may be any other number with points.
_UID: Final = re.compile(r"(?:urn:oid:)?((?=[0-9.]{20,64}$)[12](?:\.(?:0|[1-9][0-9]*))+)")
_LINK: Final = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%!$&'()*+,;=:-]*)*")


def study_of(reserve: str) -> str:
    """Return the study that DU_PHONG names: `urn:oid:1.2.840…`, `https://…`, or nothing."""
    value = visible(reserve).strip()
    if uid := _UID.fullmatch(value):
        return f"urn:oid:{uid[1]}"
    return value if len(value) <= MAX_LENGTH and _LINK.fullmatch(value) else ""
