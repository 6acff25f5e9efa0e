"""
An invented population with known truth: families at addresses, and what a register and clerks make of them.

The shares of family and given names are those commonly reported of Viet Nam (Nguyễn 38 in 100 …);
faults and their shares are ours.  Nobody is real; there are no personal IDs here at all.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from common.values import PartialDate
from services.identity.matching.model.weights import Description
from services.identity.model.identifiers import Sex
from services.identity.model.persons import Address
from services.identity.model.places import MERGED_FROM

from .clerks import as_registered, described_by_clerk

WORDS: dict[str, Any] = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf8"))
SEXES = {Sex.MALE: "male", Sex.FEMALE: "female"}

TODAY = date(2026, 11, 21)
OLD_PROVINCES = [old for merged in MERGED_FROM.values() for old in merged]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the register: *truth* says who it is; a newborn's has its mother's entry."""

    id: UUID
    truth: int
    description: Description
    mother: UUID | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a clerk: *truth* says who it is about, *entry* which entry is right, if any."""

    description: Description
    truth: int
    entry: UUID | None
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Population:
    """A register, and the questions that are put to it."""

    register: list[Entry]
    questions: list[Question]


def population(
    seed: int, *, persons: int = 50_000, questions: int = 10_000, strangers: float = 0.15
) -> Population:
    """Return a register of *persons*, and *questions*, a share of which, *strangers*, is about others.

    Strangers are of the same families: brothers, sisters and twins of those who are.
    """
    random = Random(seed)
    people: list[Description] = []
    mothers: dict[int, int] = {}
    while len(people) < persons * 1.1:
        _household(random, people, mothers)
    _namesakes(random, people)
    registered = set(random.sample(range(len(people)), persons))
    ids = {person: UUID(int=random.getrandbits(128), version=4) for person in range(len(people))}
    register = [_entry(random, person, people, mothers, ids, registered) for person in sorted(registered)]
    missing = [person for person in range(len(people)) if person not in registered]
    unknown = random.sample(missing, min(len(missing), round(questions * strangers)))
    about = [*random.sample(sorted(registered), questions - len(unknown)), *unknown]
    random.shuffle(about)
    return Population(
        register, [_question(random, person, people, mothers, ids, registered) for person in about]
    )


def _household(random: Random, people: list[Description], mothers: dict[int, int]) -> None:
    """Add a family: one or two parents, their children, some of them twins; a phone each adult."""
    home, family = _home(random), pick(random, WORDS["family"])
    born = random.randint(1940, 2003)
    mother = _person(random, pick(random, WORDS["family"]), Sex.FEMALE, born, home, "", _phone(random))
    people.append(mother)
    at = len(people) - 1
    if random.random() < 0.8:
        age = min(2006, born + random.randint(-8, 3))
        people.append(_person(random, family, Sex.MALE, age, home, "", _phone(random)))
    year = born + random.randint(19, 28)
    for _ in range(random.choice((0, 1, 1, 2, 2, 2, 3))):
        if year > TODAY.year:
            break
        child = _child(random, family, year, home, mother)
        mothers[len(people)] = at
        people.append(child)
        if random.random() < 0.012:
            mothers[len(people)] = at
            people.append(
                replace(_child(random, family, year, home, mother), birth=child.birth, phone=child.phone)
            )
        year += random.randint(1, 6)


def _child(random: Random, family: str, year: int, home: Address, mother: Description) -> Description:
    sex = random.choice((Sex.MALE, Sex.FEMALE))
    grown = TODAY.year - year > 16
    where = _home(random) if TODAY.year - year > 24 and random.random() < 0.6 else home
    phone = _phone(random) if grown else mother.phone
    return _person(random, family, sex, year, where, mother.full_name, phone)


def _person(
    random: Random, family: str, sex: Sex, year: int, home: Address, mother: str, phone: str
) -> Description:
    middles, givens = WORDS["middle"][SEXES[sex]], WORDS["given"][SEXES[sex]]
    middle = [pick(random, middles)]
    if random.random() < (0.25 if year > 1990 else 0.08):
        middle.append(pick(random, middles))
    given_name = givens[min(int(random.expovariate(1 / 22)), len(givens) - 1)]
    name = " ".join(dict.fromkeys([family, *middle, given_name]))
    last = TODAY.timetuple().tm_yday if year == TODAY.year else 365
    born = date.fromordinal(date(year, 1, 1).toordinal() + random.randrange(last))
    return Description(name, PartialDate(born.year, born.month, born.day), sex, home, phone, mother)


def _namesakes(random: Random, people: list[Description]) -> None:
    """Make some people share the name and the birth year of others, and a few the whole birth date."""
    for at in random.sample(range(len(people)), len(people) // 40):
        other = people[random.randrange(len(people))]
        if people[at].birth is None or other.birth is None or people[at].mother_name:
            continue
        born = other.birth
        if random.random() < 0.8:
            born = PartialDate(born.year, random.randint(1, 12), random.randint(1, 28))
        people[at] = replace(people[at], full_name=other.full_name, sex=other.sex, birth=born)


def _home(random: Random) -> Address:
    """Return an address as it was before July 2025, with the old codes."""
    province = random.choice(OLD_PROVINCES)
    district, commune = random.randrange(12), random.randrange(22)
    village, street, hamlet = (
        WORDS["communes"][commune],
        *map(random.choice, (WORDS["streets"], WORDS["villages"])),
    )
    if random.random() < 0.5:
        line = f"Số {random.randint(1, 400)} đường {street}, phường {village}"
    else:
        line = f"Thôn {hamlet} {random.randint(1, 9)}, xã {village}"
    number = int(province) * 100 + district
    return Address(
        line, f"{(number * 3 + commune) % 100_000:05}", f"{number % 1000:03}", province, date(2025, 1, 1)
    )


def _phone(random: Random) -> str:
    return f"0{random.choice('35789')}{random.randrange(10**8):08}"


def _entry(
    random: Random,
    person: int,
    people: Sequence[Description],
    mothers: dict[int, int],
    ids: dict[int, UUID],
    registered: set[int],
) -> Entry:
    """Return the entry of a person: one born of late was registered by the hospital, with the mother."""
    description, mother = people[person], mothers.get(person)
    newborn = (
        description.birth is not None and description.birth.year >= TODAY.year - 1 and mother in registered
    )
    seen = as_registered(random, description, unnamed=newborn and random.random() < 0.3)
    return Entry(
        ids[person], person, replace(seen, mother_name=""), ids[mother] if newborn and mother else None
    )


def _question(
    random: Random,
    person: int,
    people: Sequence[Description],
    mothers: dict[int, int],
    ids: dict[int, UUID],
    registered: set[int],
) -> Question:
    description, faults = described_by_clerk(random, people[person], another=_home(random))
    return Question(description, person, ids[person] if person in registered else None, faults)


def pick(random: Random, shares: dict[str, int]) -> str:
    """Return one of *shares*, as often as it says."""
    return random.choices(list(shares), list(shares.values()))[0]
