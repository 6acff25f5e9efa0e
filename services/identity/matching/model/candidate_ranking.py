"""Which questions can be answered, and which records are candidates for the answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from common.faults import Fault

from ...model.faults import future_faults, malformed
from .weights import Description, Scored

# Below this nobody is shown to a hospital: nine to one it is somebody else, and an answer to a
# question that says little about anybody would be a list of people to choose from.
MIN_SHOWN_SCORE: Final = 0.1

# A candidate so likely ends the search: the wide blocks are not asked.
LIKELY: Final = 0.9

DEFAULT_CANDIDATES: Final = 10
MAX_CANDIDATES: Final = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be meant: *survivor* is the record that stands for them."""

    survivor: UUID
    scored: Scored


def missing_facts(description: Description) -> list[Fault]:
    """Return what a question lacks: a name, the person's or the mother's, and what finds them by an index.

    An address or a sex finds nobody alone; they tell those apart who are found.
    """
    faults = []
    born = description.birth is not None and description.birth.year
    if not (description.full_name.strip() or description.mother_name.strip()):
        en, vi = "a name is needed, the person's or the mother's", "Cần họ tên người bệnh hoặc họ tên mẹ."
        faults.append(Fault("demographics.full_name", "demographics.name", en, vi))
    if not born and (not description.phone.strip() or not description.full_name.strip()):
        en = "a birth date, at least the year, or a telephone number is needed beside the name"
        vi = "Cần thêm ngày sinh (ít nhất là năm sinh) hoặc số điện thoại."
        faults.append(Fault("demographics.birth_date", "demographics.second_fact", en, vi))
    return faults


def wrong_dates(description: Description, now: datetime) -> list[Fault]:
    """Return the dates of a question that there is no day of, or that are still to come."""
    born = description.birth
    faults = [malformed("demographics.birth_date")] if born and born.year and not born.exists else []
    faults += future_faults("demographics.birth_date", born, now)
    return faults + future_faults("demographics.address.as_of", description.address.as_of, now)


def ranked(scored: Iterable[tuple[UUID, Scored]], *, least: float, most: int) -> list[Candidate]:
    """Return at most *most* candidates that score *least* or more, best first, each person once.

    *scored* are records by their survivor: of several of one person the best counts.
    """
    best: dict[UUID, Scored] = {}
    for survivor, result in scored:
        if result.score >= least and (survivor not in best or result.score > best[survivor].score):
            best[survivor] = result
    order = sorted(best.items(), key=lambda item: (-item[1].score, item[0]))
    return [Candidate(survivor, result) for survivor, result in order[:most]]


def limit(max_candidates: int) -> int:
    """Return how many candidates are shown at most: 0 means 10, above 50 means 50."""
    return min(max_candidates or DEFAULT_CANDIDATES, MAX_CANDIDATES)
