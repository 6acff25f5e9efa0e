"""
The money of a dossier: whether every amount follows from the others.  Never more than a doubt.

Lines: the columns of XML2 and XML3 (QĐ 130/QĐ-BYT, QĐ 4750/QĐ-BYT).  Totals: sums of the lines, and form
01/BH of TT 12/2026/TT-BTC, columns 2 = 3 + 6 + 7 and 3 = 4 + 5 (2 T_TONGCHI_BV, 3 T_TONGCHI_BH, 4 T_BHTT,
5 T_BNCCT, 6 T_NGUONKHAC, 7 T_BNTT).

Amounts are exact decimals, rounded once, at the end.  A đồng is a difference, half a đồng a doubt.
What other sources (nguồn khác) or a ceiling (T_TRANTT) take off an amount the file does not tell: then
only that somebody pays every đồng is sure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Final

from .report import Findings, Row

# Takes a rule, a field of the row, and the formula in words.
Note = Callable[[str, str, str], None]

HALF, DONG, CENT = Decimal("0.5"), Decimal(1), Decimal("0.01")
# More digits than any product of three amounts of a file has.
EXACT: Final = Context(prec=120, rounding=ROUND_HALF_UP)

INSIDE, OUTSIDE = frozenset({"1", "3"}), "2"
OTHER_SOURCES: Final = ("T_NGUONKHAC_NSNN", "T_NGUONKHAC_VTNN", "T_NGUONKHAC_VTTN", "T_NGUONKHAC_CL")
# Cards of army, police and cipher service: what is paid by fee for service is counted otherwise.
OTHERWISE_COUNTED: Final = frozenset({"QN", "CA", "CY"})


class Line:
    """A line of XML2 or XML3, and which of its amounts were doubted."""

    __slots__ = ("_amounts", "code", "doubted", "row")

    def __init__(self, code: str, row: Row) -> None:
        self.code, self.row = code, row
        self.doubted: set[str] = set()
        self._amounts: dict[str, Decimal | None] = {}

    def amount(self, name: str) -> Decimal | None:
        if name not in self._amounts:
            self._amounts[name] = amount(self.row, name)
        return self._amounts[name]

    @property
    def inside(self) -> bool:
        """Whether the line lies in the insurance's scope (PHAM_VI 1, or 3: army, police, cipher)."""
        return self.row.get("PHAM_VI") in INSIDE

    @property
    def plain(self) -> bool:
        """Whether nothing but the benefit rate decides what the fund pays."""
        return self.inside and self.amount("T_NGUONKHAC") == 0 and not self.amount("T_TRANTT")


def amount(row: Row, name: str) -> Decimal | None:
    """Return an amount; None when it is not there or no number."""
    value = row.get(name)
    return Decimal(value) if value else None


@dataclass(frozen=True, slots=True)
class Product:
    """An amount that is a product of *factors* and *percents*."""

    field: str
    factors: tuple[str, ...]
    percents: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return f"{self.field} = {' × '.join([*self.factors, *(f'{name}/100' for name in self.percents)])}"

    def right(self, line: Line) -> Decimal | None:
        result = Decimal(1)
        for name in (*self.factors, *self.percents):
            factor = line.amount(name)
            if factor is None:
                return None
            result *= factor / 100 if name in self.percents else factor
        return result.quantize(CENT)


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

    def right(self, line: Line) -> Decimal | None:
        result = Decimal(0)
        for sign, names in ((1, self.plus), (-1, self.minus)):
            for name in names:
                term = line.amount(name)
                if term is None:
                    return None
                result += sign * term
        return result


@dataclass(frozen=True, slots=True)
class LineRule:
    """A rule of a line, where *applies*; silent after one of *after* was doubted; *at_most* allows less.

    *path* is the field to look at, when it is not the amount itself.
    """

    formula: Product | Sum
    applies: Callable[[Line], bool] = lambda line: True
    after: tuple[str, ...] = ()
    at_most: bool = False
    path: str = ""

    def check(self, line: Line, note: Note) -> None:
        field = self.path or self.formula.field
        if line.doubted & {field, *self.after} or not self.applies(line):
            return
        stated, right = line.amount(self.formula.field), self.formula.right(line)
        if stated is None or right is None or (self.at_most and stated <= right):
            return
        if rule := difference(stated, right):
            words = self.formula.words.replace("=", "≤") if self.at_most else self.formula.words
            line.doubted.add(field)
            note(rule, field, words)


def difference(stated: Decimal, right: Decimal) -> str:
    """Return the rule that the two amounts break, or nothing."""
    apart = abs(stated - right)
    if apart >= DONG:
        return "amount-differs"
    return "amount-doubt" if apart >= HALF else ""


def written_inside(line: Line) -> bool:
    """Outside the scope the insured amount is written 0, or as it would be inside."""
    return line.inside or (line.row.get("PHAM_VI") == OUTSIDE and line.amount("THANH_TIEN_BH") != 0)


