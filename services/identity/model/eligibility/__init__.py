"""
Whether the insurance pays, at which rate, and why: one pure decision.

    decide(question, coverages) → Eligibility, with its reasons in order

    question.py               what is asked
    decision.py               the decision, by the card that counts
    care_category_choice.py   the care category that the rate rests on
    care_category.py          a row of the list of them
    care_categories.py        the list, as data
    care_category_fit.py      what speaks against one, and which to apply or propose
    care_category_reasons.py  what is told of one
    transfer_slips.py         for how long a transfer slip is good
    copayment.py              when costs are shared no more; visits too small to share
    insured_groups.py         the groups of insured people, first letters of a card
    answer.py                 what is answered, in figures and in one sentence
    stated_person.py          when the person is not whom the card names
    decision_reasons.py       the steps of the decision
    result_codes.py           the national result codes

Rules and their days are data here, in `benefit_levels.py` and in `grace_periods.py`.  A rule
without a source that somebody read says so in its source (docs/adr/0024).
"""

from .answer import Eligibility
from .care_category import Arrival, Basis, Circumstance, FormerLine
from .copayment import Payment
from .decision import decide, wrong_number
from .decision_reasons import Code, Reason
from .question import Place, Question
from .result_codes import RESULTS_VI, result_vi
from .stated_person import another_person, with_differences

__all__ = [
    "RESULTS_VI",
    "Arrival",
    "Basis",
    "Circumstance",
    "Code",
    "Eligibility",
    "FormerLine",
    "Payment",
    "Place",
    "Question",
    "Reason",
    "another_person",
    "decide",
    "result_vi",
    "with_differences",
    "wrong_number",
]
