"""
The care category (`MA_DOITUONG_KCB`) that the rate rests on: as given, or as the facility settles it.

What does not fit is told, what would fit better is proposed, never applied, and
where several fit all of them are named, with what is missing.
"""

from dataclasses import dataclass

from ..coverages import Coverage
from .care_categories import category
from .care_category import Category
from .care_category_fit import SETTLED, Case, fitting_categories, objection_to, rival, rivals_of
from .care_category_reasons import (
    AT_INITIAL,
    doubt_reason,
    kind_reason,
    misfit_reason,
    missing_category_reason,
    no_share_reason,
    proposal_reason,
    rate_doubt_reason,
    share_reason,
    unknown_facts,
    unsettled_reasons,
)
from .decision_reasons import Reason
from .question import Question
from .transfer_slips import transfer_slip_reason


@dataclass(frozen=True, slots=True)
class Choice:
    """The *code* that the rate rests on with its *row* (None when not known), and what else fits."""

    code: str = ""
    row: Category | None = None
    proposed: str = ""
    candidates: tuple[str, ...] = ()


def choose_care_category(question: Question, card: Coverage, reasons: list[Reason]) -> Choice:
    registered = bool(card.initial_facility) and card.initial_facility == question.place.code
    case = Case(question, registered, card.area_code)
    if registered:
        reasons.append(AT_INITIAL)
    choice = _given(case, reasons) if question.care_category else _found(case, reasons)
    reasons.extend(transfer_slip_reason(question, choice.code or choice.proposed))
    return choice


def _given(case: Case, reasons: list[Reason]) -> Choice:
    """Take the category that was given, and say what speaks against it."""
    question = case.question
    code, row = question.care_category, category(question.care_category, question.day)
    if row is None:
        reasons.append(missing_category_reason(code, question))
        return _with_better(Choice(code), fitting_categories(case), case, reasons)
    _tell_share(row, question, reasons)
    objection = objection_to(row, case)
    if objection:
        reasons.append(misfit_reason(row, objection))
        return _with_better(Choice(code, row), fitting_categories(case), case, reasons)
    reasons.extend(kind_reason(row, question.place))
    other = rival(row, case)
    rivals = rivals_of(code)
    if other is None or rivals is None:
        return Choice(code, row)
    reasons.append(rate_doubt_reason(row, other, rivals.doubt))
    return Choice(code, row, candidates=rivals.codes)


def _found(case: Case, reasons: list[Reason]) -> Choice:
    """Apply what the facility settles alone, else propose what fits, or name what may."""
    rows, question = fitting_categories(case), case.question
    if len(rows) == 1 and rows[0].code in SETTLED:
        _tell_share(rows[0], question, reasons)
        return Choice(rows[0].code, rows[0])
    reasons.append(missing_category_reason("", question))
    return _with_better(Choice(), rows, case, reasons)


def _with_better(choice: Choice, rows: tuple[Category, ...], case: Case, reasons: list[Reason]) -> Choice:
    """Add what fits better: one row as a proposal, several as candidates."""
    question = case.question
    if len(rows) == 1:
        if rows[0] is choice.row:
            return choice
        reasons.append(proposal_reason(rows[0], question))
        return Choice(choice.code, choice.row, proposed=rows[0].code)
    if not rows:
        reasons.extend(unknown_facts(question))
        return choice
    codes = tuple(row.code for row in rows)
    rivals = rivals_of(codes[0])
    open_pair = rivals if rivals and set(rivals.codes) <= set(codes) else None
    reasons.extend(unsettled_reasons(rows, question, open_pair))
    return Choice(choice.code, choice.row, candidates=codes)


def _tell_share(row: Category, question: Question, reasons: list[Reason]) -> None:
    share = row.percent(question.inpatient)
    if share is None:
        reasons.append(no_share_reason(row, question))
        return
    reasons.append(share_reason(row.code, share, question.day))
    if row.doubt and share:
        reasons.append(doubt_reason(row.doubt))
