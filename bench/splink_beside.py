"""
Splink 4 on DuckDB, given the same records and as good comparisons as it has.

It gets names folded as ours are, freed of the keys of input methods and cut into parts; dates whole
and in parts; the province of today; Jaro-Winkler, Damerau-Levenshtein and array overlap; term
frequencies of names; blocks as wide as ours.  It learns u from random pairs and m by EM, on the
learning population, and links the judged one.
"""

import logging
import time
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pandas as pd
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule

from services.identity.matching.model.address_comparison import line_words
from services.identity.matching.model.letter_folding import composed
from services.identity.matching.model.name_comparison import name_parts
from services.identity.matching.model.sex_and_phone import phone_number
from services.identity.matching.model.weights import Description
from services.identity.model.places import today

from .population import Population
from .verdicts import Figures, Link, judged

RANDOM_PAIRS = 5_000_000
MIN_PROBABILITY = 0.001

COLUMNS = {
    "unique_id": "string",
    "name": "string",
    "folded": "string",
    "family": "string",
    "given": "string",
    "sorted_parts": "string",
    "dob": "string",
    "swapped": "string",
    "year": "Int64",
    "month": "Int64",
    "day": "Int64",
    "sex": "string",
    "province": "string",
    "commune": "string",
    "line": "string",
    "phone": "string",
    "mother": "string",
}


def record(id_: str, description: Description) -> dict[str, Any]:
    """Return a description as a row; what is not told is None."""
    parts = name_parts(description.full_name)
    born, home = description.birth, description.address
    whole = born is not None and bool(born.month and born.day)
    return {
        "unique_id": id_,
        "name": composed(description.full_name) or None,
        "folded": " ".join(parts) or None,
        "family": parts[0] if parts else None,
        "given": parts[-1] if parts else None,
        "sorted_parts": " ".join(sorted(parts)) or None,
        "dob": f"{born.day:02}{born.month:02}{born.year:04}" if born and whole else None,
        "swapped": f"{born.month:02}{born.day:02}{born.year:04}" if born and whole else None,
        "year": born.year if born else None,
        "month": born.month or None if born else None,
        "day": born.day or None if born else None,
        "sex": str(int(description.sex)) if description.sex in (1, 2) else None,
        "province": today(home.province_code) or None,
        "commune": home.commune_code or None,
        "line": " ".join(sorted(line_words(home.line))) or None,
        "phone": phone_number(description.phone) or None,
        "mother": " ".join(name_parts(description.mother_name)) or None,
    }


def frame(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Return *rows* with the types that DuckDB is to see, also where a column is all empty."""
    return pd.DataFrame(list(rows)).astype(COLUMNS)


def frames(people: Population) -> list[pd.DataFrame]:
    """Return the register and the questions."""
    register = frame(record(str(entry.id), entry.description) for entry in people.register)
    return [register, frame(record(str(at), entry.description) for at, entry in enumerate(people.questions))]


def _either(level: str, note: str) -> Any:
    return cll.CustomLevel(level, note)


def _names() -> Any:
    return cl.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            cll.NullLevel("folded"),
            cll.ExactMatchLevel("name", term_frequency_adjustments=True),
            cll.ExactMatchLevel("folded", term_frequency_adjustments=True),
            cll.ExactMatchLevel("sorted_parts", term_frequency_adjustments=True),
            _either("family_l = family_r AND given_l = given_r", "middle name differs"),
            cll.JaroWinklerLevel("folded", 0.95),
            cll.JaroWinklerLevel("folded", 0.88),
            cll.ExactMatchLevel("given", term_frequency_adjustments=True),
            cll.JaroWinklerLevel("folded", 0.8),
            cll.ElseLevel(),
        ],
    )


def _dates() -> Any:
    return cl.CustomComparison(
        output_column_name="dob",
        comparison_levels=[
            cll.NullLevel("year"),
            cll.ExactMatchLevel("dob"),
            _either("dob_l = swapped_r", "day and month swapped"),
            cll.DamerauLevenshteinLevel("dob", 1),
            _either("abs(year_l - year_r) = 1 AND month_l = month_r AND day_l = day_r", "year off by one"),
            _either(
                "year_l = year_r AND (dob_l IS NULL OR dob_r IS NULL"
                " OR dob_l LIKE '0101%' OR dob_r LIKE '0101%')",
                "year agrees, rest unknown",
            ),
            cll.ExactMatchLevel("year"),
            cll.ElseLevel(),
        ],
    )


def _addresses() -> Any:
    return cl.CustomComparison(
        output_column_name="address",
        comparison_levels=[
            cll.NullLevel("province"),
            _either("province_l = province_r AND line_l = line_r", "line and province"),
            _either(
                "province_l = province_r AND jaro_winkler_similarity(line_l, line_r) >= 0.9", "line alike"
            ),
            cll.ExactMatchLevel("commune"),
            cll.ExactMatchLevel("province"),
            cll.ElseLevel(),
        ],
    )


def settings() -> SettingsCreator:
    """Return the comparisons and the blocks."""
    return SettingsCreator(
        link_type="link_only",
        comparisons=[
            _names(),
            _dates(),
            cl.ExactMatch("sex"),
            _addresses(),
            cl.DamerauLevenshteinAtThresholds("phone", [1]),
            cl.JaroWinklerAtThresholds("mother", [0.95, 0.85]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("dob"),
            block_on("folded", "year"),
            block_on("phone"),
            CustomRule("l.dob = r.swapped AND l.given = r.given"),
            block_on("year", "family", "given"),
            block_on("sorted_parts", "year"),
            block_on("folded", "month", "day"),
            block_on("folded", "province"),
            block_on("year", "given", "province"),
            block_on("mother", "dob"),
        ],
    )


def trained(people: Population) -> dict[str, Any]:
    """Return the settings after training, on *people*, without their truth."""
    linker = Linker(frames(people), settings(), DuckDBAPI())
    linker.training.estimate_probability_two_random_records_match(
        [block_on("folded", "dob"), block_on("phone", "given")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=1)
    for rule in (block_on("dob"), block_on("folded"), block_on("phone")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    model: dict[str, Any] = linker.misc.save_model_to_json()
    return model


def splink(learning: Population, people: Population) -> Figures:
    """Return how good Splink is: trained on *learning*, asked about *people*, all questions as one batch.

    The clock runs from its records as rows to its links as rows: cleaning the names is in it, as in ours.
    """
    logging.getLogger("splink").setLevel(logging.ERROR)
    began = time.perf_counter()
    model = trained(learning)
    learnt, spent = time.perf_counter(), time.process_time()
    linker = Linker(frames(people), model, DuckDBAPI())
    linked = linker.inference.predict(threshold_match_probability=MIN_PROBABILITY)
    predicted = linked.as_pandas_dataframe()  # type: ignore[no-untyped-call]
    ended, spent = time.perf_counter(), time.process_time() - spent
    pairs = zip(
        predicted["unique_id_l"], predicted["unique_id_r"], predicted["match_probability"], strict=True
    )
    links = [_link(str(left), str(right), float(score)) for left, right, score in pairs]
    took = {"learning": learnt - began, "seconds": ended - learnt, "cpu": spent}
    return judged("Splink 4", people.questions, links, **took)


def _link(left: str, right: str, score: float) -> Link:
    """Return the link; which side is the question depends on the order of the tables' names."""
    question, entry = (left, right) if len(left) < len(right) else (right, left)
    return int(question), UUID(entry), score
