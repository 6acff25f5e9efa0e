"""Which restricted classes codes tell of, however several of them are written into one field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.restricted import DataClass, classes_of
from services.records.model.health_checks import MAX_DIAGNOSES
from tests.samples.health_checks import adult_modules
from tests.unit.test_records_health_check_content import content_of

RESTRICTED = {
    "B20.1": DataClass.HIV,
    "z71.7": DataClass.HIV,
    "F 32": DataClass.MENTAL_HEALTH,
    "O80": DataClass.REPRODUCTIVE_HEALTH,
}
BETWEEN = st.sampled_from([",", ", ", " ", "/", "-", " - ", "+", ". ", "、", "\n", " và ", ""])


@given(
    st.lists(st.sampled_from(["I10", "J00.1", "K29"]), min_size=1),
    BETWEEN,
    st.sampled_from(sorted(RESTRICTED)),
    BETWEEN,
)
def test_a_restricted_code_behind_others_is_seen_whatever_stands_between_them(before, between, code, after):
    """A file with another separator than `;` is taken, with a warning."""
    written = f"{between.join(before)}{between}{code}{after}I10"

    assert classes_of([written]) == {DataClass.CARE, RESTRICTED[code]}


@pytest.mark.parametrize("code", ["I10", "M1A.0", "S72.001A", "T36.0X1A", "U07.1", "", "tăng huyết áp"])
def test_an_ordinary_code_tells_of_no_restricted_class(code: str):
    assert classes_of([code]) == {DataClass.CARE}


def test_a_health_check_of_more_diagnoses_than_are_kept_is_restricted_with_them_all():
    codes = [f"I{number:02}" for number in range(MAX_DIAGNOSES)]
    content = content_of(adult_modules().set("KET_LUAN_BENH", ";".join([*codes, "B20"])))

    assert content.classes
    assert len(content.diagnoses) == MAX_DIAGNOSES
