"""The decision table: every combination, and no wrong grant among them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import chain, combinations, product
from uuid import UUID

import pytest

from services.identity.model.authorize import WHY_VI, Ask, Basis, Decision, Purpose, Why, decide
from services.identity.model.consents import (
    RESTRICTED,
    Consent,
    ConsentState,
    DataClass,
    consent_faults,
)
from services.identity.model.dates import PartialDate

DAY = date(2026, 11, 21)
CONSENT = Consent(
    id=UUID(int=1),
    person_id=UUID(int=2),
    state=ConsentState.ACTIVE,
    facility="01999",
    purpose=Purpose.TREATMENT,
    data_classes=frozenset({DataClass.CARE}),
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
    proof_kind=1,
    proof_reference="sổ 1, tờ 7",
    proof_sha256=b"",
    guardian=None,
    guardian_relation=0,
    child_agreed=False,
    recorder="facility/01999",
    create_time=datetime(2026, 1, 1, tzinfo=UTC),
    withdraw_time=None,
    version=1,
)
ASK = Ask(
    requester="facility",
    facility="01999",
    purpose=Purpose.TREATMENT,
    basis=Basis.CONSENT,
    reason="",
    data_classes=frozenset({DataClass.CARE}),
    own_record=False,
    day=DAY,
)

REQUESTERS = (
    "facility",
    "pharmacy",
    "authority/vneid",
    "authority/bhxh",
    "authority/byt",
    "operator/an",
    "",
    "service/x",
)
ALL = frozenset(DataClass)
CLASS_SETS = [frozenset(s) for s in chain.from_iterable(combinations(DataClass, n) for n in (1, 2, 4))]
CONSENT_SETS = {
    "none": [],
    "fits": [CONSENT],
    "fits, every class": [replace(CONSENT, data_classes=ALL)],
    "every facility, HIV": [
        replace(CONSENT, facility="", data_classes=frozenset({DataClass.CARE, DataClass.HIV}))
    ],
    "another facility": [replace(CONSENT, facility="79024", data_classes=ALL)],
    "another purpose": [replace(CONSENT, purpose=Purpose.RESEARCH, data_classes=ALL)],
    "withdrawn": [replace(CONSENT, state=ConsentState.WITHDRAWN, data_classes=ALL)],
    "ended yesterday": [replace(CONSENT, valid_to=date(2026, 11, 20), data_classes=ALL)],
    "begins tomorrow": [replace(CONSENT, valid_from=date(2026, 11, 22), data_classes=ALL)],
}


def may(ask, consents):
    """Say independently of the table, as the law puts it, whether *ask* may be granted."""
    covers = any(
        one.state is ConsentState.ACTIVE
        and one.facility in ("", ask.facility)
        and one.purpose == ask.purpose
        and one.valid_from <= ask.day <= one.valid_to
        and ask.data_classes <= one.data_classes
        for one in consents
    )
    restricted_named = not ask.data_classes & RESTRICTED or any(
        one.state is ConsentState.ACTIVE
        and one.facility in ("", ask.facility)
        and one.purpose == ask.purpose
        and one.valid_from <= ask.day <= one.valid_to
        and (ask.data_classes & RESTRICTED) <= one.data_classes
        for one in consents
    )
    care_giver = ask.requester in ("facility", "pharmacy")
    if ask.basis == Basis.CONSENT:
        return care_giver and ask.purpose != Purpose.OPERATIONS and covers
    if ask.basis == Basis.EMERGENCY:
        return (
            ask.requester == "facility"
            and ask.purpose == Purpose.TREATMENT
            and bool(ask.reason.strip())
            and restricted_named
        )
    if ask.basis == Basis.LEGAL_DUTY:
        duty = {"authority/byt": Purpose.PUBLIC_HEALTH, "authority/bhxh": Purpose.PAYMENT}
        return duty.get(ask.requester) == ask.purpose and restricted_named
    if ask.basis == Basis.DATA_SUBJECT:
        return ask.requester == "authority/vneid" and ask.purpose == Purpose.PATIENT_REQUEST
    own = (Purpose.TREATMENT, Purpose.PAYMENT, Purpose.PATIENT_REQUEST)
    return care_giver and ask.own_record and ask.purpose in own


def matrix():
    for requester, purpose, basis, classes, name, own, reason in product(
        REQUESTERS,
        [0, *Purpose, 99],
        [0, *Basis, 99],
        CLASS_SETS,
        CONSENT_SETS,
        (False, True),
        ("", " ", "ngã"),
    ):
        ask = Ask(requester, "01999", purpose, basis, reason, classes, own, DAY)
        yield ask, CONSENT_SETS[name]


def test_no_combination_is_granted_that_the_law_does_not_allow_and_none_denied_that_it_does():
    wrong, asked, granted = [], 0, 0
    for ask, consents in matrix():
        decision = decide(ask, consents)
        asked, granted = asked + 1, granted + decision.allowed
        lawful = ask.basis in list(Basis) and ask.purpose in list(Purpose) and may(ask, consents)
        if decision.allowed != lawful:
            wrong.append((ask, consents, decision))
    assert wrong == []
    assert asked > 250_000
    assert 0 < granted < asked / 20


def test_only_an_emergency_is_flagged_and_each_denial_says_why():
    for ask, consents in matrix():
        decision = decide(ask, consents)
        assert decision.flagged == (decision.allowed and ask.basis == Basis.EMERGENCY)
        assert decision.why in WHY_VI
        assert decision.allowed == (decision.why <= Why.OWN_RECORD)
        assert not (decision.allowed and decision.withheld)


@pytest.mark.parametrize(
    ("ask", "consents", "decision"),
    [
        (ASK, [], Decision(False, Why.NO_CONSENT, withheld=(DataClass.CARE,))),
        (ASK, [CONSENT], Decision(True, Why.CONSENT_IN_FORCE, consent=CONSENT)),
        (replace(ASK, requester="authority/bhxh"), [CONSENT], Decision(False, Why.NO_RULE)),
        (
            replace(ASK, data_classes=frozenset({DataClass.CARE, DataClass.HIV})),
            [CONSENT],
            Decision(False, Why.RESTRICTED_CLASS, withheld=(DataClass.HIV,)),
        ),
        (replace(ASK, basis=Basis.EMERGENCY), [], Decision(False, Why.REASON_MISSING)),
        (
            replace(ASK, basis=Basis.EMERGENCY, reason="bất tỉnh"),
            [],
            Decision(True, Why.EMERGENCY, flagged=True),
        ),
        (
            replace(ASK, basis=Basis.EMERGENCY, reason="bất tỉnh", data_classes=ALL),
            [],
            Decision(False, Why.RESTRICTED_CLASS, withheld=tuple(sorted(RESTRICTED))),
        ),
        (replace(ASK, basis=Basis.OWN_RECORD), [], Decision(False, Why.NOT_OWN_RECORD)),
    ],
)
def test_a_decision_says_what_it_rests_on(ask, consents, decision):
    assert decide(ask, consents) == decision


@pytest.mark.parametrize(
    ("birth", "relation", "child_agreed", "fields"),
    [
        (PartialDate(1985, 1, 1), 0, False, []),
        (None, 0, False, []),
        (PartialDate(2024, 1, 1), 0, False, ["consent.guardian"]),
        (PartialDate(2024, 1, 1), 1, False, []),
        (PartialDate(2016, 1, 1), 1, False, ["consent.child_agreed"]),
        (PartialDate(2016, 1, 1), 1, True, []),
        (PartialDate(2010, 11, 21), 0, False, []),
        (PartialDate(2010, 11, 22), 1, True, []),
        (PartialDate(2010), 0, True, ["consent.guardian"]),
    ],
)
def test_a_child_s_consent_needs_a_guardian_and_from_seven_on_the_child(
    birth, relation, child_agreed, fields
):
    consent = replace(CONSENT, guardian_relation=relation, child_agreed=child_agreed)

    assert [fault.field for fault in consent_faults(consent, birth, DAY)] == fields
