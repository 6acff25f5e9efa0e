"""
The amounts of a line: whether each follows from the others (XML2 and XML3).

QĐ 130/QĐ-BYT and QĐ 4750/QĐ-BYT, columns of the tables; form 01/BH of TT 12/2026/TT-BTC.  What other sources
(nguồn khác) or a ceiling (T_TRANTT) take off an amount the file does not tell: then only that somebody pays
every đồng is sure.

An amount that was named is no operand of the next formula, and its total is also right with what should
stand in its place: one cause, one finding.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from .amounts import DONG, HALF, ONE, dong, milli, rounded
from .located_rows import LocatedRow
from .notes import Notes

INSIDE, OUTSIDE = frozenset({"1", "3"}), "2"
OTHER_SOURCES: Final = ("T_NGUONKHAC_NSNN", "T_NGUONKHAC_VTNN", "T_NGUONKHAC_VTTN", "T_NGUONKHAC_CL")
HOSPITAL, INSURED = "THANH_TIEN_BV", "THANH_TIEN_BH"
# Who pays a line: the fund, the patient inside and outside the scope, others.
SHARES: Final = ("T_BHTT", "T_BNCCT", "T_BNTT", "T_NGUONKHAC")
# What rounding to two decimals makes of two amounts.
ROUNDING: Final = 20
# NGUON_CTRA: a project, a programme, another payer.
OTHER_PAYERS: Final = frozenset({"2", "3", "4"})
# A service that was stopped, and is not paid.
STOPPED: Final = "_TB"


class Line:
    """A line of XML2 or XML3.  *right* are the amounts that were named, with what should stand there."""

    __slots__ = ("_amounts", "code", "inside", "located", "right", "scope")

    def __init__(self, located: LocatedRow) -> None:
        self.located, self.code = located, located.sheet.code
        self.right: dict[str, int | None] = {}
        self._amounts: dict[str, int | None] = {}
        self.scope = located.row.get("PHAM_VI")
        self.inside = self.scope in INSIDE

    @property
    def plain(self) -> bool:
        """Whether nothing but the benefit rate decides what the fund pays."""
        return self.inside and self.amount("T_NGUONKHAC") == 0 and not self.amount("T_TRANTT")

    def get(self, name: str) -> str:
        return self.located.row.get(name)

    def amount(self, name: str) -> int | None:
        """Return an amount in thousandths; None when it is not there, no number, or was named."""
        if name in self.right:
            return None
        if name not in self._amounts:
            self._amounts[name] = milli(self.located.row.get(name))
        return self._amounts[name]

    def stated(self, name: str) -> int | None:
        return milli(self.located.row.get(name))


@dataclass(frozen=True, slots=True)
class Product:
    """An amount that is a product of *factors* and *percents*."""

    field: str
    factors: tuple[str, ...]
    percents: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return f"{self.field} = {' × '.join([*self.factors, *(f'{name} / 100' for name in self.percents)])}"

    def right(self, line: Line) -> int | None:
        numerator = 1
        for name in (*self.factors, *self.percents):
            factor = line.amount(name)
            if factor is None:
                return None
            numerator *= factor
        return rounded(numerator, ONE ** (len(self.factors) + len(self.percents)) * 100 ** len(self.percents))


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount that is *plus* without *minus*."""

    field: str
    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        right = " + ".join(self.plus) + "".join(f" − {name}" for name in self.minus)
        return f"{self.field} = {right or '0'}"

    def right(self, line: Line) -> int | None:
        result = 0
        for sign, names in ((1, self.plus), (-1, self.minus)):
            for name in names:
                term = line.amount(name)
                if term is None:
                    return None
                result += sign * term
        return result


@dataclass(frozen=True, slots=True)
class LineRule:
    """A rule of a line, where *applies*; *at_most* allows less; *path* is where it is told, if elsewhere."""

    name: str
    formula: Product | Sum
    applies: Callable[[Line], bool] | None = None
    at_most: bool = False
    path: str = ""

    def check(self, line: Line, notes: Notes) -> None:
        if self.applies and not self.applies(line):
            return
        stated, right = line.amount(self.formula.field), self.formula.right(line)
        if stated is None or right is None or (self.at_most and stated <= right):
            return
        if abs(stated - right) < HALF:
            return
        if self.formula.field == INSURED and has_the_cause_of_hospital(line, stated, right):
            line.right[INSURED] = right
        else:
            self._note(line, stated - right, right, notes)

    def _note(self, line: Line, apart: int, right: int, notes: Notes) -> None:
        words = self.formula.words.replace("=", "≤") if self.at_most else self.formula.words
        doubt = abs(apart) < DONG
        if notes.add(
            line.located,
            self.name,
            self.path or self.formula.field,
            expected=words,
            found=dong(apart),
            doubt=doubt,
        ):
            unknown = self.at_most or self.path or line.scope == OUTSIDE
            line.right[self.path or self.formula.field] = None if unknown else right
            if self.path:  # any of them may be the wrong one
                line.right.update(dict.fromkeys(SHARES))


def has_the_cause_of_hospital(line: Line, stated: int, right: int) -> bool:
    """Whether the insured amount is as far off as THANH_TIEN_BV is: a quantity or a price is wrong, once."""
    hospital = line.right.get(HOSPITAL)
    written = line.stated(HOSPITAL)
    if hospital is None or written is None:
        return False
    return abs(written * right - stated * hospital) <= ROUNDING * (hospital + right)


