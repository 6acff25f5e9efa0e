"""
Estimates what agreements are worth from a deployment's own register.

    IDENTITY_DATABASE_URL=… python -m tools.estimate_matching weights.json

Reads a sample of persons (names, birth dates, addresses, telephones) and writes shares only: of
each level of agreement, and of those parts of names that at least five people of the sample have.
Nobody is labelled: it rests on the entries that the register has of people twice, so a register
with few doubles teaches little beyond how common names, dates and places are; the rest stays near
what is believed beforehand.  Look at the table before you use it (`IDENTITY_MATCHING_WEIGHTS`),
and measure it on cases that people have judged.
"""

import argparse
import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from chassis.db import Database
from services.identity.matching.model.weight_estimation import estimate
from services.identity.matching.store import sample

# Fewer persons say too little of how common anything is.
MIN_PERSONS = 10_000


async def estimated(url: str, persons: int, seed: int) -> dict[str, Any]:
    """Return the table from about *persons* of the register at *url*; ValueError when it has too few."""
    db = await Database.open(url, max_size=1)
    try:
        async with db.connection() as tx:
            people = await sample(tx, persons)
    finally:
        await db.close()
    if len(people) < MIN_PERSONS:
        raise ValueError(f"the register gave {len(people):,} persons; {MIN_PERSONS:,} are needed")
    about = {
        "population": f"a sample of {len(people):,} persons of a register",
        "method": "u from random pairs; m by EM from unlabelled pairs of one birth date or one name",
        "made": f"{datetime.now(UTC):%Y-%m-%d} by python -m tools.estimate_matching",
    }
    return estimate(people, Random(seed), about)


def main() -> None:
    parser = argparse.ArgumentParser(prog="tools.estimate_matching", description="Estimate matching weights.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--persons", type=int, default=200_000, help="how many to sample (default 200,000)")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    url = os.environ.get("IDENTITY_DATABASE_URL", "")
    if not url:
        parser.error("IDENTITY_DATABASE_URL is not set")
    try:
        table = asyncio.run(estimated(url, chosen.persons, chosen.seed))
    except ValueError as error:
        parser.error(str(error))
    chosen.out.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
