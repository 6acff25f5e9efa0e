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
from laptop.postgres_cluster import Cluster
from services.identity.matching.matcher import find_candidates as candidates
from services.identity.matching.model import weights
from services.identity.matching.model.weight_estimation import estimate
from services.identity.matching.model.weights import shipped

from .population import Entry, Population, population
from .reports import Place, ReportResult, report
from .splink_beside import splink
from .verdicts import THRESHOLD, Figures, Link, judged

# Of the population that is learnt from, and of the one that is judged.  Number 2 is for looking at
# mistakes while the model is worked on: nobody who looked there may be judged there.
LEARNING_SEED, JUDGED_SEED = 1, 3

# Candidates that are asked of ours for each question.
MAX_CANDIDATES = 10

COLUMNS = (
    *("id", "state", "origin", "full_name", "birth_year", "birth_month", "birth_day", "birth_time", "sex"),
    *("nationality", "ethnicity", "address_line", "commune_code", "district_code", "province_code"),
    *("address_as_of", "phone", "mother", "facility"),
)


async def ours(home: Path, people: Population, console: Console) -> tuple[Figures, list[float]]:
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
            console.print(f"{len(people.register):,} persons are stored")
            return await _ask_all(db, people)
        finally:
            await db.close()
    finally:
        cluster.stop()


async def _ask_all(db: Database, people: Population) -> tuple[Figures, list[float]]:
    table, links, spent = shipped(), list[Link](), []
    backend = await _backend(db)
    began, spent_here, spent_there = time.perf_counter(), time.process_time(), cpu_of(backend)
    for question, entry in enumerate(people.questions):
        start = time.perf_counter()
        async with db.connection() as tx:
            matches = await candidates(tx, entry.description, table, least=0.001, most=MAX_CANDIDATES)
        spent.append(time.perf_counter() - start)
        links += [(question, each.survivor, each.scored.score) for each in matches]
    seconds = time.perf_counter() - began
    cpu = time.process_time() - spent_here + cpu_of(backend) - spent_there
    return judged("MatchPersons", people.questions, links, learning=0.0, seconds=seconds, cpu=cpu), spent


BACKEND = sql(text("SELECT pg_backend_pid()"))


async def _backend(db: Database) -> int:
    """Return the process of PostgreSQL that serves the one connection of *db*."""
    async with db.connection() as tx:
        return int(await tx.fetchval(BACKEND))


def cpu_of(process: int) -> float:
    """Return the CPU seconds that *process* has used."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def stored(url: str, entries: Sequence[Entry]) -> None:
    """Put *entries* into the table of persons."""
    connection = await asyncpg.connect(url)
    try:
        await connection.copy_records_to_table("persons", columns=COLUMNS, records=map(_row, entries))
        await connection.execute("VACUUM ANALYZE persons")
    finally:
        await connection.close()


def _row(entry: Entry) -> tuple[object, ...]:
    description, home = entry.description, entry.description.address
    born = (
        (description.birth.year, description.birth.month, description.birth.day)
        if description.birth
        else (0, 0, 0)
    )
    codes = (home.commune_code, home.district_code, home.province_code, home.as_of)
    return (
        entry.id,
        1,
        1,
        description.full_name,
        *born,
        "",
        int(description.sex),
        "",
        "",
        home.line,
        *codes,
        description.phone,
        entry.mother,
        "",
    )


def with_mother_names(people: Population) -> Population:
    """Return *people* with the mother's name in the entries that name a mother."""
    names = {entry.id: entry.description.full_name for entry in people.register}
    register = [
        replace(entry, description=replace(entry.description, mother_name=names.get(entry.mother, "")))
        if entry.mother
        else entry
        for entry in people.register
    ]
    return Population(register, people.questions)


def measure(home: Path, console: Console, *, persons: int, questions: int) -> tuple[Table, dict[str, object]]:
    """Return the table, and the figures for JSON."""
    people = population(JUDGED_SEED, persons=persons, questions=questions)
    console.print("Splink learns and links …")
    learning = with_mother_names(population(LEARNING_SEED, persons=persons, questions=questions))
    theirs = splink(learning, with_mother_names(people))
    console.print("MatchPersons is asked …")
    us, spent = asyncio.run(ours(home, people, console))
    return table([us, theirs], spent), figures([us, theirs], spent)


