"""
What a reply of the insurance portal's card look-up means (KQNhanLichSuKCB2024, CV 1923/BHXH-CNTT).

    read_reply(body, subject, now) → Reply, or NotTold with its reason

Whatever the portal sends is an answer or a reason why there is none; nothing of it
breaks a reader (clients of this portal show blank pages at codes they do not know).
What says nothing about cards is not read: the history of visits (dsLichSuKCB2018) and
of look-ups (dsLichSuKT2018) are about care, and are not kept.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from common.values import PartialDate

from ..model.coverages import PORTAL, Coverage, Issuer
from ..model.identifiers import FORMS, Identifier, Kind, State
from ..model.staleness import StaleReason
from .model import STOPPED, USABLE, NotTold, Reply, Subject

# Codes that answer the question without a card: none found, the number wrong, a child without one.
WITHOUT: Final = frozenset({"050", "051", "052", "053", "130"})
# Cards that another ministry manages: papers decide.
PAPERS: Final = {"001": Issuer.DEFENCE, "002": Issuer.PUBLIC_SECURITY}
LAPSED: Final = "010"
# Codes that are no answer, and what they are instead.
REFUSALS: Final = {
    "054": StaleReason.ACCOUNT_REFUSED,
    "055": StaleReason.ACCOUNT_REFUSED,
    "401": StaleReason.ACCOUNT_REFUSED,
    "403": StaleReason.ACCOUNT_REFUSED,
    "060": StaleReason.UPSTREAM_MISMATCH,
    "061": StaleReason.UPSTREAM_MISMATCH,
    "070": StaleReason.UPSTREAM_MISMATCH,
    "100": StaleReason.UPSTREAM_REFUSED,
    "205": StaleReason.UPSTREAM_REFUSED,
    "101": StaleReason.UPSTREAM_DOWN,
    "500": StaleReason.UPSTREAM_DOWN,
}
# Where the reply has what of a card: the card asked about, and the one that takes its place.
_PRESENT: Final = ("maThe", "gtTheTu", "gtTheDen", "maDKBD")
_NEW: Final = ("maTheMoi", "gtTheTuMoi", "gtTheDenMoi", "maDKBDMoi")

# A code is short; anything longer is not one, and is not repeated in an answer.
_CODE: Final = re.compile(r"[0-9A-Za-z]{1,8}")
# Where the portal's days are.
VIETNAM: Final = timezone(timedelta(hours=7))
# The longest text of a field that is looked at.
_LONGEST: Final = 200
# Years that a card or a birth may have.
_YEARS: Final = range(1850, 2300)
_DAY: Final = re.compile(
    r"(?:(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})|(?P<y2>\d{4})-(?P<m2>\d{1,2})-(?P<d2>\d{1,2}))"
    r"(?:[ T]\d{1,2}:\d{2}.{0,16})?",
    re.ASCII,
)


def read_body(content: bytes) -> Mapping[str, object]:
    """Return the JSON object in *content*; NotTold(UPSTREAM_ODD) when it is something else.

    A JSON text inside a JSON text is read too: gateways are known to quote twice.
    """
    try:
        body = json.loads(content.decode("utf-8-sig"))
        if isinstance(body, str):
            body = json.loads(body)
    except (ValueError, RecursionError):
        raise NotTold(StaleReason.UPSTREAM_ODD) from None
    if not isinstance(body, dict):
        raise NotTold(StaleReason.UPSTREAM_ODD)
    return body


def result_code(body: Mapping[str, object]) -> str:
    """Return `maKetQua` as it is written in lists (0 and "000" are one); empty when there is none."""
    said = body.get("maKetQua")
    if isinstance(said, int) and not isinstance(said, bool) and 0 <= said < 1000:
        return f"{said:03d}"
    text = said.strip() if isinstance(said, str) else ""
    return text if _CODE.fullmatch(text) else ""


def read_reply(body: Mapping[str, object], subject: Subject, now: datetime) -> Reply:
    """Return what the portal said about *subject* at *now*; raises NotTold when that is no answer."""
    code = result_code(body)
    if code in REFUSALS:
        raise NotTold(REFUSALS[code], code)
    if code in WITHOUT:
        return Reply(code)
    if not (code in USABLE or code in STOPPED or code in PAPERS or code == LAPSED):
        # Somebody answered, in words we do not know: no sign that the portal is down.
        raise NotTold(StaleReason.UPSTREAM_ODD, code, silent=not code)
    if not _is_named(body):
        raise NotTold(StaleReason.UPSTREAM_ODD, code, silent=False)
    if not _is_about(body, subject):
        raise NotTold(StaleReason.UPSTREAM_MISMATCH)
    cards = tuple(_cards(body, code, now))
    if not cards and code in USABLE:
        raise NotTold(StaleReason.UPSTREAM_ODD, code, silent=False)
    return Reply(code, cards, tuple(_numbers(body, cards)))


def _is_named(body: Mapping[str, object]) -> bool:
    """Return whether *body* says at all whom it is about: a card without an owner may be anybody's."""
    return bool(text(body, "hoTen")) or read_birth(text(body, "ngaySinh")) is not None


