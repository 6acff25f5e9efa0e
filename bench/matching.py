"""
MatchPersons beside Splink, on one invented population whose truth is known.

    python -m bench.matching                 the table
    python -m bench.matching --learn         estimate the shipped weights anew, from the learning seed

Both learn from one population and are judged on another (other seeds, other people, the same
habits of clerks): ours by its shipped table, `weights.json`, Splink by its own training.  Nobody
tells either which pairs are true.  A question is right when the entry that it means is linked to it
with a score over the threshold; every other link is wrong.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import asyncpg
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from chassis.db import Database
from chassis.migrate import upgrade
from chassis.sql import sql
from laptop.postgres import Cluster
from services.identity.matching.matcher import find_candidates as candidates
from services.identity.matching.model import weights
from services.identity.matching.model.weight_estimation import estimate
from services.identity.matching.model.weights import shipped

from .population import Entry, Population, population
from .reports import Place, Told, report
from .splink_beside import splink
from .verdicts import THRESHOLD, Figures, Link, judged

# Of the population that is learnt from, and of the one that is judged.  Number 2 is for looking at
# mistakes while the model is worked on: nobody who looked there may be judged there.
LEARNING_SEED, JUDGED_SEED = 1, 3

# Candidates that are asked of ours for each question.
MOST = 10

COLUMNS = (
    *("id", "state", "origin", "full_name", "birth_year", "birth_month", "birth_day", "birth_time", "sex"),
    *("nationality", "ethnicity", "address_line", "commune_code", "district_code", "province_code"),
    *("address_as_of", "phone", "mother", "facility"),
)


async def ours(home: Path, people: Population, said: Console) -> tuple[Figures, list[float]]:
    """Return how good MatchPersons is, and the seconds of each question: blocks by SQL, then the score.

    One question after the other, on one connection, in the process of the score; the register is
    in before the clock starts, as it would be.
    """
    cluster = Cluster(home / "postgres")
    cluster.start()
    try:
        cluster.create("matching")
        url = cluster.url("matching")
        await asyncio.to_thread(upgrade, "services.identity", url)
        db = await Database.open(url, max_size=1)
        try:
            await stored(url, people.register)
            said.print(f"{len(people.register):,} persons are stored")
            return await _asked(db, people)
        finally:
            await db.close()
    finally:
        cluster.stop()


async def _asked(db: Database, people: Population) -> tuple[Figures, list[float]]:
    table, links, spent = shipped(), list[Link](), []
    backend = await _backend(db)
    began, spent_here, spent_there = time.perf_counter(), time.process_time(), cpu_of(backend)
    for question, one in enumerate(people.asked):
        start = time.perf_counter()
        async with db.connection() as tx:
            found = await candidates(tx, one.told, table, least=0.001, most=MOST)
        spent.append(time.perf_counter() - start)
        links += [(question, each.survivor, each.scored.score) for each in found]
    seconds = time.perf_counter() - began
    cpu = time.process_time() - spent_here + cpu_of(backend) - spent_there
    return judged("MatchPersons", people.asked, links, learning=0.0, seconds=seconds, cpu=cpu), spent


BACKEND = sql(text("SELECT pg_backend_pid()"))


async def _backend(db: Database) -> int:
    """Return the process of PostgreSQL that serves the one connection of *db*."""
    async with db.connection() as tx:
        return int(await tx.fetchval(BACKEND))


def cpu_of(process: int) -> float:
    """Return the CPU seconds that *process* has used."""
    told = Path(f"/proc/{process}/stat").read_text(encoding="utf8").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


async def stored(url: str, entries: Sequence[Entry]) -> None:
    """Put *entries* into the table of persons."""
    connection = await asyncpg.connect(url)
    try:
        await connection.copy_records_to_table("persons", columns=COLUMNS, records=map(_row, entries))
        await connection.execute("VACUUM ANALYZE persons")
    finally:
        await connection.close()


def _row(one: Entry) -> tuple[object, ...]:
    told, home = one.told, one.told.address
    born = (told.birth.year, told.birth.month, told.birth.day) if told.birth else (0, 0, 0)
    codes = (home.commune_code, home.district_code, home.province_code, home.as_of)
    return (
        one.id,
        1,
        1,
        told.full_name,
        *born,
        "",
        int(told.sex),
        "",
        "",
        home.line,
        *codes,
        told.phone,
        one.mother,
        "",
    )


def told_by_mother(people: Population) -> Population:
    """Return *people* with the mother's name in the entries that name a mother."""
    names = {one.id: one.told.full_name for one in people.register}
    register = [
        replace(one, told=replace(one.told, mother_name=names.get(one.mother, ""))) if one.mother else one
        for one in people.register
    ]
    return Population(register, people.asked)