FUND = Product("T_BHTT", ("THANH_TIEN_BH",), ("MUC_HUONG",))
SHARED_RULES: Final = (
    LineRule(Sum("T_NGUONKHAC", OTHER_SOURCES)),
    LineRule(FUND, lambda line: line.plain),
    LineRule(FUND, lambda line: line.inside and not line.plain, at_most=True),
    LineRule(Sum("T_BHTT", ()), lambda line: line.row.get("PHAM_VI") == OUTSIDE),
    LineRule(Sum("T_BNCCT", ("THANH_TIEN_BH",), ("T_BHTT",)), lambda line: line.plain, ("T_BHTT",)),
    LineRule(
        Sum("T_BNTT", ("THANH_TIEN_BV",), ("THANH_TIEN_BH",)),
        lambda line: line.plain,
        ("THANH_TIEN_BV", "THANH_TIEN_BH"),
    ),
    LineRule(
        Sum("THANH_TIEN_BV", ("T_BHTT", "T_BNCCT", "T_BNTT", "T_NGUONKHAC")),
        after=("THANH_TIEN_BV", "THANH_TIEN_BH", "T_NGUONKHAC", "T_BHTT", "T_BNCCT"),
        path="T_BNTT",
    ),
)
LINE_RULES: Final[Mapping[str, tuple[LineRule, ...]]] = {
    "XML2": (
        LineRule(Product("THANH_TIEN_BV", ("SO_LUONG", "DON_GIA"))),
        LineRule(Product("THANH_TIEN_BH", ("SO_LUONG", "DON_GIA"), ("TYLE_TT_BH",)), written_inside),
        *SHARED_RULES,
    ),
    "XML3": (
        LineRule(Product("THANH_TIEN_BV", ("SO_LUONG", "DON_GIA_BV"), ("TYLE_TT_DV",))),
        LineRule(
            Product("THANH_TIEN_BH", ("SO_LUONG", "DON_GIA_BH"), ("TYLE_TT_DV", "TYLE_TT_BH")), written_inside
        ),
        *SHARED_RULES,
    ),
}


@dataclass(frozen=True, slots=True)
class Total:
    """An amount of XML1 that is the sum of *column* over the lines that *counts* takes."""

    field: str
    column: str
    words: str
    counts: Callable[[Line], bool] = lambda line: True
    after: str = ""

    def right(self, main: Row, lines: Sequence[Line]) -> Decimal | None:
        """Return the sum; None when a part is missing, and where it is counted otherwise."""
        if self.after and main.get("MA_THE_BHYT")[:2] in OTHERWISE_COUNTED:
            return None
        amounts = [line.amount(self.column) for line in lines if self.counts(line)]
        known = [term for term in amounts if term is not None]
        return sum(known, Decimal(0)) if len(known) == len(amounts) else None


BOTH = "XML2, XML3"
TOTALS: Final = (
    Total("T_THUOC", "THANH_TIEN_BV", "XML2", lambda line: line.code == "XML2"),
    Total("T_VTYT", "THANH_TIEN_BV", "XML3, MA_VAT_TU", lambda line: bool(line.row.get("MA_VAT_TU"))),
    Total("T_TONGCHI_BV", "THANH_TIEN_BV", BOTH),
    Total("T_TONGCHI_BH", "THANH_TIEN_BH", BOTH),
    Total("T_BNTT", "T_BNTT", BOTH),
    Total("T_BNCCT", "T_BNCCT", BOTH),
    Total("T_BHTT", "T_BHTT", BOTH),
    Total("T_NGUONKHAC", "T_NGUONKHAC", BOTH),
    Total(
        "T_BHTT_GDV", "T_BHTT", f"{BOTH}, MA_PTTT = 1", lambda line: line.row.get("MA_PTTT") == "1", "T_BHTT"
    ),
)
# Columns 2 and 3 of form 01/BH.
FORM_01: Final = (
    Sum("T_TONGCHI_BV", ("T_TONGCHI_BH", "T_NGUONKHAC", "T_BNTT")),
    Sum("T_TONGCHI_BH", ("T_BHTT", "T_BNCCT")),
)


def check_line(line: Line, note: Note) -> None:
    with localcontext(EXACT):
        for rule in LINE_RULES[line.code]:
            rule.check(line, note)


def check_totals(main: Row, lines: Sequence[Line], note: Note) -> set[str]:
    """Doubt what is not the sum of the lines; return the totals that were doubted."""
    doubted: set[str] = set()
    with localcontext(EXACT):
        for total in TOTALS:
            stated, right = amount(main, total.field), total.right(main, lines)
            if stated is None or right is None or total.after in doubted:
                continue
            if rule := difference(stated, right):
                doubted.add(total.field)
                note(rule, total.field, f"{total.field} = Σ {total.column} ({total.words})")
    return doubted


def check_form_01(main: Row, note: Note) -> None:
    """Doubt totals against one another, once.

    Where other sources pay, their share lies inside or beside column 3: the form leaves open what is right.
    """
    whole, others = Line("XML1", main), amount(main, "T_NGUONKHAC")
    with localcontext(EXACT):
        for identity in FORM_01:
            stated, right = whole.amount(identity.field), identity.right(whole)
            if stated is None or right is None or not (rule := difference(stated, right)):
                continue
            if others:
                note("amount-doubt", "T_NGUONKHAC", identity.words)
            else:
                note(rule, identity.field, identity.words)
            return


def lines_are_whole(findings: Findings) -> bool:
    """Whether no table or row was lost on the way: of a sum with a part missing nothing can be said."""
    return not any(
        finding.refuses and (finding.path.startswith("GIAMDINHHS") or "." not in finding.path)
        for finding in findings.in_order()
    )
