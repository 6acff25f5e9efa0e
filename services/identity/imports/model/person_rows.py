"""
Rows of the national registers, checked one by one, and whom each row is about.

A row's faults refuse that row only.  No fault repeats a value.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from common.values import PartialDate

from ...model.coverages import STANDINGS, Issuer
from ...model.faults import Fault, malformed, missing, too_long
from ...model.identifiers import FORMS, SINGLE, Identifier, Kind, Sex, State, card_result_code, form_fault
from ...model.persons import Address, address_faults

# What of a row of persons is stored, in this order.
PERSON_COLUMNS: Final = (
    *("source_key", "personal_id", "old_id", "social_insurance_number"),
    *("full_name", "birth_year", "birth_month", "birth_day", "sex", "nationality", "ethnicity"),
    *("address_line", "commune_code", "district_code", "province_code", "address_as_of", "phone"),
    "deceased",
)

# What of a row of cards is stored, in this order.
COVERAGE_COLUMNS: Final = (
    *("source_key", "personal_id", "insurance_number", "card_number", "valid_from", "valid_to"),
    *("group_code", "benefit_level", "initial_facility", "area_code", "five_years_date"),
    *("issuer", "standing", "exempt_from"),
)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person of a register.  *identifiers* are the numbers that have no field of their own."""

    source_key: str
    personal_id: str
    old_id: str
    social_insurance_number: str
    full_name: str
    birth: PartialDate | None
    sex: int
    nationality: str
    ethnicity: str
    address: Address
    phone: str
    deceased: bool
    identifiers: tuple[Identifier, ...] = ()

    @property
    def numbers(self) -> list[tuple[Kind, str]]:
        """The numbers in use that the row gives in fields of their own."""
        all_of_them = (
            (Kind.PERSONAL_ID, self.personal_id),
            (Kind.OLD_ID, self.old_id),
            (Kind.SOCIAL_INSURANCE_NUMBER, self.social_insurance_number),
        )
        return [(kind, value) for kind, value in all_of_them if value]


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """A card of a register."""

    source_key: str
    personal_id: str
    social_insurance_number: str
    card_number: str
    valid_from: date | None
    valid_to: date | None
    group_code: str
    benefit_level: int
    initial_facility: str
    area_code: str
    five_years_date: date | None
    issuer: int
    standing: str
    exempt_from: date | None = None

    @property
    def insurance_number(self) -> str:
        """The social-insurance number: as told, else the last ten digits of the card."""
        return self.social_insurance_number or insurance_number(self.card_number)


def insurance_number(card_number: str) -> str:
    """Return the social-insurance number that a card ends with; empty when it has letters there."""
    last = card_number[-10:]
    return last if len(last) == 10 and last.isascii() and last.isdecimal() else ""


# The forms of a row's coded fields; all may be empty.
CODES = {
    "nationality": re.compile(r"([0-9]{3})?"),
    "ethnicity": re.compile(r"([0-9]{2})?"),
}

# The longest that a row's texts may be, in characters.
LIMITS: Final = {"source_key": 64, "full_name": 255, "phone": 20}

# The longest number of a kind that has no form of its own.
LONGEST_NUMBER: Final = 50


def person_faults(row: PersonRow) -> list[Fault]:
    """Return what is wrong with a row of persons; empty when nothing."""
    faults = [] if row.source_key or row.personal_id else [missing("personal_id")]
    fields = ("personal_id", "old_id", "social_insurance_number")
    kinds = (Kind.PERSONAL_ID, Kind.OLD_ID, Kind.SOCIAL_INSURANCE_NUMBER)
    for field, kind in zip(fields, kinds, strict=True):
        fault = form_fault(field, kind, getattr(row, field))
        faults += [fault] if fault else []
    if not row.full_name:
        faults.append(missing("full_name"))
    faults += [too_long(field, limit) for field, limit in LIMITS.items() if len(getattr(row, field)) > limit]
    if row.birth is not None and not row.birth.exists:
        faults.append(malformed("birth_date"))
    if row.sex not in frozenset(Sex):
        faults.append(malformed("sex"))
    faults += [malformed(field) for field, form in CODES.items() if not form.fullmatch(getattr(row, field))]
    texts = {field: getattr(row, field) for field in LIMITS} | {"address.line": row.address.line}
    return faults + _unstorable(texts) + address_faults(row.address) + history_faults(row)


