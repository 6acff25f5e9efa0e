"""How good proposed links are, where the truth is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from .population import Question

# A link counts from here on; beside it the best that any threshold would give is told.
THRESHOLD = 0.9

# A link that somebody proposes: the place of the question, the entry, how likely.
Link = tuple[int, UUID, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """How good, and how long: *learning* and *seconds*, for all questions, on the clock; *cpu* of those."""

    name: str
    recall: float
    precision: float
    best_f1: float
    best_recall: float
    best_precision: float
    found_first: float
    learning: float
    seconds: float
    cpu: float
    questions: int

    @property
    def f1(self) -> float:
        """The harmonic mean of recall and precision at the threshold."""
        return _f1(self.recall, self.precision)


def judged(
    name: str,
    questions: Sequence[Question],
    links: Sequence[Link],
    *,
    learning: float,
    seconds: float,
    cpu: float,
) -> Figures:
    """Return how good *links* are: each question has one right entry at most."""
    right = sum(question.entry is not None for question in questions)
    links = sorted(links, key=lambda link: -link[2])
    best = (0.0, 0.0, 0.0)
    at, true = {}, 0
    for count, (number, entry, score) in enumerate(links, 1):
        true += questions[number].entry == entry
        if score >= THRESHOLD:
            at = {"recall": true / right, "precision": true / count}
        best = max(best, (_f1(true / right, true / count), true / right, true / count))
    first: dict[int, UUID] = {}
    for number, entry, _ in links:
        first.setdefault(number, entry)
    hits = sum(
        question.entry is not None and first.get(number) == question.entry
        for number, question in enumerate(questions)
    )
    return Figures(
        *(name, at.get("recall", 0.0), at.get("precision", 0.0), *best),
        *(hits / right, learning, seconds, cpu, len(questions)),
    )


def _f1(recall: float, precision: float) -> float:
    return 2 * recall * precision / (recall + precision) if recall + precision else 0.0
