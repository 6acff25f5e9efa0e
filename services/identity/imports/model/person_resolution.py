"""Whom a row of a register is about, among the entries that have its number; None when nobody yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from common.faults import Fault
from common.values import PartialDate

from ...matching.model.stated_person import compare_stated
from ...matching.model.weights import Description


@dataclass(frozen=True, slots=True)
class Holder:
    """An entry that has, or had, the number of a row.

    *root* is the entry that stands for it: itself, unless it is merged.
    """

    person_id: UUID
    root: UUID
    birth: PartialDate | None
    current: bool = True
    full_name: str = ""


def resolve_person(
    has_key: bool, birth: PartialDate | None, holders: Sequence[Holder], full_name: str = ""
) -> UUID | Fault | None:
    """Return whom a row with a number but no known key is about.

    A person; nobody yet (None); or why that cannot be said.  A typing mistake in a number
    must not lay one person over another: for a key that is new the birth dates must agree
    too, and without a key not both, name and birth date, may differ (as matching compares).
    A number that was replaced is nobody's to be taken
    again, unless its holder was clearly somebody else: then it was a mistake there.
    """
    current = [holder for holder in holders if holder.current]
    if current and not same_person(current):
        en, vi = "several entries have this number; merge them first", "Nhiều hồ sơ cùng số định danh."
        return Fault("personal_id", "personal_id.ambiguous", en, vi)
    if current:
        stated = Description(full_name=full_name, birth=birth)
        return _checked_holder(preferred(current), has_key, stated)
    if any(_may_be(holder, birth) for holder in holders):
        en, vi = "the number was replaced by another", "Số định danh đã được thay bằng số khác."
        return Fault("personal_id", "personal_id.superseded", en, vi)
    return None


def _checked_holder(holder: Holder, has_key: bool, stated: Description) -> UUID | Fault:
    if _may_be(holder, stated.birth):
        return holder.person_id
    if has_key:
        en = "the number belongs to somebody born on another day"
        vi = "Số định danh thuộc người có ngày sinh khác."
        return Fault("birth_date", "birth_date.conflict", en, vi)
    record = Description(full_name=holder.full_name, birth=holder.birth)
    if compare_stated("stated", stated, record).is_another_person:
        en = "the number belongs to somebody else: the name and the birth date both differ"
        vi = "Số định danh thuộc về người khác: cả họ tên và ngày sinh đều không khớp."
        return Fault("personal_id", "personal_id.person_differs", en, vi)
    return holder.person_id


def _may_be(holder: Holder, birth: PartialDate | None) -> bool:
    return birth is None or holder.birth is None or birth.agrees(holder.birth)


def same_person(holders: Sequence[Holder]) -> bool:
    return len({holder.root for holder in holders}) == 1


def preferred(holders: Sequence[Holder]) -> Holder:
    """Return which of one person's entries a number is about: the one that stands for all, if it has it."""
    return min(holders, key=lambda holder: (holder.person_id != holder.root, holder.person_id))


def owner_of(holders: Sequence[Holder]) -> UUID | None:
    """Return the entry a card with this number belongs to; None when nobody has it, or several do."""
    return preferred(holders).person_id if holders and same_person(holders) else None


def unknown_person(field: str) -> Fault:
    return Fault(field, "person.unknown", "the owner is not known here", "Chưa có hồ sơ của chủ thẻ.")