def _unstorable(texts: dict[str, str]) -> list[Fault]:
    """Return a fault for each of *texts* with the one character that PostgreSQL keeps in none."""
    return [malformed(field) for field, text in texts.items() if "\0" in text]


def history_faults(row: PersonRow) -> list[Fault]:
    """Return what is wrong with the numbers that have no field of their own; empty when nothing."""
    faults: list[Fault] = []
    seen = set(row.numbers)
    for place, one in enumerate(row.identifiers):
        faults += _number_faults(f"identifiers[{place}]", one)
        if (one.kind, one.value) in seen:
            en, vi = "the row gives this number twice", "Số này đã có trong cùng dòng."
            faults.append(Fault(f"identifiers[{place}].value", "identifiers.duplicate", en, vi))
        seen.add((one.kind, one.value))
    return faults


def _number_faults(path: str, one: Identifier) -> list[Fault]:
    found: list[Fault] = []
    if one.kind not in frozenset(Kind) - {Kind.LOCAL}:
        found.append(_form(path, "kind"))
    form = FORMS.get(one.kind)
    fits = form.fullmatch(one.value) if form else 1 <= len(one.value) <= LONGEST_NUMBER
    if not fits or "\0" in one.value:
        found.append(_form(path, "value"))
    if one.state not in frozenset(State):
        found.append(_form(path, "state"))
    if one.kind in SINGLE and one.state is State.CURRENT:
        en = "the number of this kind that is in use has a field of its own"
        vi = "Số đang dùng của loại này phải ghi vào trường riêng."
        found.append(Fault(f"{path}.state", "identifiers.current", en, vi))
    if not CODES["nationality"].fullmatch(one.country):
        found.append(_form(path, "country"))
    if one.valid_from and one.valid_to and one.valid_to < one.valid_from:
        en, vi = "the number ends before it begins", "Số hết hiệu lực trước ngày bắt đầu."
        found.append(Fault(f"{path}.valid_to", "identifiers.valid_to.order", en, vi))
    return found


def _form(path: str, field: str) -> Fault:
    told = malformed(f"identifiers.{field}")
    return Fault(f"{path}.{field}", told.rule, told.en, told.vi)


def coverage_faults(row: CoverageRow) -> list[Fault]:
    """Return what is wrong with a row of cards; empty when nothing."""
    faults = [] if row.source_key or row.personal_id or row.insurance_number else [missing("personal_id")]
    for field, kind in (
        ("personal_id", Kind.PERSONAL_ID),
        ("social_insurance_number", Kind.SOCIAL_INSURANCE_NUMBER),
    ):
        fault = form_fault(field, kind, getattr(row, field))
        faults += [fault] if fault else []
    if len(row.card_number) not in (10, 15) or card_result_code(row.card_number):
        faults.append(malformed("card_number"))
    if row.valid_from is None:
        faults.append(missing("valid_from"))
    elif row.valid_to and row.valid_to < row.valid_from:
        en, vi = "the card ends before it begins", "Thẻ hết hạn trước ngày bắt đầu."
        faults.append(Fault("valid_to", "valid_to.order", en, vi))
    forms = {
        "source_key": len(row.source_key) <= LIMITS["source_key"] and "\0" not in row.source_key,
        "group_code": re.fullmatch(r"([A-Z]{2})?", row.group_code),
        "benefit_level": 0 <= row.benefit_level <= 5,
        "initial_facility_code": re.fullmatch(r"([0-9A-Z]{5})?", row.initial_facility),
        "area_code": row.area_code in ("", "K1", "K2", "K3"),
        "issuer": row.issuer in frozenset(Issuer),
        "standing": row.standing in STANDINGS,
    }
    return faults + [malformed(field) for field, right in forms.items() if not right]


def differ(keys: Iterable[object]) -> bool:
    """Whether no two of *keys* are the same; empty ones are none."""
    told = [key for key in keys if key]
    return len(set(told)) == len(told)