def written_inside(line: Line) -> bool:
    """Outside the scope the insured amount is written 0, or as it would be inside."""
    return line.inside or (line.scope == OUTSIDE and line.amount("THANH_TIEN_BH") != 0)


FUND: Final = Product("T_BHTT", ("THANH_TIEN_BH",), ("MUC_HUONG",))
NO_FUND: Final = Sum("T_BHTT", ())
SHARED_RULES: Final = (
    LineRule("line-other-sources", Sum("T_NGUONKHAC", OTHER_SOURCES)),
    LineRule("line-fund", FUND, lambda line: line.plain),
    LineRule("line-fund-limit", FUND, lambda line: line.inside and not line.plain, at_most=True),
    LineRule("line-outside-scope", NO_FUND, lambda line: line.scope == OUTSIDE),
    LineRule("line-copayment", Sum("T_BNCCT", ("THANH_TIEN_BH",), ("T_BHTT",)), lambda line: line.plain),
    LineRule("line-patient", Sum("T_BNTT", ("THANH_TIEN_BV",), ("THANH_TIEN_BH",)), lambda line: line.plain),
    LineRule(
        "line-paid-in-full",
        Sum("THANH_TIEN_BV", ("T_BHTT", "T_BNCCT", "T_BNTT", "T_NGUONKHAC")),
        path="T_BNTT",
    ),
)
DRUG_RULES: Final = (
    LineRule("line-amount-drug", Product("THANH_TIEN_BV", ("SO_LUONG", "DON_GIA"))),
    LineRule(
        "line-insured-drug",
        Product("THANH_TIEN_BH", ("SO_LUONG", "DON_GIA"), ("TYLE_TT_BH",)),
        written_inside,
    ),
    *SHARED_RULES,
    LineRule("line-drug-payer", NO_FUND, lambda line: line.get("NGUON_CTRA") in OTHER_PAYERS),
)
SERVICE_RULES: Final = (
    LineRule("line-amount-service", Product("THANH_TIEN_BV", ("SO_LUONG", "DON_GIA_BV"), ("TYLE_TT_DV",))),
    LineRule(
        "line-insured-service",
        Product("THANH_TIEN_BH", ("SO_LUONG", "DON_GIA_BH"), ("TYLE_TT_DV", "TYLE_TT_BH")),
        written_inside,
    ),
    *SHARED_RULES,
    LineRule(
        "line-supply-ceiling",
        Sum("T_BHTT", ("T_TRANTT",)),
        lambda line: bool(line.amount("T_TRANTT")),
        at_most=True,
    ),
)
LINE_RULES: Final[Mapping[str, tuple[LineRule, ...]]] = {"XML2": DRUG_RULES, "XML3": SERVICE_RULES}

# What the amounts of a line are judged by: lines in which all of it is written alike are right alike.
_SHARED_FIELDS: Final = (
    *("PHAM_VI", "SO_LUONG", "TYLE_TT_BH", "MUC_HUONG", "MA_DICH_VU", "MA_PTTT", HOSPITAL, INSURED),
    *(*OTHER_SOURCES, *SHARES),
)
FIELDS: Final = {
    "XML2": itemgetter("DON_GIA", "NGUON_CTRA", *_SHARED_FIELDS),
    "XML3": itemgetter("DON_GIA_BV", "DON_GIA_BH", "TYLE_TT_DV", "T_TRANTT", "MA_VAT_TU", *_SHARED_FIELDS),
}

PERCENTS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "XML2": (("ratio-insurance", "TYLE_TT_BH"), ("ratio-benefit", "MUC_HUONG")),
    "XML3": (
        ("ratio-insurance", "TYLE_TT_BH"),
        ("ratio-service", "TYLE_TT_DV"),
        ("ratio-benefit", "MUC_HUONG"),
    ),
}


def written(located: LocatedRow) -> tuple[str, ...] | None:
    """Return what the amounts of a line are judged by; None when some of it is wrong or not there."""
    if located.row.faulty:
        return None
    try:
        return (located.sheet.code, *FIELDS[located.sheet.code](located.row.values))
    except KeyError:
        return None


def check_line(located: LocatedRow, notes: Notes) -> Line:
    """Check the amounts of a line and return it, for what is summed over the lines."""
    for rule, name in PERCENTS[located.sheet.code]:
        percent = milli(located.row.get(name))
        if percent is not None and percent > 100 * ONE:
            notes.add_refusal(located, rule, name, expected=f"0 ≤ {name} ≤ 100", found="> 100")
    line = Line(located)
    if line.amount("SO_LUONG") == 0:
        notes.add(located, "quantity-zero", "SO_LUONG", expected="SO_LUONG > 0", found="0")
    for each in LINE_RULES[line.code]:
        each.check(line, notes)
    if line.code == "XML3" and line.get("MA_DICH_VU").endswith(STOPPED):
        check_stopped(line, notes)
    return line


def check_stopped(line: Line, notes: Notes) -> None:
    if line.amount("DON_GIA_BV") or line.amount("DON_GIA_BH"):
        notes.add(line.located, "line-stopped-price", "DON_GIA_BV", expected="DON_GIA_BV = DON_GIA_BH = 0")
