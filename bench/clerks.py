"""What registers and clerks make of people's names, dates and addresses: faults, each with its share."""

import unicodedata
from dataclasses import replace
from datetime import date
from random import Random

from common.values import PartialDate
from kcb.vietnamese_text import folded
from services.identity.matching.model.weights import Description
from services.identity.model.identifiers import Sex
from services.identity.model.persons import Address
from services.identity.model.places import today

_TONES = {"\u0300": "f", "\u0301": "s", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_SHAPES = {"\u0302": None, "\u0306": "w", "\u031b": "w"}
_LETTERS = "abcdeghiklmnopqrstuvxy"

# Of 1,000 names that a clerk types, how many have this fault; the rest are as they are.
NAME_FAULTS = {
    "diacritics lost": 280,
    "telex": 60,
    "VNI": 10,
    "diacritics differ": 40,
    "tone placed elsewhere": 40,
    "order swapped": 25,
    "middle name missing": 70,
    "middle name added": 15,
    "initials": 15,
    "typing": 60,
    "typing, diacritics lost": 30,
    "parts joined": 10,
}
DATE_FAULTS = {
    "day and month swapped": 40,
    "digit": 40,
    "year off by one": 30,
    "year only": 50,
    "month only": 10,
    "1 January": 20,
    "date missing": 10,
}


def telex(word: str, late: bool = False) -> str:
    """Return a word as the keys that type it: `Nguyễn` is `Nguyeenx`, or with *late* keys `Nguyenex`."""
    out, tone, end = "", "", ""
    for mark in unicodedata.normalize("NFD", word):
        if mark in _TONES:
            tone = _TONES[mark]
        elif mark in _SHAPES:
            key = _SHAPES[mark] or out[-1].lower()
            out, end = (out, end + key) if late else (out + key, end)
        else:
            out += {"đ": "dd", "Đ": "Dd"}.get(mark, mark)
    return out + end + tone


def vni(word: str) -> str:
    """Return a word as VNI types it: `Nguyễn` is `Nguyen64`."""
    keys = {**dict(zip("\u0301\u0300\u0309\u0303\u0323", "12345", strict=True)), "\u0302": "6", "\u031b": "7"}
    marks = [letter for letter in unicodedata.normalize("NFD", word) if letter in keys or letter == "\u0306"]
    plain = "".join(
        "d9" if letter in "đĐ" else letter
        for letter in unicodedata.normalize("NFD", word)
        if letter not in marks
    )
    return plain + "".join(sorted(keys.get(letter, "8") for letter in marks))


def mistyped(random: Random, word: str) -> str:
    """Return *word* with one letter changed, left out, added, or two swapped."""
    at = random.randrange(len(word))
    kind = random.randrange(4)
    if kind == 0:
        return word[:at] + random.choice(_LETTERS) + word[at + 1 :]
    if kind == 1 and len(word) > 2:
        return word[:at] + word[at + 1 :]
    if kind == 2 and at + 1 < len(word):
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + random.choice(_LETTERS) + word[at:]


def wrong_marks(random: Random, name: str) -> str:
    """Return *name* with the tone of one word changed."""
    words = name.split()
    at = random.randrange(len(words))
    rest = [letter for letter in unicodedata.normalize("NFD", words[at]) if letter not in _TONES]
    vowel = next(
        (i for i, letter in enumerate(rest) if folded(letter) in ("a", "e", "i", "o", "u", "y")),
        len(rest) - 1,
    )
    rest.insert(vowel + 1, random.choice(list(_TONES)))
    words[at] = unicodedata.normalize("NFC", "".join(rest))
    return " ".join(words)


def tone_moved(name: str) -> str:
    """Return *name* with the tone on the other vowel, as the old spelling had it: `hoà` for `hòa`."""
    for new, old in (("òa", "oà"), ("óa", "oá"), ("ủy", "uỷ"), ("úy", "uý"), ("ùy", "uỳ"), ("õa", "oã")):
        name = name.replace(new, old)
    return unicodedata.normalize("NFD", name)


def faulty_name(random: Random, name: str, fault: str) -> str:
    """Return *name* with *fault*."""
    words = name.split()
    if fault in ("typing", "typing, diacritics lost"):
        at = random.randrange(len(words))
        words[at] = mistyped(random, words[at] if fault == "typing" else folded(words[at]))
        return " ".join(words) if fault == "typing" else folded(" ".join(words)).title()
    makers = {
        "diacritics lost": lambda: folded(name).title() if random.random() < 0.5 else folded(name).upper(),
        "telex": lambda: " ".join(telex(word, late=random.random() < 0.15) for word in words),
        "VNI": lambda: " ".join(vni(word) for word in words),
        "diacritics differ": lambda: wrong_marks(random, name),
        "tone placed elsewhere": lambda: tone_moved(name),
        "order swapped": lambda: " ".join([words[-1], *words[:-1]] if random.random() < 0.7 else words[::-1]),
        "middle name missing": lambda: " ".join([words[0], *words[2:]] if len(words) > 2 else words),
        "middle name added": lambda: " ".join([words[0], random.choice(("Thị", "Văn", "Ngọc")), *words[1:]]),
        "initials": lambda: " ".join([f"{word[0]}." for word in words[:-1]] + words[-1:]),
        "parts joined": lambda: words[0] + " ".join(words[1:]),
    }
    return makers[fault]()


def faulty_date(random: Random, born: PartialDate, fault: str) -> PartialDate | None:
    """Return *born* with *fault*; as it is when the fault would make no date."""
    year, month, day = born.year, born.month, born.day
    if fault == "digit":
        digits = f"{day:02}{month:02}{year:04}"
        at = random.choice((0, 1, 2, 3, 6, 7))
        text = digits[:at] + random.choice("0123456789") + digits[at + 1 :]
        faulty = PartialDate(int(text[4:]), int(text[2:4]), int(text[:2]))
    else:
        faulty = {
            "day and month swapped": PartialDate(year, day, month),
            "year off by one": PartialDate(year + random.choice((-1, 1)), month, day),
            "year only": PartialDate(year),
            "month only": PartialDate(year, month),
            "1 January": PartialDate(year, 1, 1),
            "date missing": PartialDate(0),
        }[fault]
    if fault == "date missing":
        return None
    return faulty if faulty.exists and bool(faulty.day) >= (fault == "digit") else born


def one_of(random: Random, faults: dict[str, int]) -> str:
    """Return a fault as often as it says of 1,000, or an empty text."""
    at = random.randrange(1000)
    for fault, share in faults.items():
        if at < share:
            return fault
        at -= share
    return ""


def as_registered(random: Random, description: Description, *, unnamed: bool) -> Description:
    """Return a person as a register has them: mostly right, some old dates known in part, some gaps."""
    name, born = description.full_name, description.birth
    if random.random() < 0.1:
        name = name.upper()
    elif random.random() < 0.03:
        name = faulty_name(random, name, random.choice(("diacritics lost", "telex", "typing")))
    if born and born.year < 1975 and random.random() < 0.12:
        born = random.choice((PartialDate(born.year), PartialDate(born.year, 1, 1)))
    home = description.address if random.random() < 0.7 else moved_by_law(random, description.address)
    if random.random() < 0.08:
        home = replace(home, line="")
    phone = description.phone if random.random() < 0.65 else ""
    return replace(description, full_name="" if unnamed else name, birth=born, address=home, phone=phone)


def moved_by_law(random: Random, home: Address) -> Address:
    """Return an address with the codes since July 2025: another commune, no district, today's province."""
    commune = f"{int(home.commune_code or 0) // 4 * 4 + 1:05}"
    line = home.line.replace(", phường ", ", P. ") if random.random() < 0.3 else home.line
    return Address(line, commune, "", today(home.province_code), date(2025, 7, 1))


def faulty_phone(random: Random, phone: str) -> str:
    """Return a number as told: missing, a new one, with a digit wrong, or as it is, in some writing."""
    chance = random.random()
    if chance < 0.4 or not phone:
        return ""
    if chance < 0.5:
        return f"0{random.choice('35789')}{random.randrange(10**8):08}"
    if chance < 0.53:
        return phone[:-1] + random.choice("0123456789")
    return phone if chance < 0.85 else f"+84 {phone[1:4]} {phone[4:]}"


def described_by_clerk(
    random: Random, description: Description, *, another: Address
) -> tuple[Description, tuple[str, ...]]:
    """Return a person as a clerk describes them, and which faults name and date have."""
    name_fault = one_of(random, NAME_FAULTS)
    date_fault = one_of(random, DATE_FAULTS)
    name = faulty_name(random, description.full_name, name_fault) if name_fault else description.full_name
    born = (
        faulty_date(random, description.birth, date_fault)
        if date_fault and description.birth
        else description.birth
    )
    home = description.address if random.random() < 0.92 else another
    home = moved_by_law(random, home) if random.random() < 0.6 else home
    if random.random() < 0.2:
        home = replace(home, line="", commune_code="") if random.random() < 0.5 else Address()
    sex = (
        description.sex if random.random() < 0.95 else random.choice((Sex.UNSPECIFIED, Sex.MALE, Sex.FEMALE))
    )
    mother = description.mother_name if random.random() < 0.5 else ""
    if mother and random.random() < 0.3:
        mother = folded(mother)
    phone = faulty_phone(random, description.phone)
    faults = tuple(fault for fault in (name_fault, date_fault) if fault)
    return Description(name, born, sex, home, phone, mother), faults
