"""Who a certificate names, and whom a rule admits."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.access import CHASSIS_RULES, allow, caller_of
from chassis.call_context import Call, Caller, calling, require_facility
from chassis.errors import PermissionDenied

HOSPITAL, PHARMACY = Caller("facility", "01999"), Caller("pharmacy", "NT00001")
RECORDS, OPERATOR = Caller("service", "records"), Caller("operator", "an")


@pytest.mark.parametrize(
    ("uris", "caller"),
    [
        ([b"spiffe://lientuyen.test/facility/01999"], HOSPITAL),
        ([b"spiffe://lientuyen.test/service/records"], RECORDS),
        (["spiffe://lientuyen.test/pharmacy/NT00001"], PHARMACY),
        ([], None),
        ([b"https://hospital.test", b"spiffe://lientuyen.test/facility/01999"], None),
        ([b"SPIFFE://lientuyen.test/facility/01999"], None),
        ([b"spiffe://elsewhere.test/facility/01999"], None),
        ([b"spiffe://lientuyen.test.evil.test/facility/01999"], None),
        ([b"spiffe://lientuyen.test/facility/01999", b"spiffe://lientuyen.test/operator/an"], None),
        ([b"spiffe://lientuyen.test/king/01999"], None),
        ([b"spiffe://lientuyen.test/facility/01999/more"], None),
        ([b"spiffe://lientuyen.test/facility/"], None),
        ([b"spiffe://lientuyen.test/facility/01999\n"], None),
        ([b"https://lientuyen.test/facility/01999"], None),
    ],
)
def test_a_certificate_names_one_caller_of_our_domain_or_nobody(uris, caller):
    assert caller_of(uris, "lientuyen.test") == caller


def test_a_rule_admits_a_kind_or_one_identity_and_nobody_else():
    rule = allow("facility", "service/records")

    assert rule.admits(HOSPITAL)
    assert rule.admits(RECORDS)
    assert not rule.admits(Caller("service", "routing"))
    assert not rule.admits(PHARMACY)
    assert not allow().admits(OPERATOR)


def test_a_misspelt_rule_fails_at_import():
    with pytest.raises(ValueError, match="hospital"):
        allow("hospital")


def test_the_access_log_is_for_the_person_and_operators_and_outcomes_are_for_all():
    log, outcome = CHASSIS_RULES["AuditService/ListAccesses"], CHASSIS_RULES["OutcomeService/GetOutcome"]

    assert [log.admits(one) for one in (HOSPITAL, RECORDS, OPERATOR)] == [False, False, True]
    assert log.admits(Caller("authority", "vneid"))
    assert not log.admits(Caller("authority", "bhxh"))
    assert all(outcome.admits(one) for one in (HOSPITAL, PHARMACY, RECORDS, OPERATOR))


def test_hospitals_and_pharmacies_are_facilities_of_the_directory():
    assert HOSPITAL.facility == "//identity.lientuyen/facilities/01999"
    assert PHARMACY.facility == "//identity.lientuyen/facilities/NT00001"
    assert (RECORDS.facility, OPERATOR.facility) == (None, None)


@pytest.mark.parametrize(
    "caller",
    [
        Caller("pharmacy", "01999"),
        Caller("facility", "NT00001"),
        Caller("facility", "0199"),
        Caller("facility", "H-1"),
        Caller("pharmacy", "nt00001"),
    ],
    ids=str,
)
def test_a_code_of_another_kind_is_no_facility_at_all(caller: Caller):
    for of in (lambda: caller.code, lambda: caller.facility):
        with pytest.raises(PermissionDenied) as refusal:
            of()
        assert refusal.value.metadata == {"caller": str(caller)}


@given(st.text(string.digits + string.ascii_uppercase, min_size=2, max_size=20))
def test_every_code_of_the_directory_has_a_holder_of_one_kind(code: str):
    holder = Caller.of_facility(f"//identity.lientuyen/facilities/{code}")

    assert (holder.code, holder.facility) == (code, f"//identity.lientuyen/facilities/{code}")
    assert holder in (Caller("facility", code), Caller("pharmacy", code))
    with pytest.raises(PermissionDenied):
        _ = Caller("pharmacy" if holder.kind == "facility" else "facility", code).code


@pytest.mark.parametrize("declared", ["01999", "facilities/01999", "//identity.lientuyen/facilities/01999"])
def test_a_facility_may_declare_itself_in_any_form(declared: str):
    with calling(Call("S/M", "p.S/M", HOSPITAL)):
        require_facility("sender", declared)
    with calling(Call("S/M", "p.S/M", OPERATOR)):
        require_facility("sender", declared)


@pytest.mark.parametrize(
    ("caller", "declared"),
    [
        (HOSPITAL, "79999"),
        (HOSPITAL, ""),
        (HOSPITAL, "persons/01999"),
        (HOSPITAL, "//elsewhere/facilities/01999"),
        (RECORDS, "records"),
        (PHARMACY, "01999"),
    ],
)
def test_nobody_may_declare_another_facility(caller: Caller, declared: str):
    with calling(Call("S/M", "p.S/M", caller)), pytest.raises(PermissionDenied) as refusal:
        require_facility("sender", declared)

    assert refusal.value.metadata == {"field": "sender", "declared": declared}