def repeats(rows: Iterable[tuple[int, Sequence[tuple[str, object]]]]) -> dict[int, str]:
    """Return the rows that an earlier one rules out, and the field that both have.

    *rows* are places, each with its keys: a field and a value, which is empty when there is none.
    A row that is ruled out rules out no other.
    """
    seen: set[tuple[str, object]] = set()
    found: dict[int, str] = {}
    for place, keys in rows:
        told = [key for key in keys if key[1]]
        same = next((key for key in told if key in seen), None)
        if same is None:
            seen.update(told)
        else:
            found[place] = same[0]
    return found


@dataclass(frozen=True, slots=True)
class Holder:
    """An entry that has, or had, the number of a row.

    *root* is the entry that stands for it: itself, unless it is merged.
    """

    person_id: UUID
    root: UUID
    birth: PartialDate | None
    current: bool = True


def resolve_person(
    has_key: bool, birth: PartialDate | None, holders: Sequence[Holder]
) -> UUID | Fault | None:
    """Return whom a row with a number but no known key is about.

    A person; nobody yet (None); or why that cannot be said.  For a key that is new
    the birth dates must agree too, because a typing mistake in a number must not lay
    one person over another.  A number that was replaced is nobody's to be taken
    again, unless its holder was clearly somebody else: then it was a mistake there.
    """
    now = [one for one in holders if one.current]
    if now and not same_person(now):
        en, vi = "several entries have this number; merge them first", "Nhiều hồ sơ cùng số định danh."
        return Fault("personal_id", "personal_id.ambiguous", en, vi)
    if now:
        return _told_of(preferred(now), has_key, birth)
    if any(_may_be(one, birth) for one in holders):
        en, vi = "the number was replaced by another", "Số định danh đã được thay bằng số khác."
        return Fault("personal_id", "personal_id.superseded", en, vi)
    return None


def _told_of(holder: Holder, has_key: bool, birth: PartialDate | None) -> UUID | Fault:
    if not has_key or _may_be(holder, birth):
        return holder.person_id
    en = "the number belongs to somebody born on another day"
    vi = "Số định danh thuộc người có ngày sinh khác."
    return Fault("birth_date", "birth_date.conflict", en, vi)


def _may_be(holder: Holder, birth: PartialDate | None) -> bool:
    return birth is None or holder.birth is None or birth.agrees(holder.birth)


def same_person(holders: Sequence[Holder]) -> bool:
    """Whether *holders* are entries of one person."""
    return len({one.root for one in holders}) == 1


def preferred(holders: Sequence[Holder]) -> Holder:
    """Return which of one person's entries a number is about: the one that stands for all, if it has it."""
    return min(holders, key=lambda one: (one.person_id != one.root, one.person_id))


def owner_of(holders: Sequence[Holder]) -> UUID | None:
    """Return the entry a card with this number belongs to; None when nobody has it, or several do."""
    return preferred(holders).person_id if holders and same_person(holders) else None


def duplicate(field: str) -> Fault:
    """Return the fault of a row whose key an earlier row of the batch has."""
    en, vi = "an earlier row of the batch has the same key", "Trùng khóa với một dòng trước trong cùng lô."
    return Fault(field, "row.duplicate", en, vi)


def unknown_person(field: str) -> Fault:
    """Return the fault of a card whose owner is not known."""
    return Fault(field, "person.unknown", "the owner is not known here", "Chưa có hồ sơ của chủ thẻ.")


# Random characters (hex) of an id that is made here: 72 bits.
RANDOM: Final = 18


def ordered_ids(milliseconds: int, random: bytes) -> list[str]:
    """Return a UUID (version 7, RFC 9562) for each 9 bytes of *random*, all of one moment.

    Ids of one batch lie side by side in an index, in no order that says anything of the
    rows; scattered ones would touch a page each of every index, once it is large.
    """
    begin, text = f"{milliseconds:012x}", random.hex()
    return [f"{begin}7{text[at : at + 3]}8{text[at + 3 : at + 18]}" for at in range(0, len(text), RANDOM)]
