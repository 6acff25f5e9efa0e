"""A decision on each class by itself says, in one answer, what a question about each would have said."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.restricted import ALL_CLASSES, RESTRICTED, DataClass
from services.identity.model.consents import Consent
from services.identity.model.read_decision_table import Basis, Decision, DecisionReason, Purpose, decide

from .test_identity_authorize import ASK, CARE_HIV, CONSENT, DAY

CARE, HIV, MENTAL = DataClass.CARE, DataClass.HIV, DataClass.MENTAL_HEALTH
EACH = replace(ASK, data_classes=ALL_CLASSES, each_class=True)
CONFIRMED = replace(CONSENT, proof_kind=3, recorder="authority/vneid")

CONSENTS = st.lists(
    st.builds(
        lambda classes, facility, days, recorder, upheld: replace(
            CONSENT,
            data_classes=classes,
            facility=facility,
            valid_to=date(2026, 11, 21) + timedelta(days),
            recorder=recorder,
            upheld=upheld,
        ),
        st.frozensets(st.sampled_from(DataClass), min_size=1),
        st.sampled_from(["01999", "", "79999"]),
        st.integers(-1, 3),
        st.sampled_from(["facility/01999", "operator/an", "facility/79999"]),
        st.booleans(),
    ),
    max_size=5,
)


def alone(consents: list[Consent], kind: DataClass) -> Decision:
    """What is decided on one class, asked for alone."""
    return decide(replace(ASK, data_classes=frozenset({kind})), consents)


@given(CONSENTS)
def test_by_consent_each_class_is_open_that_would_be_alone_if_ordinary_care_is(consents: list[Consent]):
    decision = decide(EACH, consents)
    opened = {kind for kind in DataClass if alone(consents, kind).allowed}

    assert decision.allowed == (CARE in opened)
    if decision.allowed:
        assert set(decision.withheld) == ALL_CLASSES - opened


@given(CONSENTS)
def test_what_all_or_none_would_open_is_open(consents: list[Consent]):
    decision = decide(EACH, consents)
    for restricted in RESTRICTED:
        if decide(replace(ASK, data_classes=frozenset({CARE, restricted})), consents).allowed:
            assert decision.allowed
            assert restricted not in decision.withheld


@given(CONSENTS)
def test_it_is_flagged_only_where_the_reader_s_own_word_alone_opens_a_restricted_class(
    consents: list[Consent],
):
    decision = decide(EACH, consents)
    flagged = {kind for kind in RESTRICTED if alone(consents, kind).flagged}

    assert decision.flagged == (decision.allowed and bool(flagged)) == bool(decision.own_words)
    assert all(consent.is_unconfirmed and consent.data_classes & flagged for consent in decision.own_words)


def test_each_own_word_that_opens_something_restricted_is_to_be_reviewed():
    for_hiv = replace(CONSENT, data_classes=CARE_HIV)
    for_mental = replace(CONSENT, data_classes=frozenset({MENTAL}))

    decision = decide(EACH, [CONFIRMED, for_hiv, for_mental])

    assert (decision.consents[0], set(decision.own_words)) == (CONFIRMED, {for_hiv, for_mental})
    assert decision.withheld == (DataClass.REPRODUCTIVE_HEALTH,)


def test_an_own_word_for_ordinary_care_is_not_flagged_though_every_class_is_asked_for():
    decision = decide(EACH, [CONSENT])

    assert (decision.allowed, decision.flagged, set(decision.withheld)) == (True, False, RESTRICTED)


def test_a_confirmation_of_the_restricted_class_takes_the_flag_away():
    own_word = replace(CONSENT, data_classes=CARE_HIV)
    confirmed = replace(CONFIRMED, data_classes=frozenset({HIV}))

    assert decide(EACH, [own_word]).flagged
    assert not decide(EACH, [own_word, confirmed]).flagged


@pytest.mark.parametrize(
    ("basis", "requester", "purpose", "reason"),
    [
        (Basis.EMERGENCY, "facility", Purpose.TREATMENT, DecisionReason.EMERGENCY),
        (Basis.LEGAL_DUTY, "authority/byt", Purpose.PUBLIC_HEALTH, DecisionReason.LEGAL_DUTY),
    ],
)
def test_without_a_consent_for_them_restricted_classes_are_withheld_and_the_rest_is_open(
    basis: Basis, requester: str, purpose: Purpose, reason: DecisionReason
):
    ask = replace(EACH, basis=basis, requester=requester, purpose=purpose, reason="bất tỉnh", day=DAY)

    decision = decide(ask, [])

    assert (decision.allowed, decision.reason, set(decision.withheld)) == (True, reason, RESTRICTED)
    assert decision.flagged == (basis is Basis.EMERGENCY)


def test_what_is_refused_to_everybody_is_refused_whole():
    assert decide(replace(EACH, basis=Basis.EMERGENCY), []) == Decision(False, DecisionReason.REASON_MISSING)
    assert decide(EACH, []).withheld == tuple(sorted(ALL_CLASSES))
