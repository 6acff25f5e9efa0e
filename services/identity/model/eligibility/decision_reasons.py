"""What a decision found, step by step."""

from dataclasses import dataclass
from enum import IntEnum


class Code(IntEnum):
    CARD_IN_FORCE = 1
    LAPSED_UNDER_TREATMENT = 2
    CARD_LAPSED = 3
    CARD_NOT_YET_IN_FORCE = 4
    CARD_STOPPED = 5
    NO_CARD = 6
    NEWER_CARD = 7
    HIGHEST_LEVEL = 8
    BENEFIT_LEVEL = 9
    LEVEL_RAISED = 10
    LEVEL_UNKNOWN = 11
    CARE_CATEGORY = 12
    CARE_CATEGORY_NEEDED = 13
    CARE_CATEGORY_UNKNOWN = 14
    CARE_CATEGORY_DOUBTFUL = 15
    INITIAL_FACILITY = 16
    FIVE_YEARS = 17
    PAPERS_NEEDED = 18
    AREA = 19
    CARD_NUMBER_WRONG = 20
    CHILD_WITHOUT_CARD = 21
    STALE = 22
    CARE_CATEGORY_PROPOSED = 23
    CARE_CATEGORY_RETIRED = 24
    CARE_FORM_NEEDED = 25
    BENEFIT_SCOPE = 26
    CO_PAYMENT_EXEMPT = 27
    CO_PAYMENT_NOT_EXEMPT = 28
    TEMPORARY_CARD = 29
    SOURCE_SAID = 30
    CARE_CATEGORY_UNSETTLED = 31
    RATE_UNSETTLED = 32
    FACILITY_UNKNOWN = 33
    CARE_FORM_UNSETTLED = 34
    GRACE_NOT_FOR_FORM = 35
    GRACE_UNSETTLED = 36
    TRANSFER_SLIP_DATE_NEEDED = 37
    TRANSFER_SLIP_EXPIRED = 38
    SMALL_VISIT = 39
    CO_PAYMENT_CONVERTED = 40
    NO_SHARE = 41
    PERSON_DIFFERS = 42


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the decision, for developers and for staff; *source* is the legal text, may be empty."""

    code: Code
    en: str
    vi: str
    source: str = ""
