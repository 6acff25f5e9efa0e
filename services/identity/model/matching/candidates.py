"""Which questions can be answered, and which entries are candidates for the answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from common.values import PartialDate

from ..faults import Fault, malformed
from .weights import Description, Scored

# Below this nobody is shown to a hospital: nine to one it is somebody else, and an answer to a
# question that says little about anybody would be a list of people to choose from.
LEAST_SHOWN: Final = 0.1

# A candidate so likely ends the search: the wide blocks are not asked.
LIKELY: Final = 0.9

DEFAULT_CANDIDATES: Final = 10
MOST_CANDIDATES: Final = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be meant: *root* is the entry that stands for them."""

    root: UUID
    scored: Scored


def too_few(asked: Description) -> list[Fault]:
    """Return what a question lacks: a name, the person's or the mother's, and what finds them by an index.

    An address or a sex finds nobody alone; they tell those apart who are found.
    """
    born = asked.birth is not None and asked.birth.year
    named, faults = asked.full_name.strip() or asked.mother_name.strip(), []
    if not named:
        en, vi = "a name is needed, the person's or the mother's", "Cần họ tên người bệnh hoặc họ tên mẹ."
        faults.append(Fault("demographics.full_name", "demographics.name", en, vi))
    if not born and (not asked.phone.strip() or not asked.full_name.strip()):
        en = "a birth date, at least the year, or a telephone number is needed beside the name"
        vi = "Cần thêm ngày sinh (ít nhất là năm sinh) hoặc số điện thoại."
        faults.append(Fault("demographics.birth_date", "demographics.second_fact", en, vi))
    return faults


def unreal_date(born: PartialDate | None) -> list[Fault]:
    """Return the fault of a birth date that does not exist; none when it does or is not told."""
    return [malformed("demographics.birth_date")] if born and born.year and not born.exists else []


def ranked(scored: Iterable[tuple[UUID, Scored]], *, least: float, most: int) -> list[Candidate]:
    """Return at most *most* candidates that score *least* or more, best first, each person once.

    *scored* are entries by the root that stands for them: of several of one person the best counts.
    """
    best: dict[UUID, Scored] = {}
    for root, one in scored:
        if one.score >= least and (root not in best or one.score > best[root].score):
            best[root] = one
    order = sorted(best.items(), key=lambda item: (-item[1].score, item[0]))
    return [Candidate(root, one) for root, one in order[:most]]


def limit(asked: int) -> int:
    """Return how many candidates are shown at most: 0 means 10, above 50 means 50."""
    return min(asked or DEFAULT_CANDIDATES, MOST_CANDIDATES)