def _is_about(body: Mapping[str, object], subject: Subject) -> bool:
    """Return whether nothing in *body* says that it is about somebody else.

    Accents, case and spaces are typed differently everywhere and do not count.
    """
    name, birth = text(body, "hoTen"), read_birth(text(body, "ngaySinh"))
    if name and bare(name) != bare(subject.full_name):
        return False
    return birth is None or subject.birth is None or birth.agrees(subject.birth)


def _cards(body: Mapping[str, object], code: str, now: datetime) -> list[Coverage]:
    """Return the cards that *body* names whole; a stop is said of the one asked about.

    One that has lapsed by its code and not by its last day is left out: the code counts.
    """
    standing = code if code in STOPPED else ""
    issuer = PAPERS.get(code, Issuer.SOCIAL_INSURANCE)
    present = _card(body, _PRESENT, standing, issuer, now)
    if present and code == LAPSED and not present.lapsed(now.astimezone(VIETNAM).date()):
        present = None
    new = _card(body, _NEW, "", issuer, now)
    found = {(card.card_number, card.valid_from): card for card in (new, present) if card}
    return list(found.values())


def _card(
    body: Mapping[str, object], fields: tuple[str, ...], standing: str, issuer: Issuer, now: datetime
) -> Coverage | None:
    """Return the card in *fields*; None without one, or when a part cannot be read: nothing is guessed."""
    number, begin, end, facility = (text(body, field) for field in fields)
    number = number.upper()
    valid_from, valid_to = read_day(begin), read_day(end)
    if not is_card(number) or valid_from is None or (end and valid_to is None):
        return None
    if valid_to and valid_to < valid_from:
        return None
    long, area = len(number) == 15, text(body, "maKV").upper()
    return Coverage(
        card_number=number,
        valid_from=valid_from,
        valid_to=valid_to,
        group_code=number[:2] if long else "",
        benefit_level=int(number[2]) if long else 0,
        initial_facility=facility.upper() if re.fullmatch(r"[0-9A-Za-z]{5}", facility) else "",
        area_code=area if area in ("K1", "K2", "K3") else "",
        five_years_date=read_day(text(body, "ngayDu5Nam")),
        issuer=issuer,
        standing=standing,
        verify_time=now,
        source=PORTAL,
    )


def _numbers(body: Mapping[str, object], cards: tuple[Coverage, ...]) -> list[Identifier]:
    """Return the card numbers by which their owner can be found from now on; an old card is superseded."""
    found = {card.card_number: State.CURRENT for card in cards if len(card.card_number) == 15}
    old = text(body, "maTheCu").upper()
    if FORMS[Kind.CARD_NUMBER].fullmatch(old):
        found.setdefault(old, State.SUPERSEDED)
    return [Identifier(Kind.CARD_NUMBER, value, state) for value, state in found.items()]


