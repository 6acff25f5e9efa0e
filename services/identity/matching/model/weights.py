"""
What an agreement is worth (Fellegi and Sunter, 1969), in bits.

Of each field and level the table knows *m*, how often it is seen between two descriptions of one
person, and *u*, how often between two people.  Its weight is log2(m/u); the weights of the fields
add up, with the prior, to the log-odds that both are one person.  A field that one side does not
tell weighs 0.

That a name is shared says less when many have it (Winkler, 1988): a frequent name takes from the
weight of an agreement, a rare one adds.  And what a family shares (address, telephone, the mother)
is one proof, not three: brothers are not one person.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import exp2, log2
from pathlib import Path
from typing import Any, Final

from common.values import PartialDate

from ...model.identifiers import Sex
from ...model.persons import Address
from .address_comparison import AddressLevel, compare_addresses
from .agreement_levels import Level
from .date_comparison import DateLevel, compare_dates
from .name_comparison import NameLevel, compare_names, name_parts
from .sex_and_phone import PhoneLevel, SexLevel, compare_phones, compare_sexes

HERE: Final = Path(__file__).parent

# The fields, in the order of `Demographics` of the contract, and their levels.
LEVELS: Final[Mapping[str, type[Level]]] = {
    "full_name": NameLevel,
    "birth_date": DateLevel,
    "sex": SexLevel,
    "address": AddressLevel,
    "phone": PhoneLevel,
    "mother_name": NameLevel,
}
FIELDS: Final = tuple(LEVELS)

# A family shares these, so they are no three proofs: together they weigh what the strongest does.
HOUSEHOLD: Final = frozenset({"address", "phone", "mother_name"})

# A register of fewer persons is taken to be a part of one with so many: where few are known, that
# nobody else has the name and the birth date is no evidence.
MIN_PERSONS: Final = 100_000

# The most that the rarity of a name adds or takes, in bits: an unseen name may be a misspelt one.
RARITY: Final = 6.0

# The agreements in which the parts of the name count by how rare they are.
_WHOLE: Final = frozenset(
    {
        NameLevel.SAME,
        NameLevel.DIACRITICS_LOST,
        NameLevel.KEYS_LEFT,
        NameLevel.DIACRITICS_DIFFER,
        NameLevel.ORDER,
    }
)
_SHARED: Final = frozenset({NameLevel.MIDDLE, NameLevel.TYPING, NameLevel.INITIALS, NameLevel.GIVEN_ONLY})

NOWHERE: Final = Address()

Vector = tuple[Level | None, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """What is told of somebody; what is not told is empty or None."""

    full_name: str = ""
    birth: PartialDate | None = None
    sex: Sex = Sex.UNSPECIFIED
    address: Address = NOWHERE
    phone: str = ""
    mother_name: str = ""


@dataclass(frozen=True, slots=True)
class Weight:
    """What one field, or the prior, says: *bits* for (above 0) or against."""

    field: str
    bits: float
    agreement: float
    note: str


@dataclass(frozen=True, slots=True)
class Scored:
    """How likely two descriptions are of one person, 0 to 1, and why."""

    score: float
    weights: tuple[Weight, ...]


@dataclass(frozen=True, slots=True)
class NameCounts:
    """How often the parts of names occur, folded: as the family name, as another part."""

    names: int
    family: Mapping[str, int]
    others: Mapping[str, int]

    def share(self, parts: Iterable[str], family: str) -> float:
        share = 1.0
        for part in parts:
            seen = self.family.get(part) if part == family else self.others.get(part)
            share *= min(1.0, (seen or 0.5) / self.names)
            family = family if part != family else ""
        return share


@dataclass(frozen=True, slots=True)
class Table:
    """The estimates.  *known* is how often somebody asked for is in the register, 0 to 1.

    *typical* is, of each level of a name, the share of people that the agreeing parts of two
    people's names usually have.
    """

    about: Mapping[str, str]
    known: float
    bits: Mapping[str, Mapping[str, float]]
    typical: Mapping[str, float]
    counts: NameCounts

    def weight(self, field: str, level: Level | None) -> float:
        """Return the bits of *level* in *field*, before a name's rarity; 0 for what is not told."""
        return self.bits[field].get(level.name, 0.0) if level is not None else 0.0

    def rarity(self, level: NameLevel, first: str, second: str) -> float:
        parts = agreed_parts(level, first, second)
        if not parts or level.name not in self.typical:
            return 0.0
        gained = log2(self.typical[level.name]) - log2(self.counts.share(*parts))
        return max(-RARITY, min(RARITY, gained))


