"""What a result names beside its value: its study, and the price of its service."""

import pytest

from services.records.model.prices import whole_dong
from services.records.model.studies import study_of

UID = "1.2.840.113619.2.55.3.604688119.971.1"


@pytest.mark.parametrize(
    ("reserve", "study"),
    [
        (UID, f"urn:oid:{UID}"),
        (f" urn:oid:{UID} ", f"urn:oid:{UID}"),
        ("https://pacs.example.vn/studies/1.2.3", "https://pacs.example.vn/studies/1.2.3"),
        ("https://pacs.example.vn/s?name=TRAN+THI+MAU", ""),
        ("https://doctor@pacs.example.vn/s", ""),
        ("http://pacs.example.vn/s", ""),
        ("1.2.3.4", ""),
        ("1.2.840.113619.2.55.03.604688119", ""),
        (f"{UID}.", ""),
        ("1." * 40, ""),
        ("Trần Thị Mẫu", ""),
        ("", ""),
    ],
)
def test_only_a_study_is_taken_from_the_reserve(reserve: str, study: str):
    assert study_of(reserve) == study


@pytest.mark.parametrize(
    ("written", "dong"),
    [
        ("21800", 21800),
        ("21800.50", 21801),
        ("0", 0),
        ("-1", None),
        ("", None),
        ("NaN", None),
        ("1e99", None),
    ],
)
def test_a_price_is_whole_dong_or_none(written: str, dong: int | None):
    assert whole_dong(written) == dong
