"""The transfer slips that a patient brought, as a dossier names them."""

import pytest

from kcb.report import Row
from services.records.convert.slips import use_requests


def row(**cells: str) -> Row:
    return Row(1, cells)


@pytest.mark.parametrize(
    ("sender", "numbers", "used"),
    [
        ("01999", "TEST-1", ["TEST-1"]),
        ("01999", "TEST-1; TEST-2", ["TEST-1", "TEST-2"]),
        ("", "TEST-1", []),
        ("01999;01929", "TEST-1", []),
        ("79999", "TEST-1", []),
        ("no code", "TEST-1", []),
        ("01999", "", []),
        ("01999", "x" * 101, []),
    ],
)
def test_a_slip_is_used_that_has_one_sender_and_a_number(sender: str, numbers: str, used: list[str]):
    requests = use_requests(row(MA_NOI_DI=sender, GIAY_CHUYEN_TUYEN=numbers), "79999", "MALK-1")

    assert [request.slip_number for request in requests] == used
    assert {request.encounter for request in requests} <= {"MALK-1"}
