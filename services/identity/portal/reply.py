"""
What a reply of the insurance portal's card look-up means (KQNhanLichSuKCB2024, CV 1923/BHXH-CNTT).

    read_reply(body, subject, now) → PortalResponse, or PortalUnavailable with its reason

Whatever the portal sends is an answer or a reason why there is none; nothing of it
breaks a reader (clients of this portal show blank pages at codes they do not know).
What says nothing about cards is not read: the history of visits (dsLichSuKCB2018) and
of look-ups (dsLichSuKT2018) are about care, and are not kept.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from common.values import VIETNAM, PartialDate
from kcb.vietnamese_text import folded

from ..model.coverages import PORTAL, Coverage, Issuer
from ..model.identifiers import FORMS, Identifier, Kind, State
from ..model.staleness import StaleReason
from .model import STOPPED_CODES, USABLE_CODES, PortalResponse, PortalUnavailable, Subject

# Codes that answer the question without a card: none found, the number wrong, a child without one.
NO_CARD_CODES: Final = frozenset({"050", "051", "052", "053", "130"})
# Cards that another ministry manages: papers decide.
OTHER_ISSUERS: Final = {"001": Issuer.DEFENCE, "002": Issuer.PUBLIC_SECURITY}
LAPSED_CODE: Final = "010"
# Codes that are no answer, and what they are instead.
UNAVAILABLE_CODES: Final = {
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
_PRESENT_CARD: Final = ("maThe", "gtTheTu", "gtTheDen", "maDKBD")
_NEW_CARD: Final = ("maTheMoi", "gtTheTuMoi", "gtTheDenMoi", "maDKBDMoi")

# A code is short; anything longer is not one, and is not repeated in an answer.
_CODE: Final = re.compile(r"[0-9A-Za-z]{1,8}")
# The longest text of a field that is looked at.
_MAX_TEXT: Final = 200
# Years that a card or a birth may have.
_YEARS: Final = range(1850, 2300)
_DAY: Final = re.compile(
    r"(?:(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})|(?P<y2>\d{4})-(?P<m2>\d{1,2})-(?P<d2>\d{1,2}))"
    r"(?:[ T]\d{1,2}:\d{2}.{0,16})?",
    re.ASCII,
)


def read_body(content: bytes) -> Mapping[str, object]:
    """Return the JSON object in *content*; PortalUnavailable(UPSTREAM_ODD) when it is something else.

    A JSON text inside a JSON text is read too: gateways are known to quote twice.
    """
    try:
        body = json.loads(content.decode("utf-8-sig"))
        if isinstance(body, str):
            body = json.loads(body)
    except (ValueError, RecursionError):
        raise PortalUnavailable(StaleReason.UPSTREAM_ODD) from None
    if not isinstance(body, dict):
        raise PortalUnavailable(StaleReason.UPSTREAM_ODD)
    return body


def result_code(body: Mapping[str, object]) -> str:
    """Return `maKetQua` as it is written in lists (0 and "000" are one); empty when there is none."""
    value = body.get("maKetQua")
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1000:
        return f"{value:03d}"
    code = value.strip() if isinstance(value, str) else ""
    return code if _CODE.fullmatch(code) else ""


def read_reply(body: Mapping[str, object], subject: Subject, now: datetime) -> PortalResponse:
    """Return what the portal says about *subject* at *now*; or raise PortalUnavailable: it is no answer."""
    code = result_code(body)
    if code in UNAVAILABLE_CODES:
        raise PortalUnavailable(UNAVAILABLE_CODES[code], code)
    if code in NO_CARD_CODES:
        return PortalResponse(subject.person_id, now, code)
    if not (code in USABLE_CODES or code in STOPPED_CODES or code in OTHER_ISSUERS or code == LAPSED_CODE):
        # Somebody answered, in words we do not know: no sign that the portal is down.
        raise PortalUnavailable(StaleReason.UPSTREAM_ODD, code, is_failure=not code)
    if not _is_named(body):
        raise PortalUnavailable(StaleReason.UPSTREAM_ODD, code, is_failure=False)
    if not _is_about(body, subject):
        raise PortalUnavailable(StaleReason.UPSTREAM_MISMATCH)
    cards = tuple(_cards(body, code, now))
    if not cards and code in USABLE_CODES:
        raise PortalUnavailable(StaleReason.UPSTREAM_ODD, code, is_failure=False)
    return PortalResponse(subject.person_id, now, code, cards, tuple(_numbers(body, cards)))


def _is_named(body: Mapping[str, object]) -> bool:
    """Tell whether *body* says at all whom it is about: a card without an owner may be anybody's."""
    return bool(_text(body, "hoTen")) or read_birth(_text(body, "ngaySinh")) is not None


def _is_about(body: Mapping[str, object], subject: Subject) -> bool:
    """Tell whether nothing in *body* says that it is about somebody else.

    Accents, case and spaces are typed differently everywhere and do not count.
    """
    name, birth = _text(body, "hoTen"), read_birth(_text(body, "ngaySinh"))
    if name and folded(name) != folded(subject.full_name):
        return False
    return birth is None or subject.birth is None or birth.agrees(subject.birth)


def _cards(body: Mapping[str, object], code: str, now: datetime) -> list[Coverage]:
    """Return the cards that *body* names whole; a stop is said of the one asked about.

    One that has lapsed by its code and not by its last day is left out: the code counts.
    """
    standing = code if code in STOPPED_CODES else ""
    issuer = OTHER_ISSUERS.get(code, Issuer.SOCIAL_INSURANCE)
    present = _card(body, _PRESENT_CARD, standing, issuer, now)
    if present and code == LAPSED_CODE and not present.lapsed(now.astimezone(VIETNAM).date()):
        present = None
    new = _card(body, _NEW_CARD, "", issuer, now)
    cards = {(card.card_number, card.valid_from): card for card in (new, present) if card}
    return list(cards.values())


