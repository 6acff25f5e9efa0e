"""
Whether the insurance pays, at which rate, and why: one pure decision.

    decide(question, coverages) → Eligibility, with its reasons in order

    question.py    what is asked           answer.py     what is answered
    decide.py      the decision            reasons.py    its steps
    categories.py  the care categories     fitting.py    which of them fits
    groups.py      the groups of cards     wages.py      the reference wage
    results.py     the result codes

Rules and their days are data here and in `entitlement.py`.  A rule without a
source that somebody read says so in its source (docs/adr/0024).
"""

from .answer import Eligibility
from .categories import Arrival, Circumstance, FormerLine
from .decide import decide, wrong_number
from .question import Place, Question
from .reasons import Code, Reason
from .results import RESULTS_VI, result_vi

__all__ = [
    "RESULTS_VI",
    "Arrival",
    "Circumstance",
    "Code",
    "Eligibility",
    "FormerLine",
    "Place",
    "Question",
    "Reason",
    "decide",
    "result_vi",
    "wrong_number",
]