def table(measured: Sequence[Figures], spent: Sequence[float]) -> Table:
    """Return the table that is printed."""
    drawn = Table(title=f"Who is it?  {measured[0].questions:,} questions; a link counts from {THRESHOLD}")
    for heading in ("", "recall", "precision", "F1", "best F1", "(recall, precision)", "right one first"):
        drawn.add_column(heading, justify="right")
    for heading in ("learning s", "all s", "CPU ms each", "p50 / p99 ms"):
        drawn.add_column(heading, justify="right")
    for figure in measured:
        each = (
            f"{_at(spent, 0.5):.1f} / {_at(spent, 0.99):.1f}" if figure.name == "MatchPersons" else "a batch"
        )
        drawn.add_row(
            figure.name,
            *(f"{value:.4f}" for value in (figure.recall, figure.precision, figure.f1, figure.best_f1)),
            f"{figure.best_recall:.4f}, {figure.best_precision:.4f}",
            f"{figure.found_first:.4f}",
            *(
                f"{figure.learning:.1f}",
                f"{figure.seconds:.1f}",
                f"{figure.cpu / figure.questions * 1000:.2f}",
                each,
            ),
        )
    return drawn


def figures(measured: Sequence[Figures], spent: Sequence[float]) -> dict[str, object]:
    """Return the figures for JSON."""
    by_name: dict[str, object] = {
        figure.name: {
            "recall": figure.recall,
            "precision": figure.precision,
            "f1": figure.f1,
            "best_f1": figure.best_f1,
            "right_one_first": figure.found_first,
            "learning_seconds": figure.learning,
            "seconds": figure.seconds,
            "cpu_ms_a_question": figure.cpu / figure.questions * 1000,
        }
        for figure in measured
    }
    return {**by_name, "p50_ms": _at(spent, 0.5), "p99_ms": _at(spent, 0.99), "threshold": THRESHOLD}


def _at(spent: Sequence[float], part: float) -> float:
    return sorted(spent)[int(part * (len(spent) - 1))] * 1000


@report
async def matching(place: Place) -> ReportResult:
    """MatchPersons beside Splink, on one invented population: 50,000 persons, 10,000 questions."""
    drawn, values = await asyncio.to_thread(
        measure, place.home, place.console, persons=50_000, questions=10_000
    )
    return ReportResult([drawn], values)


def learn(console: Console) -> None:
    """Estimate the shipped table anew."""
    people = population(LEARNING_SEED)
    console.print(f"learning from {len(people.register) + len(people.questions):,} descriptions …")
    descriptions = [described.description for described in people.register] + [
        described.description for described in people.questions
    ]
    about = {
        "population": f"invented (bench/population.py), seed {LEARNING_SEED}: a register of"
        f" {len(people.register):,} persons and {len(people.questions):,} descriptions by clerks;"
        " no real person",
        "method": "u from 400,000 random pairs; m by EM from unlabelled pairs of one birth date or one name",
        "made": f"{datetime.now(UTC):%Y-%m-%d} by python -m bench.matching --learn",
        "again": "from a deployment's own register: python -m tools.estimate_matching",
    }
    path = weights.HERE / "weights.json"
    estimated = estimate(descriptions, Random(LEARNING_SEED), about)
    path.write_text(json.dumps(estimated, ensure_ascii=False, indent=1) + "\n", encoding="utf8")
    console.print(f"written to {path}", markup=False)


def main() -> None:
    """Measure, or learn."""
    parser = argparse.ArgumentParser(prog="python -m bench.matching", description="Matching beside Splink.")
    parser.add_argument("--persons", type=int, default=50_000)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--learn", action="store_true", help="estimate the shipped weights anew")
    chosen, console = parser.parse_args(), Console(stderr=True)
    if chosen.learn:
        learn(console)
        return
    with tempfile.TemporaryDirectory(prefix="lientuyen-matching-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL runs as another user when we are root
        drawn, values = measure(Path(folder), console, persons=chosen.persons, questions=chosen.questions)
    Console(width=150).print(drawn)
    Console(width=150).print(json.dumps(values, indent=1), markup=False)


if __name__ == "__main__":
    main()
