"""
kcb/rule_catalogue.json → docs/rules.md.

`python -m tools.rules_page` writes, `--check` tells whether it is fresh.
"""

import sys
from pathlib import Path

from kcb.rule_catalogue import RINGS, RULES, Rule

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "rules.md"

HEAD = """\
# The rules of a dossier

{count} rules, of which {refusing} refuse a file.  Written by `tools/rules_page.py` from
`kcb/rule_catalogue.json`; `lientuyen rules` prints and searches the same.

A rule is judged by the day of the dossier: that of the discharge (NGAY_RA), of a check-in that of the
arrival.  What is refused for itself is no operand of another rule, and where one rule follows another
(`after` in the catalogue) one cause is one finding.  A difference of one đồng refuses, half a đồng warns.

How sure: **A** read in a decision · **S2** two independent secondary sources · **S** one · **L** plain logic
of the tables · **GK** general knowledge.  Only A, S2 and L refuse; some of these only warn, for the reason in
their note.

Short names of sources, public repositories that copy or explain decisions: DH dh-hos/Mo-ta-he-thong, QL
tracnn/qlbv_public, EV anhtnse1308/emr-validation, GAP a note comparing a validator with QĐ 3176, VH
nguyen2887/vn-healthcare, CD htthinh28/pccantho-cdss-bhyt, TT12 Nsnnam/tt12-excel-validator, SG a signing
helper of QĐ 3176.
"""

TITLES = {
    "field": "One field",
    "row": "One row",
    "table": "Rows of one table",
    "file": "Several tables, the file",
    "registry": "Registers, lists, other dossiers: silent without them",
}


def page() -> str:
    refusing = sum(rule.refuses for rule in RULES.values())
    parts = [HEAD.format(count=len(RULES), refusing=refusing)]
    for ring in RINGS:
        parts.append(f"\n## {TITLES[ring]}\n\n")
        parts.append(
            "| Rule | | Path | What it wants | Sure | Source | In force |\n|---|---|---|---|---|---|---|\n"
        )
        parts.extend(row_of(rule) for rule in RULES.values() if rule.ring == ring)
    return "".join(parts)


def row_of(rule: Rule) -> str:
    words = f"{rule.vi}<br>{rule.en}" + (f" *{rule.note}*" if rule.note else "")
    cells = (f"`{rule.name}`", rule.severity, rule.path, words, rule.sure, rule.source, days_of(rule))
    return f"| {' | '.join(cell.replace('|', '·') for cell in cells)} |\n"


def days_of(rule: Rule) -> str:
    first, last = rule.valid_from, rule.valid_to
    parts = (("from ", first), ("to ", last)) if rule.dated else ()
    days = [f"{word}{day[:4]}-{day[4:6]}-{day[6:]}" for word, day in parts if day and day != "99999999"]
    return " ".join(days)


def main() -> int:
    if "--check" in sys.argv[1:]:
        fresh = PAGE.exists() and PAGE.read_text(encoding="utf8") == page()
        print("docs/rules.md is fresh" if fresh else "docs/rules.md is stale: python -m tools.rules_page")
        return 0 if fresh else 1
    PAGE.write_text(page(), encoding="utf8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
