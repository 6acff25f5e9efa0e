"""What will be done to the stack, and when: drawn from a seed, so that a run can be repeated."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

SERVICES = ("identity", "records", "routing", "pharmacy")

# Who calls whom when something is written; `client` is everybody outside.
LINKS = (
    ("records", "identity"),
    ("records", "routing"),
    ("routing", "identity"),
    ("pharmacy", "identity"),
    *(("client", service) for service in SERVICES),
)

# Seconds between the beginnings of two faults, and how long a link stays broken: faults overlap now and then.
MIN_GAP_S, MAX_GAP_S = 1.5, 6.0
MIN_BREAK_S, MAX_BREAK_S = 0.5, 4.0

# What is done, and how often of a hundred.  A cut link refuses; a deaf one loses the answers; a frozen one
# holds up both ways without a word, and goes on.
WEIGHTS = {"kill": 40, "kill_postgresql": 12, "cut": 18, "deaf": 18, "freeze": 12}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is done: *start_s* after the beginning, to a service or a link, for *seconds*."""

    start_s: float
    action: str
    target: Sequence[str]
    seconds: float = 0.0


def draw(seed: int, length_s: float) -> list[Fault]:
    """Return the faults of a run of *length_s* seconds: the same for the same seed."""
    drawing = random.Random(seed)
    faults, start = [], drawing.uniform(MIN_GAP_S, MAX_GAP_S)
    while start < length_s:
        action = drawing.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        faults.append(Fault(start, action, target(drawing, action), length(drawing, action)))
        start += drawing.uniform(MIN_GAP_S, MAX_GAP_S)
    return faults


def target(drawing: random.Random, action: str) -> Sequence[str]:
    if action == "kill":
        return (drawing.choice(SERVICES),)
    return ("postgresql",) if action == "kill_postgresql" else drawing.choice(LINKS)


def length(drawing: random.Random, action: str) -> float:
    return 0.0 if action.startswith("kill") else drawing.uniform(MIN_BREAK_S, MAX_BREAK_S)
