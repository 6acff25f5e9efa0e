"""
Judging the corpus: each planted fault is named by its rule at its path, with its severity, and nothing else
is refused; each dossier without a fault is accepted.

`python -m tests.corpus.run` prints the figures.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from kcb.registers import NOTHING, Registers
from kcb.report import Report
from kcb.rule_catalogue import RULES
from kcb.validate import validate

from . import (
    card_faults,
    file_faults,
    money_faults,
    paper_faults,
    registry_faults,
    row_faults,
    service_faults,
    stay_faults,
)
from .planting import (
    FAULTS,
    NEIGHBOURS,
    RAW_FAULTS,
    REGISTRY_FAULTS,
    Fault,
    Neighbour,
    RawFault,
    RegistryFault,
)
from .shapes import FINISHES, SHAPES

# Noon of that day in Viet Nam: the clock of the corpus.
NOW: Final = datetime(2026, 11, 27, 5, tzinfo=UTC)
SEED: Final = 20261127

# Files with a fault for each way to plant it; dossiers of each shape; neighbours of each limit.
FAULTS_EACH, VALID_EACH, NEIGHBOURS_EACH = 7, 12, 3

MODULES: Final = (
    card_faults,
    file_faults,
    money_faults,
    paper_faults,
    registry_faults,
    row_faults,
    service_faults,
    stay_faults,
)

# What every unsigned file, and every invented number, is told.
ALWAYS: Final = frozenset({"signature-missing", "personal-id-differs"})


@dataclass(frozen=True, slots=True)
class Planted:
    """A file with one fault: the rule, the path, whether it refuses, and what else may speak."""

    rule: str
    shape: str
    content: bytes
    path: str
    refuses: bool
    also: frozenset[str] = frozenset()
    registers: Registers = NOTHING


def chance(*words: object) -> random.Random:
    return random.Random(f"{SEED} {' '.join(map(str, words))}")


def planted(fault: Fault, number: int) -> Planted:
    rng = chance(fault.rule, fault.plant.__name__, FAULTS.index(fault), number)
    shape = fault.shapes[number % len(fault.shapes)]
    draft = SHAPES[shape](rng)
    path = fault.plant(draft, rng)
    refuses = RULES[fault.rule].refuses and not fault.doubt
    return Planted(fault.rule, shape, draft.bytes(), path, refuses, fault.also)


def planted_raw(fault: RawFault, number: int) -> Planted:
    content, path = fault.make(chance(fault.rule, RAW_FAULTS.index(fault), number))
    return Planted(fault.rule, "bytes", content, path, RULES[fault.rule].refuses)


def planted_beside(fault: RegistryFault, number: int) -> Planted:
    rng = chance(fault.rule, fault.plant.__name__, number)
    shape = fault.shapes[number % len(fault.shapes)]
    draft = SHAPES[shape](rng)
    path, registers = fault.plant(draft, rng, fault.right(draft))
    return Planted(fault.rule, shape, draft.bytes(), path, RULES[fault.rule].refuses, frozenset(), registers)


def every_fault(each: int = FAULTS_EACH) -> Iterator[Planted]:
    for fault in FAULTS:
        yield from (planted(fault, number) for number in range(each))
    for raw in RAW_FAULTS:
        yield from (planted_raw(raw, number) for number in range(each))
    for beside in REGISTRY_FAULTS:
        yield from (planted_beside(beside, number) for number in range(each))


def miss(file: Planted) -> str:
    """Return what is wrong with what is said of a file with one fault, or nothing."""
    findings = validate(file.content, now=NOW, registers=file.registers).findings
    said = [(each.rule, each.path, each.refuses) for each in findings]
    others = [
        (rule, path)
        for rule, path, refuses in said
        if refuses and (rule, path) != (file.rule, file.path) and rule not in file.also
    ]
    if (file.rule, file.path, file.refuses) in said and not others:
        return ""
    named = [each for each in said if each[0] not in ALWAYS]
    return f"{file.rule} at {file.path} ({file.shape}): {others or named[:6]}"


def every_valid(each: int = VALID_EACH) -> Iterator[tuple[str, bytes]]:
    """Give the dossiers without a fault, each shape in every way of writing."""
    for name, shape in SHAPES.items():
        for number in range(each):
            draft = shape(chance(name, number))
            draft.finish = FINISHES[number % len(FINISHES)]
            yield f"{name} {number} {draft.finish}", draft.bytes()


def refused_wrongly(name: str, content: bytes) -> str:
    report = validate(content, now=NOW)
    return f"{name}: {[(each.rule, each.path) for each in report.refusals]}" if report.refusals else ""


def neighbour_misses(neighbour: Neighbour, number: int) -> str:
    rng = chance(neighbour.rule, neighbour.change.__name__, NEIGHBOURS.index(neighbour), number)
    shape = neighbour.shapes[number % len(neighbour.shapes)]
    draft = SHAPES[shape](rng)
    neighbour.change(draft, rng)
    return spoken(validate(draft.bytes(), now=NOW), neighbour.rule, shape)


def unplanted_misses(fault: Fault, number: int) -> str:
    """Return what is said of the dossier before the fault is planted: nothing of the rule."""
    rng = chance(fault.rule, fault.plant.__name__, FAULTS.index(fault), number)
    shape = fault.shapes[number % len(fault.shapes)]
    rule = "" if fault.rule in ALWAYS else fault.rule
    return spoken(validate(SHAPES[shape](rng).bytes(), now=NOW), rule, shape)


def beside_misses(fault: RegistryFault, number: int) -> str:
    """Return what is said of a dossier beside registers in which it is right."""
    rng = chance(fault.rule, fault.plant.__name__, number)
    shape = fault.shapes[number % len(fault.shapes)]
    draft = SHAPES[shape](rng)
    report = validate(draft.bytes(), now=NOW, registers=fault.right(draft))
    return spoken(report, fault.rule, shape)


def spoken(report: Report, rule: str, shape: str) -> str:
    said = [(each.rule, each.path) for each in report.findings if each.refuses or each.rule == rule]
    return f"{rule} ({shape}): {said}" if said else ""


def main() -> None:
    begin = time.process_time()
    faults = [miss(file) for file in every_fault()]
    valid = [refused_wrongly(*file) for file in every_valid()]
    wrong, refused = list(filter(None, faults)), list(filter(None, valid))
    print(f"{len(faults)} files with one fault: {len(faults) - len(wrong)} named exactly")  # noqa: T201
    print(f"{len(valid)} files without a fault: {len(refused)} refused")  # noqa: T201
    print(f"{time.process_time() - begin:.1f} CPU-seconds")  # noqa: T201
    print("\n".join([*wrong, *refused]))  # noqa: T201


if __name__ == "__main__":
    main()
