"""
The decision table: every combination, and no wrong grant among them.

The oracle says when the law lets somebody read, as the law puts it.  It shares no code with the table:
its words and numbers are those of the contract, and it judges days, purposes and classes by itself.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from itertools import chain, combinations, product
from uuid import UUID

import pytest

from common.restricted import RESTRICTED, DataClass
from common.values import PartialDate
from services.identity.model.consents import Consent, ConsentState, consent_faults
from services.identity.model.read_decision_table import (
    REASONS_VI,
    Basis,
    Decision,
    DecisionReason,
    Purpose,
    ReadRequest,
    decide,
)

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
ASK = ReadRequest(
    requester="facility",
    facility="01999",
    purpose=Purpose.TREATMENT,
    basis=Basis.CONSENT,
    reason="",
    data_classes=frozenset({DataClass.CARE}),
    own_record=False,
    day=DAY,
)

ROLES = (
    "facility",
    "pharmacy",
    "authority/vneid",
    "authority/bhxh",
    "authority/byt",
    "operator/an",
    "service/x",
    "",
)
PURPOSES = (0, 1, 2, 3, 4, 5, 6, 99)
BASES = (0, 1, 2, 3, 4, 5, 99)
REASONS = ("", " ", "ngã")
ALL = frozenset(DataClass)
# Each class alone, and every combination of them.
CLASS_SETS = [
    frozenset(some) for some in chain.from_iterable(combinations(DataClass, n) for n in (1, 2, 3, 4))
]
CARE_HIV = frozenset({DataClass.CARE, DataClass.HIV})
# What a person may have agreed to: to whom, for what, when, which classes, and who agreed.
CONSENT_SETS = {
    "none": [],
    "this facility": [CONSENT],
    "this facility, every class": [replace(CONSENT, data_classes=ALL)],
    "this facility, payment, every class": [replace(CONSENT, purpose=Purpose.PAYMENT, data_classes=ALL)],
    "every facility, care and HIV": [replace(CONSENT, facility="", data_classes=CARE_HIV)],
    "HIV alone": [replace(CONSENT, data_classes=frozenset({DataClass.HIV}))],
    "two papers, a class each": [
        replace(CONSENT, data_classes=frozenset({DataClass.CARE, DataClass.MENTAL_HEALTH})),
        replace(CONSENT, data_classes=frozenset({DataClass.REPRODUCTIVE_HEALTH})),
    ],
    "another facility": [replace(CONSENT, facility="79024", data_classes=ALL)],
    "research": [replace(CONSENT, purpose=Purpose.RESEARCH, data_classes=ALL)],
    "operations": [replace(CONSENT, purpose=Purpose.OPERATIONS, data_classes=ALL)],
    "withdrawn": [replace(CONSENT, state=ConsentState.WITHDRAWN, data_classes=ALL)],
    "ended yesterday": [replace(CONSENT, valid_to=date(2026, 11, 20), data_classes=ALL)],
    "ends today": [replace(CONSENT, valid_to=DAY)],
    "begins tomorrow": [replace(CONSENT, valid_from=date(2026, 11, 22), data_classes=ALL)],
    "begins today, without an end": [replace(CONSENT, valid_from=DAY, valid_to=None)],
    "by a guardian and the child": [
        replace(CONSENT, guardian=UUID(int=3), guardian_relation=1, child_agreed=True)
    ],
    "withdrawn, and another facility's": [
        replace(CONSENT, state=ConsentState.WITHDRAWN, data_classes=ALL),
        replace(CONSENT, facility="79024", data_classes=ALL),
    ],
}

# The numbers of the contract, said again.
TREATMENT, PAYMENT, PUBLIC_HEALTH, RESEARCH, PATIENT_REQUEST = 1, 2, 3, 4, 5
BY_CONSENT, EMERGENCY, LEGAL_DUTY, DATA_SUBJECT, OWN_RECORD = 1, 2, 3, 4, 5
CARE, ACTIVE = 1, 1


def papers(ask: ReadRequest, consents: list[Consent]) -> list[set[int]]:
    """The classes that each paper opens which speaks of this facility, this purpose and this day."""
    return [
        {int(one) for one in paper.data_classes}
        for paper in consents
        if int(paper.state) == ACTIVE
        and (not paper.facility or paper.facility == ask.facility)
        and int(paper.purpose) == int(ask.purpose)
        and not paper.valid_from > ask.day
        and not (paper.valid_to is not None and paper.valid_to < ask.day)
    ]


def lawful(ask: ReadRequest, consents: list[Consent]) -> bool:
    """Whether the law lets *ask* be granted: each sentence is one ground."""
    wanted = {int(one) for one in ask.data_classes}
    named = papers(ask, consents)
    # HIV, mental and reproductive health: nobody reads them whom the person has not named them to …
    sensitive = {one for one in wanted if one != CARE}
    told = all(any(one in paper for paper in named) for one in sensitive)
    match (ask.requester, int(ask.basis), int(ask.purpose)):
        # The person asks in writing that another provider be told (Luật 91/2025 Art. 26.2): one paper that
        # covers all that is read, for a purpose the law lets a person agree to.
        case ("facility" | "pharmacy", 1, 1 | 2 | 3 | 4 | 5):
            return any(wanted <= paper for paper in named)
        # To protect life (Art. 19.1): whoever treats, saying why.
        case ("facility", 2, 1):
            return ask.reason.strip() != "" and told
        # The Ministry's duty for public health, the fund's for payment (Art. 19.1; NĐ 102/2025).
        case ("authority/byt", 3, 3) | ("authority/bhxh", 3, 2):
            return told
        # … but the person themself, through VNeID,
        case ("authority/vneid", 4, 5):
            return True
        # and whoever made the record or received it with a referral (Luật KCB Art. 69).
        case ("facility" | "pharmacy", 5, 1 | 2 | 5):
            return ask.own_record
    return False


@dataclass
class Survey:
    """What the table answers to every combination."""

    asked: int = 0
    granted: Counter[str] = field(default_factory=Counter)
    wrong: list[object] = field(default_factory=list)
    unexplained: list[object] = field(default_factory=list)


@cache
def survey() -> Survey:
    """ReadRequest every combination once."""
    found = Survey()
    for role, purpose, basis, reason, own, classes in product(
        ROLES, PURPOSES, BASES, REASONS, (False, True), CLASS_SETS
    ):
        ask = ReadRequest(role, "01999", purpose, basis, reason, classes, own, DAY)
        for consents in CONSENT_SETS.values():
            decision = decide(ask, consents)
            found.asked += 1
            if decision.allowed:
                found.granted[decision.reason.name] += 1
            if decision.allowed != lawful(ask, consents):
                found.wrong.append((ask, consents, decision))
            if not explained(ask, decision):
                found.unexplained.append((ask, consents, decision))
    return found


def explained(ask: ReadRequest, decision: Decision) -> bool:
    """Whether the answer says why, withholds what was asked for, and flags what is to be reviewed."""
    # Every consent here was recorded by 01999.
    own_word = any(consent.facility == "01999" for consent in decision.consents)
    to_review = ask.basis == EMERGENCY or (own_word and bool(ask.data_classes - {DataClass.CARE}))
    return (
        decision.reason in REASONS_VI
        and decision.allowed == (decision.reason <= DecisionReason.OWN_RECORD)
        and decision.flagged == (decision.allowed and to_review)
        and not (decision.allowed and decision.withheld)
        and ask.data_classes.issuperset(decision.withheld)
    )


def test_no_combination_is_granted_that_the_law_does_not_allow_and_none_denied_that_it_does(
    record_property: Callable[[str, object], None],
):
    found = survey()
    record_property("combinations", found.asked)
    record_property("grants", dict(found.granted))
    print(f"{found.asked:,} combinations, {found.granted.total():,} grants: {dict(found.granted)}")  # noqa: T201

    assert found.wrong == []
    assert found.asked == 8 * 8 * 7 * 3 * 2 * 15 * 17
    assert set(found.granted) == {"CONSENT_IN_FORCE", "EMERGENCY", "LEGAL_DUTY", "DATA_SUBJECT", "OWN_RECORD"}
    assert found.granted.total() < found.asked / 50


def test_emergencies_and_own_words_alone_are_flagged_and_each_denial_says_why():
    assert survey().unexplained == []


@pytest.mark.parametrize(
    ("ask", "consents", "decision"),
    [
        (ASK, [], Decision(False, DecisionReason.NO_CONSENT, withheld=(DataClass.CARE,))),
        (ASK, [CONSENT], Decision(True, DecisionReason.CONSENT_IN_FORCE, consents=(CONSENT,))),
        (replace(ASK, requester="authority/bhxh"), [CONSENT], Decision(False, DecisionReason.NO_RULE)),
        (
            replace(ASK, data_classes=frozenset({DataClass.CARE, DataClass.HIV})),
            [CONSENT],
            Decision(False, DecisionReason.RESTRICTED_CLASS, withheld=(DataClass.HIV,)),
        ),
        (replace(ASK, basis=Basis.EMERGENCY), [], Decision(False, DecisionReason.REASON_MISSING)),
        (
            replace(ASK, basis=Basis.EMERGENCY, reason="bất tỉnh"),
            [],
            Decision(True, DecisionReason.EMERGENCY, flagged=True),
        ),
        (
            replace(ASK, basis=Basis.EMERGENCY, reason="bất tỉnh", data_classes=ALL),
            [],
            Decision(False, DecisionReason.RESTRICTED_CLASS, withheld=tuple(sorted(RESTRICTED))),
        ),
        (replace(ASK, basis=Basis.OWN_RECORD), [], Decision(False, DecisionReason.NOT_OWN_RECORD)),
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


@pytest.mark.parametrize(
    ("change", "flagged"),
    [
        ({}, True),
        ({"proof_kind": 2, "proof_sha256": bytes(32)}, True),
        ({"proof_kind": 3, "recorder": "authority/vneid"}, False),
        ({"recorder": "operator/an"}, False),
        ({"recorder": "facility/79999"}, False),
        ({"upheld": True}, False),
    ],
)
def test_restricted_data_that_open_on_the_reader_s_own_word_are_flagged(
    change: dict[str, object], flagged: bool
):
    consent = replace(CONSENT, data_classes=CARE_HIV, **change)

    decision = decide(replace(ASK, data_classes=CARE_HIV), [consent])

    assert decision == Decision(
        True,
        DecisionReason.CONSENT_IN_FORCE,
        flagged=flagged,
        consents=(consent,),
        own_words=(consent,) * flagged,
    )


def test_a_confirmed_consent_comes_before_one_that_lasts_longer():
    own = replace(CONSENT, data_classes=CARE_HIV, valid_to=None)
    confirmed = replace(CONSENT, data_classes=CARE_HIV, proof_kind=3, recorder="authority/vneid")

    decision = decide(replace(ASK, data_classes=CARE_HIV), [own, confirmed])

    assert (decision.consents, decision.flagged) == ((confirmed,), False)