def is_card(number: str) -> bool:
    """Return whether *number* is a card: 15 characters, or the 10 digits of a new one."""
    return bool(FORMS[Kind.CARD_NUMBER].fullmatch(number) or re.fullmatch(r"[0-9]{10}", number))


def text(body: Mapping[str, object], field: str) -> str:
    """Return the text of *field*, trimmed; empty for anything that is no short text."""
    value = body.get(field)
    return value.strip() if isinstance(value, str) and len(value) <= _LONGEST else ""


def read_day(said: str) -> date | None:
    """Return the day in *said*, None when it is none.

    The portal writes dd/MM/yyyy, its printed sample ddMMyyyy; yyyyMMdd, ISO days and a
    time behind the day were seen elsewhere.  Eight digits are never both: the years
    of cards begin with 18 to 22, which is no month.
    """
    if re.fullmatch(r"[0-9]{8}", said):
        day, month, year = int(said[:2]), int(said[2:4]), int(said[4:])
        if year not in _YEARS:
            day, month, year = int(said[6:]), int(said[4:6]), int(said[:4])
        return _day(year, month, day)
    match = _DAY.fullmatch(said)
    if match is None:
        return None
    year, month, day = (int(match[part] or match[part + "2"]) for part in "ymd")
    return _day(year, month, day)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None


def read_birth(said: str) -> PartialDate | None:
    """Return the birth date in *said*: a day, `MM/yyyy` or a year alone; None when it is none."""
    whole = read_day(said)
    if whole:
        return PartialDate(whole.year, whole.month, whole.day)
    match = re.fullmatch(r"(?:(?:00/)?([0-9]{1,2})/)?([0-9]{4})", said)
    birth = PartialDate(int(match[2]), int(match[1] or 0)) if match else None
    return birth if birth and birth.exists and birth.year in _YEARS else None


def written_birth(birth: PartialDate) -> str:
    """Return `ngaySinh` as the portal takes it: 09/03/1985; without what is not known: 03/1985, 1985."""
    if not birth.month:
        return f"{birth.year:04d}"
    tail = f"{birth.month:02d}/{birth.year:04d}"
    return f"{birth.day:02d}/{tail}" if birth.day else tail


def bare(name: str) -> str:
    """Return *name* for comparison: no accents, no case, one space; đ is d."""
    plain = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


# A token whose end cannot be read is kept for this long; none longer than a day, whatever it says.
UNREADABLE_LIFE, LONGEST_LIFE = timedelta(seconds=60), timedelta(days=1)
# Epochs in milliseconds end here, in the year 2096.
_LAST_EPOCH: Final = 4 * 10**12
# Taken off a token's life, at most a quarter of it: clocks differ, and calls take time.
MARGIN: Final = timedelta(seconds=30)


def token_end(said: object, now: datetime) -> datetime:
    """Return until when a token is used.  *said* is `expires_in`: an instant in UTC, or its seconds.

    Clients are known to keep tokens sixty times too long; what cannot be read is short here.
    """
    end = _instant(said, now)
    life = UNREADABLE_LIFE if end is None else min(max(end - now, timedelta()), LONGEST_LIFE)
    return now + life - min(MARGIN, life / 4)


def _instant(said: object, now: datetime) -> datetime | None:
    """Return the instant in *said*: ISO text, dd/MM/yyyy HH:mm:ss, epoch (s or ms) or seconds from now."""
    if isinstance(said, str) and re.fullmatch(r"[0-9]{1,13}", said.strip()):
        said = int(said)
    if isinstance(said, int) and not isinstance(said, bool) and 0 <= said < _LAST_EPOCH:
        seconds = said / 1000 if said >= 10**11 else said
        return now + timedelta(seconds=seconds) if seconds < 10**9 else datetime.fromtimestamp(seconds, UTC)
    if not isinstance(said, str):
        return None
    for form in ("", "%d/%m/%Y %H:%M:%S", "%Y%m%d%H%M%S"):
        try:
            read = datetime.strptime(said, form) if form else datetime.fromisoformat(said)  # noqa: DTZ007
            return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None