def _card(
    body: Mapping[str, object], fields: tuple[str, ...], standing: str, issuer: Issuer, now: datetime
) -> Coverage | None:
    """Return the card in *fields*; None without one, or when a part cannot be read: nothing is guessed."""
    number, begin, end, facility = (_text(body, field) for field in fields)
    number = number.upper()
    valid_from, valid_to = read_day(begin), read_day(end)
    if not _is_card(number) or valid_from is None or (end and valid_to is None):
        return None
    if valid_to and valid_to < valid_from:
        return None
    is_long, area = len(number) == 15, _text(body, "maKV").upper()
    return Coverage(
        card_number=number,
        valid_from=valid_from,
        valid_to=valid_to,
        group_code=number[:2] if is_long else "",
        benefit_level=int(number[2]) if is_long else 0,
        initial_facility=facility.upper() if re.fullmatch(r"[0-9A-Za-z]{5}", facility) else "",
        area_code=area if area in ("K1", "K2", "K3") else "",
        five_years_date=read_day(_text(body, "ngayDu5Nam")),
        issuer=issuer,
        standing=standing,
        verify_time=now,
        source=PORTAL,
    )


def _numbers(body: Mapping[str, object], cards: tuple[Coverage, ...]) -> list[Identifier]:
    """Return the card numbers by which their owner can be found from now on; an old card is superseded."""
    states = {card.card_number: State.CURRENT for card in cards if len(card.card_number) == 15}
    old = _text(body, "maTheCu").upper()
    if FORMS[Kind.CARD_NUMBER].fullmatch(old):
        states.setdefault(old, State.SUPERSEDED)
    return [Identifier(Kind.CARD_NUMBER, value, state) for value, state in states.items()]


def _is_card(number: str) -> bool:
    return bool(FORMS[Kind.CARD_NUMBER].fullmatch(number) or re.fullmatch(r"[0-9]{10}", number))


def _text(body: Mapping[str, object], field: str) -> str:
    """Return the text of *field*, trimmed; empty for anything that is no short text."""
    value = body.get(field)
    return value.strip() if isinstance(value, str) and len(value) <= _MAX_TEXT else ""


def read_day(value: str) -> date | None:
    """Return the day in *value*, None when it is none.

    The portal writes dd/MM/yyyy, its printed sample ddMMyyyy; yyyyMMdd, ISO days and a
    time behind the day were seen elsewhere.  Eight digits are never both: the years
    of cards begin with 18 to 22, which is no month.
    """
    if re.fullmatch(r"[0-9]{8}", value):
        day, month, year = int(value[:2]), int(value[2:4]), int(value[4:])
        if year not in _YEARS:
            day, month, year = int(value[6:]), int(value[4:6]), int(value[:4])
        return _day(year, month, day)
    match = _DAY.fullmatch(value)
    if match is None:
        return None
    year, month, day = (int(match[part] or match[part + "2"]) for part in "ymd")
    return _day(year, month, day)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None


def read_birth(value: str) -> PartialDate | None:
    """Return the birth date in *value*: a day, `MM/yyyy` or a year alone; None when it is none."""
    whole = read_day(value)
    if whole:
        return PartialDate(whole.year, whole.month, whole.day)
    match = re.fullmatch(r"(?:(?:00/)?([0-9]{1,2})/)?([0-9]{4})", value)
    birth = PartialDate(int(match[2]), int(match[1] or 0)) if match else None
    return birth if birth and birth.exists and birth.year in _YEARS else None


def write_birth(birth: PartialDate) -> str:
    """Return `ngaySinh` as the portal takes it: 09/03/1985; without what is not known: 03/1985, 1985."""
    if not birth.month:
        return f"{birth.year:04d}"
    tail = f"{birth.month:02d}/{birth.year:04d}"
    return f"{birth.day:02d}/{tail}" if birth.day else tail


# A token whose end cannot be read is kept for this long; none longer than a day, whatever it says.
UNREADABLE_LIFE, MAX_LIFE = timedelta(seconds=60), timedelta(days=1)
# Epochs in milliseconds end here, in the year 2096.
_MAX_EPOCH_MS: Final = 4 * 10**12
# Taken off a token's life, at most a quarter of it: clocks differ, and calls take time.
LIFE_MARGIN: Final = timedelta(seconds=30)


def token_end(expires_in: object, now: datetime) -> datetime:
    """Return until when a token is used, by its `expires_in`: an instant in UTC, or its seconds.

    Clients are known to keep tokens sixty times too long; what cannot be read is short here.
    """
    end = _instant(expires_in, now)
    life = UNREADABLE_LIFE if end is None else min(max(end - now, timedelta()), MAX_LIFE)
    return now + life - min(LIFE_MARGIN, life / 4)


def _instant(value: object, now: datetime) -> datetime | None:
    """Return the instant in *value*: ISO text, dd/MM/yyyy HH:mm:ss, epoch (s or ms) or seconds from now."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,13}", value.strip()):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MAX_EPOCH_MS:
        seconds = value / 1000 if value >= 10**11 else value
        return now + timedelta(seconds=seconds) if seconds < 10**9 else datetime.fromtimestamp(seconds, UTC)
    if not isinstance(value, str):
        return None
    for form in ("", "%d/%m/%Y %H:%M:%S", "%Y%m%d%H%M%S"):
        try:
            time = datetime.strptime(value, form) if form else datetime.fromisoformat(value)  # noqa: DTZ007
            return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None
