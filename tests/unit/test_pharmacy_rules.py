"""What may be prescribed, and what may stand in for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from common.restricted import DataClass
from common.values import quantity_text
from kcb.vietnamese_text import folded
from services.pharmacy.model.drugs import Control, Medicine, control_of, number_is_known, slug
from services.pharmacy.model.prescribing_rules import check_prescription
from services.pharmacy.model.prescriptions import Child, Diagnosis, Tranche, day_of
from services.pharmacy.model.refusals import Refusal
from services.pharmacy.model.substitution import check_substitution
from services.pharmacy.service.errors import ERRORS

from .test_pharmacy_machine import PARACETAMOL, START, written

DAY = day_of(START)


def faults_of(prescription, refuses=True):
    faults = check_prescription(prescription, START)
    return [(fault.field, fault.rule) for fault in faults if fault.refuses is refuses]


def of_days(days, code="01999abcdefg-c", **changes):
    prescription = written(1000)
    return replace(prescription, code=code, lines=(replace(prescription.lines[0], days=days),), **changes)


@pytest.mark.parametrize(
    ("letter", "chronic", "max_days"),
    [("c", False, 30), ("C", True, 90), ("n", True, 7), ("h", False, 10), ("h", True, 30), ("t", False, 30)],
)
def test_each_type_has_its_most_days(letter, chronic, max_days):
    code = f"01999abcdefg-{letter}"

    assert faults_of(of_days(max_days, code, chronic=chronic)) == []
    assert faults_of(of_days(max_days + 1, code, chronic=chronic)) == [
        ("prescription.lines[0].days", "TOO_MANY_DAYS")
    ]


def test_tranches_are_short_apart_and_together_within_a_month():
    tranches = (
        Tranche(1, DAY, DAY + timedelta(days=10)),
        Tranche(1, DAY + timedelta(days=5), DAY + timedelta(days=6)),
        Tranche(2, DAY + timedelta(days=40), DAY + timedelta(days=39)),
    )
    prescription = replace(written(1000), code="01999abcdefg-n", tranches=tranches)

    assert faults_of(prescription) == [
        ("prescription.tranches[0].end_day", "TRANCHE_TOO_LONG"),
        ("prescription.tranches[1].number", "NUMBER_TWICE"),
        ("prescription.tranches[1].start_day", "TRANCHES_OVERLAP"),
        ("prescription.tranches[2].end_day", "DAYS_REVERSED"),
        ("prescription.tranches", "TOO_MANY_DAYS"),
        ("prescription.lines[0].tranche", "TRANCHE_UNKNOWN"),
    ]


def test_what_rests_on_no_firm_source_only_warns():
    narcotic = Medicine(inn="Morphin", registration_number="893111123426")
    prescription = replace(written(1000), child=Child(30, 0))
    prescription = replace(prescription, lines=(replace(prescription.lines[0], drug=narcotic),))

    assert faults_of(prescription) == []
    assert faults_of(prescription, refuses=False) == [
        ("prescription.lines[0].drug.registration_number", "TYPES_MIXED"),
        ("prescription.child.weight_grams", "CHILD_WEIGHT_MISSING"),
    ]


def test_a_time_in_the_future_is_refused_and_a_late_one_is_marked():
    assert faults_of(replace(written(1), prescribe_time=START + timedelta(minutes=16))) == [
        ("prescription.prescribe_time", "TIME_IN_FUTURE")
    ]
    assert faults_of(replace(written(1), expire_time=START), refuses=False) == [
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
    supplied = replace(prescribed, registration_number="VD-99999-25", **changes)
    faults = check_substitution(supplied, prescribed, "lines[0]", buyer_agreed=agreed)
    return [(fault.field, fault.rule) for fault in faults if fault.refuses is refuses]


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
    prescribed, supplied = Medicine(inn="Paracetamol"), replace(PARACETAMOL, brand="Hapacol")

    assert check_substitution(supplied, prescribed, "lines[0]", buyer_agreed=False) == []


def diagnosed(*codes):
    return replace(written(1), diagnoses=tuple(Diagnosis("ICD-10", code, "") for code in codes))


def test_diagnoses_tell_of_restricted_classes():
    assert diagnosed("J06.9").classes == {DataClass.CARE}
    assert diagnosed("B20.1", "f32").classes == {DataClass.CARE, DataClass.HIV, DataClass.MENTAL_HEALTH}


def test_every_refusal_is_an_error_with_the_reason_of_its_name():
    reasons = {refusal: reason.name for refusal, (_, reason) in ERRORS.items()}

    assert reasons == {refusal: f"ERROR_REASON_{refusal}" for refusal in Refusal}


def test_quantities_and_words_read_well():
    assert [quantity_text(n) for n in (30000, 4500, 5, 100)] == ["30", "4.5", "0.005", "0.1"]
    assert folded("  Hàm  Lượng Đỏ ") == "ham luong do"
    assert slug("VD-12345-26") == "vd-12345-26"
