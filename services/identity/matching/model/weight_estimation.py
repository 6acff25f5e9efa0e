"""
Estimates the table of weights from a register that nobody has labelled.

*u* comes from pairs drawn at random, which are two people.  *m* comes by expectation and
maximization (EM) from pairs that share a key, among which are some of one person: those that share
the birth date teach about the other fields, those that share the name about the birth date.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from math import exp, log
from random import Random
from typing import Any, Final

from kcb.vietnamese_text import folded

from .agreement_levels import Level
from .name_comparison import NameLevel, name_parts
from .weights import FIELDS, LEVELS, Description, NameCounts, Vector, agreed_parts, compare

# Pairs drawn for u, and looked at for m at most.
RANDOM_PAIRS: Final = 400_000
KEYED_PAIRS: Final = 200_000

# More records with one key are common values, not duplicates.
MAX_PER_KEY: Final = 40

ROUNDS: Final = 60

# What a level counts before it is seen: half an observation in u; in m two, shared as below.
SMOOTHING: Final = 0.5
BELIEF: Final = 2.0

# How often somebody who is asked for is in the register: a guess that no register can tell.
KNOWN: Final = 0.9

# Parts of names that fewer have are left out: they count as unseen, and name nobody.
MIN_NAMESAKES: Final = 5

Share = dict[str, dict[str, float]]
Counts = Counter[Vector]


def estimate(
    people: Sequence[Description], random: Random, about: Mapping[str, str], *, pairs: int = RANDOM_PAIRS
) -> dict[str, Any]:
    """Return the table, ready for JSON, from *people*: 10,000 or more, some of them described twice."""
    drawn = [_two(people, random) for _ in range(pairs)]
    vectors = [compare(*pair) for pair in drawn]
    u = shares(Counter(vectors), SMOOTHING)
    by_date = keyed_pairs(people, _date_key, random)
    by_name = keyed_pairs(people, lambda person: folded(person.full_name), random)
    m = learn_m(Counter(compare(*pair) for pair in by_date), u, known_fields={"birth_date"})
    m["birth_date"] = learn_m(Counter(compare(*pair) for pair in by_name), u, known_fields={"full_name"})[
        "birth_date"
    ]
    # Few tell their mother's name: it is written by the same hands, and taken as one's own name.
    m["mother_name"], u["mother_name"] = m["full_name"], u["full_name"]
    fields = {field: ordered(LEVELS[field], m[field], u[field]) for field in FIELDS}
    return {
        "about": dict(about),
        "known": KNOWN,
        "fields": fields,
        **name_statistics(people, drawn, vectors),
    }


def keyed_pairs(
    people: Sequence[Description], key: Callable[[Description], Hashable], random: Random
) -> list[tuple[Description, Description]]:
    groups: dict[Hashable, list[Description]] = defaultdict(list)
    for person in people:
        if key(person):
            groups[key(person)].append(person)
    pairs = [
        pair for group in groups.values() if len(group) <= MAX_PER_KEY for pair in combinations(group, 2)
    ]
    return random.sample(pairs, KEYED_PAIRS) if len(pairs) > KEYED_PAIRS else pairs


def shares(counts: Mapping[Vector, float], smoothing: float) -> Share:
    by_field: Share = {}
    for at, field in enumerate(FIELDS):
        seen = {level.name: smoothing for level in LEVELS[field]}
        for vector, count in counts.items():
            level = vector[at]
            if level is not None:
                seen[level.name] += count
        total = sum(seen.values())
        by_field[field] = {name: count / total for name, count in seen.items()}
    return by_field


def learn_m(counts: Counts, u: Share, known_fields: set[str]) -> Share:
    """Return m by EM over pairs that share a key; *known_fields* are the key and say nothing.

    u stays as it is: only m and the share of pairs of one person are learnt.
    """
    m = {field: first_guess(LEVELS[field]) for field in FIELDS}
    share, total = 0.1, sum(counts.values())
    for _ in range(ROUNDS):
        ours = {
            vector: count * _belongs(vector, m, u, share, known_fields) for vector, count in counts.items()
        }
        share = min(0.99, max(1e-6, sum(ours.values()) / max(total, 1)))
        m = _with_belief(ours)
    return m


def first_guess(levels: type[Level]) -> dict[str, float]:
    """Return what is believed of m before anything is seen: the better the agreement, the more often."""
    weights = {level.name: exp(4 * level.agreement) for level in levels}
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def _belongs(vector: Vector, m: Share, u: Share, share: float, skipped: set[str]) -> float:
    bits = log(share / (1 - share))
    for field, level in zip(FIELDS, vector, strict=True):
        if level is not None and field not in skipped:
            bits += log(m[field][level.name] / u[field][level.name])
    return 1 / (1 + exp(-max(-500.0, min(500.0, bits))))


def _with_belief(counts: Mapping[Vector, float]) -> Share:
    seen = shares(counts, 0.0 + 1e-12)
    pairs_with = {
        field: sum(count for vector, count in counts.items() if vector[at] is not None)
        for at, field in enumerate(FIELDS)
    }
    return {
        field: {
            name: (seen[field][name] * pairs_with[field] + BELIEF * guess) / (pairs_with[field] + BELIEF)
            for name, guess in first_guess(LEVELS[field]).items()
        }
        for field in FIELDS
    }


def ordered(levels: type[Level], m: Mapping[str, float], u: Mapping[str, float]) -> dict[str, list[float]]:
    """Return m and u of each level such that a better agreement never weighs less.

    Neighbours in the wrong order are taken as one, with the sums of their m and u.
    """
    groups: list[tuple[list[str], float, float]] = []
    for level in levels:
        names, m_sum, u_sum = [level.name], m[level.name], u[level.name]
        while groups and groups[-1][1] / groups[-1][2] < m_sum / u_sum:
            before = groups.pop()
            names, m_sum, u_sum = before[0] + names, before[1] + m_sum, before[2] + u_sum
        groups.append((names, m_sum, u_sum))
    return {
        name: [float(f"{m_sum / len(names):.4g}"), float(f"{u_sum / len(names):.4g}")]
        for names, m_sum, u_sum in groups
        for name in names
    }


def name_statistics(
    people: Iterable[Description], drawn: Sequence[tuple[Description, Description]], vectors: Sequence[Vector]
) -> dict[str, Any]:
    """Return how often parts of names occur, and how common those are that two people share, by level."""
    family, others, names = Counter[str](), Counter[str](), 0
    for person in people:
        words = name_parts(person.full_name)
        if words:
            names += 1
            family[words[0]] += 1
            others.update(set(words[1:]))
    counts = NameCounts(max(names, 1), family, others)
    agreeing: dict[str, list[float]] = defaultdict(list)
    for (first, second), vector in zip(drawn, vectors, strict=True):
        level = vector[0]
        if isinstance(level, NameLevel) and (
            parts_agreed := agreed_parts(level, first.full_name, second.full_name)
        ):
            agreeing[level.name].append(log(counts.share(*parts_agreed)))
    typical = {name: float(f"{exp(sum(logs) / len(logs)):.3g}") for name, logs in agreeing.items()}
    return {
        "typical": typical,
        "names": {"count": names, "family": _common(family), "others": _common(others)},
    }


def _common(counts: Counter[str]) -> dict[str, int]:
    return {part: count for part, count in counts.most_common() if count >= MIN_NAMESAKES}


def _date_key(person: Description) -> Hashable:
    born = person.birth
    return (born.year, born.month, born.day) if born and born.whole else None


def _two(people: Sequence[Description], random: Random) -> tuple[Description, Description]:
    first, second = random.randrange(len(people)), random.randrange(len(people) - 1)
    return people[first], people[second + (second >= first)]
