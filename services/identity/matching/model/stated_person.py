"""
Whether the person who has a number is the one whom a paper names beside it.

A number is mistyped, lent, or guessed; who has it need not be who is meant.  What came with it, the
name (họ tên), the birth date (ngày sinh) and the sex (giới tính), is compared with the entry by the
levels of matching.  A field that agrees nearly agrees; one that a side does not tell says nothing.
"""

from dataclasses import dataclass
from typing import Final

from common.faults import Fault

from .agreement_levels import Level
from .date_comparison import DateLevel, compare_dates
from .name_comparison import NameLevel, compare_names
from .sex_and_phone import SexLevel, compare_sexes
from .weights import Description

# The least agreement at which a field is still taken to be the same.  Names that are only alike are not:
# a family name and a middle name are shared by many.  Nor are years that differ, unless day and month agree.
LEAST_LEVELS: Final = {
    "full_name": NameLevel.INITIALS,
    "birth_date": DateLevel.YEAR,
    "sex": SexLevel.SAME,
}

# Where both differ, the number is another person's.
DECISIVE_FIELDS: Final = frozenset({"full_name", "birth_date"})

# The sources of what is compared and the fields, as sentences name them.
_SOURCES: Final = {"card_qr": ("on the card", "trên thẻ"), "stated": ("as stated", "khai báo")}
_FIELDS: Final = {
    "full_name": ("the name", "Họ tên"),
    "birth_date": ("the birth date", "Ngày sinh"),
    "sex": ("the sex", "Giới tính"),
}


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """How one field of `Demographics`, which both sides tell, fits; *note* names no value."""

    field: str
    agrees: bool
    note: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one *source* (`card_qr`, `stated`) says, compared with an entry, field by field."""

    source: str
    fields: tuple[FieldAgreement, ...]

    @property
    def is_another_person(self) -> bool:
        """Whether the number is somebody else's: the name and the birth date both differ."""
        return {each.field for each in self.fields if not each.agrees} >= DECISIVE_FIELDS

    @property
    def warnings(self) -> list[Fault]:
        """What differs, in words; the rules are `card_qr.full_name`, `stated.birth_date`."""
        return [self._warning(each.field) for each in self.fields if not each.agrees]

    def _warning(self, field: str) -> Fault:
        (en, vi), (source_en, source_vi) = _FIELDS[field], _SOURCES[self.source]
        return Fault(
            field, f"{self.source}.{field}", f"{en} {source_en} differs", f"{vi} {source_vi} khác với hồ sơ."
        )


def compare_stated(source: str, stated: Description, record: Description) -> Comparison:
    """Compare name, birth date and sex of *record* with what was *stated*; other fields are not looked at."""
    levels: dict[str, Level | None] = {
        "full_name": compare_names(stated.full_name, record.full_name),
        "birth_date": compare_dates(stated.birth, record.birth),
        "sex": compare_sexes(stated.sex, record.sex),
    }
    fields = (
        FieldAgreement(field, _agrees(field, level), level.note)
        for field, level in levels.items()
        if level is not None
    )
    return Comparison(source, tuple(fields))


def _agrees(field: str, level: Level) -> bool:
    return level.agreement >= LEAST_LEVELS[field].agreement
