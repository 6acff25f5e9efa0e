"""What may be prescribed, and what may stand in for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.pharmacy.model import prescribing_rules
from services.pharmacy.model.classes import DataClass, classes_of
from services.pharmacy.model.dispensings import Wanted, judge_drug
from services.pharmacy.model.drugs import Control, Medicine, control_of, fold, number_is_known, slug
from services.pharmacy.model.prescriptions import Child, Tranche, day_of
from services.pharmacy.model.quantity import text_of

from .test_pharmacy_machine import PARACETAMOL, START, written

DAY = day_of(START)


def found(it, refuses=True):
    return [(one.field, one.rule) for one in prescribing_rules.check(it, START) if one.refuses is refuses]


def of_days(days, code="01999abcdefg-c", **changes):
    it = written(1000)
    return replace(it, code=code, lines=(replace(it.lines[0], days=days),), **changes)


@pytest.mark.parametrize(
    ("letter", "chronic", "most"),
    [("c", False, 30), ("C", True, 90), ("n", True, 7), ("h", False, 10), ("h", True, 30), ("t", False, 30)],
)
def test_each_type_has_its_most_days(letter, chronic, most):
    code = f"01999abcdefg-{letter}"

    assert found(of_days(most, code, chronic=chronic)) == []
    assert found(of_days(most + 1, code, chronic=chronic)) == [
        ("prescription.lines[0].days", "TOO_MANY_DAYS")
    ]


def test_tranches_are_short_apart_and_together_within_a_month():
    tranches = (
        Tranche(1, DAY, DAY + timedelta(days=10)),
        Tranche(1, DAY + timedelta(days=5), DAY + timedelta(days=6)),
        Tranche(2, DAY + timedelta(days=40), DAY + timedelta(days=39)),
    )
    it = replace(written(1000), code="01999abcdefg-n", tranches=tranches)

    assert found(it) == [
        ("prescription.tranches[0].end_day", "TRANCHE_TOO_LONG"),
        ("prescription.tranches[1].number", "NUMBER_TWICE"),
        ("prescription.tranches[1].start_day", "TRANCHES_OVERLAP"),
        ("prescription.tranches[2].end_day", "DAYS_REVERSED"),
        ("prescription.tranches", "TOO_MANY_DAYS"),
        ("prescription.lines[0].tranche", "TRANCHE_UNKNOWN"),
    ]


def test_what_rests_on_no_firm_source_only_warns():
    narcotic = Medicine(inn="Morphin", registration_number="893111123426")
    it = replace(written(1000), child=Child(30, 0))
    it = replace(it, lines=(replace(it.lines[0], drug=narcotic),))

    assert found(it) == []
    assert found(it, refuses=False) == [
        ("prescription.lines[0].drug.registration_number", "TYPES_MIXED"),
        ("prescription.child.weight_grams", "CHILD_WEIGHT_MISSING"),
    ]


def test_a_time_in_the_future_is_refused_and_a_late_one_is_marked():
    assert found(replace(written(1), prescribe_time=START + timedelta(minutes=6))) == [
        ("prescription.prescribe_time", "TIME_IN_FUTURE")
    ]
    assert found(replace(written(1), expire_time=START), refuses=False) == [
        ("prescription.prescribe_time", "ALREADY_EXPIRED")
    ]


@pytest.mark.parametrize("number", ["VD-12345-26", "vn2-123-25", "QLSP-1023-17", "GC-301-18", "893110123426"])
def test_old_and_new_registration_numbers_are_known(number):
    assert number_is_known(number)


def test_the_sixth_digit_tells_control():
    assert control_of("893111123426") is Control.NARCOTIC
    assert control_of("893110123426") is Control.NONE
    assert control_of("VD-12345-26") is None
    assert control_of("893119123426") is None


def drug_faults(agreed=True, refuses=True, **changes):
    prescribed = replace(PARACETAMOL, route_code="1.01", ingredient_code="40.48")
    given = replace(prescribed, registration_number="VD-99999-25", **changes)
    wanted = Wanted(1, 1, given, buyer_agreed=agreed)
    return [
        (one.field, one.rule)
        for one in judge_drug(wanted, given, prescribed, "lines[0]")
        if one.refuses is refuses
    ]


def test_another_product_of_the_same_ingredient_strength_and_route_may_stand_in():
    assert drug_faults(brand="Khác", strength="500MG") == []


def test_another_ingredient_strength_or_route_may_not_nor_without_agreement():
    faults = drug_faults(agreed=False, ingredient_code="40.49", strength="650 mg", route_code="2.10")

    assert faults == [
        ("lines[0].drug.ingredient_code", "SUBSTITUTION_REFUSED"),
        ("lines[0].drug.strength", "SUBSTITUTION_REFUSED"),
        ("lines[0].drug.route_code", "SUBSTITUTION_REFUSED"),
        ("lines[0].buyer_agreed", "SUBSTITUTION_REFUSED"),
    ]


def test_without_a_code_the_ingredient_is_compared_by_name():
    assert drug_faults(ingredient_code="", inn="Ibuprofen") == [("lines[0].drug.inn", "SUBSTITUTION_REFUSED")]


def test_what_only_one_of_the_two_states_is_not_compared_and_warned_of():
    assert drug_faults(strength="") == []
    assert drug_faults(strength="", refuses=False) == [("lines[0].drug.strength", "SUBSTITUTION_UNCHECKED")]


def test_a_prescription_by_ingredient_alone_is_met_by_any_product():
    prescribed, given = Medicine(inn="Paracetamol"), replace(PARACETAMOL, brand="Hapacol")

    assert judge_drug(Wanted(1, 1, given), given, prescribed, "lines[0]") == []


def test_diagnoses_tell_of_restricted_classes():
    assert classes_of(["J06.9"]) == {DataClass.CARE}
    assert classes_of(["B20.1", "f32"]) == {DataClass.CARE, DataClass.HIV, DataClass.MENTAL_HEALTH}


def test_quantities_and_words_read_well():
    assert [text_of(n) for n in (30000, 4500, 5, 100)] == ["30", "4.5", "0.005", "0.1"]
    assert fold("  Hàm  Lượng Đỏ ") == "ham luong do"
    assert slug("VD-12345-26") == "vd-12345-26"
