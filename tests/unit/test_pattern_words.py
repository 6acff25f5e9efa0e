"""What a pattern of the contract wants is said in words, and the number forms in exactly these."""

import re

import pytest

from chassis.pattern_words import wanted
from chassis.validate import violations_of
from lientuyen.identity.v1.person_service_pb2 import FindPersonRequest
from tests.shape.contract import ROOT

PATTERNS = sorted(
    {
        pattern.replace("\\\\", "\\")
        for path in (ROOT / "protos" / "lientuyen").rglob("*.proto")
        for pattern in re.findall(r'pattern(?: =|:) "([^"]*)"', path.read_text(encoding="utf8"))
    }
)
# What says more than characters and literals is shown as it is.
SHOWN_AS_THEY_ARE = 5


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("^[0-9]{12}$", "12 chữ số"),
        ("^([0-9]{3})?$", "3 chữ số, hoặc để trống"),
        ("^[0-9A-Z]{5}$", "5 chữ số hoặc chữ hoa"),
        (
            "^([A-Z]{2}[0-9][0-9A-Z]{12}|[0-9]{10}|[0-9]{12})$",
            "2 chữ hoa, 1 chữ số, 12 chữ số hoặc chữ hoa, hoặc 10 chữ số, hoặc 12 chữ số",
        ),
        (r"^(//identity\.lientuyen/)?persons/[0-9a-f-]{36}$", "persons/UUID"),
        (
            r"^(//identity\.lientuyen/)?facilities/[0-9A-Z]{2,20}$",
            "facilities/, 2 đến 20 chữ số hoặc chữ hoa",
        ),
        ("^[1-8]?$", "một chữ số từ 1 đến 8, hoặc để trống"),
        ("^(a(b|c)+)$", "dạng ^(a(b|c)+)$"),
    ],
)
def test_a_pattern_is_told_in_words(pattern, words):
    assert wanted(pattern) == words


def test_most_patterns_of_the_contract_have_words():
    shown = [pattern for pattern in PATTERNS if wanted(pattern).startswith("dạng ")]

    assert PATTERNS
    assert len(shown) <= SHOWN_AS_THEY_ARE, shown


def test_a_number_that_is_too_short_is_told_how_long_it_must_be():
    violations = {
        fault.field: fault.vi for fault in violations_of(FindPersonRequest(personal_id="00148500001"))
    }

    assert violations["personal_id"] == "Cần 12 chữ số."