def agreed_parts(level: NameLevel, first: str, second: str) -> tuple[list[str], str] | None:
    """Return the parts that two names share, and which is the family name; None when none count."""
    if level not in _WHOLE and level not in _SHARED:
        return None
    parts, parts_too = sorted((name_parts(first), name_parts(second)))
    if level is NameLevel.GIVEN_ONLY:
        return [parts[-1]], ""
    shared = [part for part in parts if part in parts_too] or list(parts)
    return shared, parts[0] if parts[0] in shared else ""


def compare(first: Description, second: Description) -> Vector:
    return (
        compare_names(first.full_name, second.full_name),
        compare_dates(first.birth, second.birth),
        compare_sexes(first.sex, second.sex),
        compare_addresses(first.address, second.address),
        compare_phones(first.phone, second.phone),
        compare_names(first.mother_name, second.mother_name),
    )


def prior(table: Table, persons: int) -> float:
    """Return the log-odds, in bits, that any one of *persons* is the one asked for."""
    return log2(table.known / max(persons, MIN_PERSONS))


def scored(table: Table, description: Description, record: Description, persons: int) -> Scored:
    """Return how likely *record*, one of *persons* in the register, is who is meant by *description*."""
    vector = compare(description, record)
    names = {
        "full_name": (description.full_name, record.full_name),
        "mother_name": (description.mother_name, record.mother_name),
    }
    weights = [
        _weight(table, field, level, names.get(field)) for field, level in zip(FIELDS, vector, strict=True)
    ]
    weights = _household_once(weights)
    weights.append(Weight("prior", prior(table, persons), 0.0, "before any field is looked at"))
    return Scored(probability(weights), tuple(weights))


def _household_once(weights: Iterable[Weight]) -> list[Weight]:
    """Return *weights* where each field that a family shares adds only what those before it have not said."""
    bits_so_far, reduced = 0.0, []
    for weight in weights:
        if weight.field in HOUSEHOLD and weight.bits > 0:
            reduced.append(replace(weight, bits=max(0.0, weight.bits - bits_so_far)))
            bits_so_far = max(bits_so_far, weight.bits)
        else:
            reduced.append(weight)
    return reduced


def probability(weights: Sequence[Weight]) -> float:
    bits = max(-200.0, min(200.0, sum(weight.bits for weight in weights)))
    return 1.0 / (1.0 + exp2(-bits))


def _weight(table: Table, field: str, level: Level | None, names: tuple[str, str] | None) -> Weight:
    if level is None:
        return Weight(field, 0.0, 0.0, "not told")
    bits = table.weight(field, level)
    if names is not None and isinstance(level, NameLevel):
        bits += table.rarity(level, *names)
    return Weight(field, bits, level.agreement, level.note)


def table_of(document: Mapping[str, Any]) -> Table:
    """Return the table that *document*, read from JSON, holds.  KeyError or ValueError when it is not one."""
    bits = {
        field: {
            level.name: log2(
                document["fields"][field][level.name][0] / document["fields"][field][level.name][1]
            )
            for level in levels
        }
        for field, levels in LEVELS.items()
    }
    counts = NameCounts(document["names"]["count"], document["names"]["family"], document["names"]["others"])
    return Table(document["about"], document["known"], bits, document["typical"], counts)


@cache
def shipped() -> Table:
    """Return the table that comes with the service (`weights.json`, whose header says how it was made)."""
    return table_of(json.loads((HERE / "weights.json").read_text(encoding="utf8")))