def measure(home: Path, said: Console, *, persons: int, questions: int) -> tuple[Table, dict[str, object]]:
    """Return the table, and the figures for JSON."""
    people = population(JUDGED_SEED, persons=persons, questions=questions)
    said.print("Splink learns and links …")
    learning = told_by_mother(population(LEARNING_SEED, persons=persons, questions=questions))
    theirs = splink(learning, told_by_mother(people))
    said.print("MatchPersons is asked …")
    us, spent = asyncio.run(ours(home, people, said))
    return table([us, theirs], spent), figures([us, theirs], spent)


def table(measured: Sequence[Figures], spent: Sequence[float]) -> Table:
    """Return the table that is printed."""
    made = Table(title=f"Who is it?  {measured[0].questions:,} questions; a link counts from {THRESHOLD}")
    for heading in ("", "recall", "precision", "F1", "best F1", "(recall, precision)", "right one first"):
        made.add_column(heading, justify="right")
    for heading in ("learning s", "all s", "CPU ms each", "p50 / p99 ms"):
        made.add_column(heading, justify="right")
    for one in measured:
        each = f"{_at(spent, 0.5):.1f} / {_at(spent, 0.99):.1f}" if one.name == "MatchPersons" else "a batch"
        made.add_row(
            one.name,
            *(f"{value:.4f}" for value in (one.recall, one.precision, one.f1, one.best_f1)),
            f"{one.best_recall:.4f}, {one.best_precision:.4f}",
            f"{one.found_first:.4f}",
            *(f"{one.learning:.1f}", f"{one.seconds:.1f}", f"{one.cpu / one.questions * 1000:.2f}", each),
        )
    return made


def figures(measured: Sequence[Figures], spent: Sequence[float]) -> dict[str, object]:
    """Return the figures for JSON."""
    told: dict[str, object] = {
        one.name: {
            "recall": one.recall,
            "precision": one.precision,
            "f1": one.f1,
            "best_f1": one.best_f1,
            "right_one_first": one.found_first,
            "learning_seconds": one.learning,
            "seconds": one.seconds,
            "cpu_ms_a_question": one.cpu / one.questions * 1000,
        }
        for one in measured
    }
    return {**told, "p50_ms": _at(spent, 0.5), "p99_ms": _at(spent, 0.99), "threshold": THRESHOLD}


def _at(spent: Sequence[float], part: float) -> float:
    return sorted(spent)[int(part * (len(spent) - 1))] * 1000


@report
async def matching(place: Place) -> Told:
    """MatchPersons beside Splink, on one invented population: 50,000 persons, 10,000 questions."""
    shown, found = await asyncio.to_thread(measure, place.home, place.said, persons=50_000, questions=10_000)
    return Told([shown], found)


def learn(said: Console) -> None:
    """Estimate the shipped table anew."""
    people = population(LEARNING_SEED)
    said.print(f"learning from {len(people.register) + len(people.asked):,} descriptions …")
    told = [one.told for one in people.register] + [one.told for one in people.asked]
    about = {
        "population": f"invented (bench/population.py), seed {LEARNING_SEED}: a register of"
        f" {len(people.register):,} persons and {len(people.asked):,} descriptions by clerks; no real person",
        "method": "u from 400,000 random pairs; m by EM from unlabelled pairs of one birth date or one name",
        "made": f"{datetime.now(UTC):%Y-%m-%d} by python -m bench.matching --learn",
        "again": "from a deployment's own register: python -m tools.estimate_matching",
    }
    path = weights.HERE / "weights.json"
    made = estimate(told, Random(LEARNING_SEED), about)
    path.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf8")
    said.print(f"written to {path}", markup=False)


def main() -> None:
    """Measure, or learn."""
    parser = argparse.ArgumentParser(prog="python -m bench.matching", description="Matching beside Splink.")
    parser.add_argument("--persons", type=int, default=50_000)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--learn", action="store_true", help="estimate the shipped weights anew")
    chosen, said = parser.parse_args(), Console(stderr=True)
    if chosen.learn:
        learn(said)
        return
    with tempfile.TemporaryDirectory(prefix="lientuyen-matching-") as made:
        Path(made).chmod(0o711)  # PostgreSQL runs as another user when we are root
        shown, found = measure(Path(made), said, persons=chosen.persons, questions=chosen.questions)
    Console(width=150).print(shown)
    Console(width=150).print(json.dumps(found, indent=1), markup=False)


if __name__ == "__main__":
    main()
