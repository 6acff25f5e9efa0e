"""Visits of one day."""

import random

from .drafts import Draft
from .parts import at, drug, main_row, result, service, start


def visit(rng: random.Random, minutes: int = 150, month: str = "202611", **changes: str) -> Draft:
    """Return an examination with a test and drugs."""
    arrival = start(rng, month)
    main = main_row(rng, "01", arrival, at(arrival, minutes)) | changes
    test = service(main, "1", "23.0075.1494", "Định lượng Glucose", 21_500, at(arrival, 15))
    lines = [service(main, "13", "02.1897", "Khám nội tổng hợp", 42_100, at(arrival, 5)), test]
    drugs = [
        drug(main, at(arrival, 60), rng, DON_GIA="45000.000"),
        drug(main, at(arrival, 60), rng, DON_GIA="31500.500"),
    ]
    return Draft({"XML1": [main], "XML2": drugs, "XML3": lines, "XML4": [result(main, test)]}).settle()


def small_visit(rng: random.Random) -> Draft:
    """Return a visit below 15 % of the reference wage, which the fund pays in full."""
    draft = visit(rng)
    draft.tables["XML2"] = draft.tables["XML2"][:1]
    draft.tables["XML2"][0].update(DON_GIA="1500.000")
    for row in (*draft.rows("XML2"), *draft.rows("XML3")):
        row["MUC_HUONG"] = "100"
    return draft.settle()


def rated(draft: Draft, rate: str) -> Draft:
    for row in (*draft.rows("XML2"), *draft.rows("XML3")):
        row["MUC_HUONG"] = rate
    return draft
