"""What a health check must say, and what in it must agree."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from .field_formats import is_birth, is_day, is_moment, moment
from .ksk_catalogue import DOCTOR_SIGNATURE, FORM_PREFIX, KskField, ksk_catalogue
from .ksk_envelope import ROOT, SIGNATURE
from .ksk_report import KskFindings, KskReport, KskSheet
from .ksk_values import broken_rules
from .past_times import VIETNAM
from .report import Place, Row
from .vietnamese_text import has_lost_letters_of_name

# Under this age a child may have no number of their own; from this age on a form is an adult's.
CHILD, ADULT = 6, 18

# BMI is rounded in many ways; the height is in centimetres.
BMI_TOLERANCE: Final = 0.3

# A check is sent within a day.
SEND_WITHIN: Final = timedelta(hours=24)

MALE: Final = "1"


def check_values(report: KskReport, findings: KskFindings) -> None:
    """Judge every value by itself."""
    for sheet in report.sheets.values():
        module = ksk_catalogue().module(sheet.code)
        for number, field in enumerate(module.fields.values() if module else (), 1):
            if field.part != "signature":
                place = Place(1, sheet.index, 1, number)
                check_value(field, sheet.row, sheet.path(field.name), place, findings)
        for row in sheet.items:
            for number, field in enumerate(ksk_catalogue().item_fields.values(), 1):
                place = Place(1, sheet.index, row.number + 1, number)
                check_value(field, row, sheet.item_path(row, field.name), place, findings)


def check_value(field: KskField, row: Row, path: str, place: Place, findings: KskFindings) -> None:
    if value := row.get(field.name):
        for rule, detail in broken_rules(field, value):
            findings.add(rule, path, place, detail)
    if findings.refused(path):
        row.faulty.add(field.name)


def check_presence(report: KskReport, findings: KskFindings) -> None:
    """Refuse a critical field that is empty; doubt the others that are wanted before the first signature."""
    catalogue = ksk_catalogue()
    adult = is_adult(report)
    wanted = dict.fromkeys([*(name for name, field in catalogue.fields.items() if field.critical)])
    wanted |= dict.fromkeys(catalogue.at_conclusion)
    wanted |= dict.fromkeys(catalogue.of_adults if adult else ())
    for name in wanted:
        path = report.path(name)
        if is_missing(report, name) and not is_excused(report, name, adult=adult):
            rule = "required" if catalogue.fields[name].critical else "required-doubt"
            findings.add(rule, path, report.place(name))


def is_missing(report: KskReport, name: str) -> bool:
    """Whether a field stands nowhere with a value; False when its module is missing or has no such field."""
    home = f"{FORM_PREFIX}{report.form}" if report.form else ksk_catalogue().homes.get(name, "")
    module = ksk_catalogue().module(home)
    if home not in report.sheets or module is None or name not in module.fields:
        return False
    return not any(sheet.row.values.get(name) for sheet in report.sheets_of(name))


def is_excused(report: KskReport, name: str, *, adult: bool) -> bool:
    if name == "SO_CCCD":
        return bool(report.get("MA_THE_BHYT")) or is_guardians(report)
    if name == "NGUON_CHI_TRA":
        return bool(report.get("NGUON_KINH_PHI"))
    if name == "MA_LOAI_KCB":
        return report.form > 0
    if name == "MA_NGHE_NGHIEP":
        return not adult
    if name in ("CHI_SO_BMI", "CHIEU_CAO"):
        return bool(report.get({"CHI_SO_BMI": "BMI", "CHIEU_CAO": "CHIEU_DAI"}[name]))
    return False


def is_guardians(report: KskReport) -> bool:
    """Whether only the number of a young child's guardian is told."""
    age = age_of(report)
    return not report.get("SO_CCCD") and bool(report.get("SO_CCCD_NGH")) and age is not None and age < CHILD


def check_child(report: KskReport, findings: KskFindings) -> None:
    """Refuse a child of whom nothing but the guardian's number is told: it could be any of theirs."""
    if is_guardians(report) and not report.get("MA_THE_BHYT"):
        findings.add("guardian-number", report.path("SO_CCCD"), report.place("SO_CCCD"))


def age_of(report: KskReport) -> int | None:
    """Return the age in whole years on the day of the check, the youngest that it may be; None if unknown."""
    birth, day = report.get("NGAY_SINH"), report.get("NGAY_VAO")
    if not is_birth(birth) or not is_moment(day):
        return None
    month, day_of_month = int(birth[4:6]) or 12, int(birth[6:8]) or 31
    comes_later = (month, day_of_month) > (int(day[4:6]), int(day[6:8]))
    return int(day[:4]) - int(birth[:4]) - comes_later


def is_adult(report: KskReport) -> bool:
    age = age_of(report)
    return age is not None and age >= ADULT


def check_facilities(report: KskReport, findings: KskFindings) -> None:
    for sheet in report.sheets_of("MA_CSKCB"):
        value = sheet.row.get("MA_CSKCB")
        if value and report.facility and value != report.facility:
            findings.add("one-facility", sheet.path("MA_CSKCB"), report.place("MA_CSKCB"))


def check_keys(report: KskReport, findings: KskFindings) -> None:
    """Refuse a module of another check."""
    key = report.get("MA_LK")
    for sheet in report.sheets_of("MA_LK"):
        if sheet.row.get("MA_LK") not in ("", key):
            findings.add("one-key", sheet.path("MA_LK"), Place(1, sheet.index, 1))


def check_times(report: KskReport, latest: str, findings: KskFindings) -> None:
    """Refuse what cannot have happened: in the future, before its beginning, before the birth."""
    for sheet in report.sheets.values():
        check_past(sheet, latest, findings)
    begin, end, birth = report.get("NGAY_VAO"), report.get("NGAY_RA"), report.get("NGAY_SINH")
    if is_moment(begin) and is_moment(end) and end < begin:
        findings.add("date-order", report.path("NGAY_RA"), report.place("NGAY_RA"))
    if is_moment(begin) and is_birth(birth) and birth[:8] > begin[:8]:
        findings.add("birth-after-arrival", report.path("NGAY_SINH"), report.place("NGAY_SINH"))
    for name in ("TSBT_NAM_PHAT_HIEN_BENH", "TSBT_NAM_PHAT_HIEN_BENH_NGHE_NGHIEP"):
        if begin and report.get(name)[:4] > begin[:4]:
            findings.add("year-doubt", report.path(name), report.place(name))


def check_past(sheet: KskSheet, latest: str, findings: KskFindings) -> None:
    module = ksk_catalogue().module(sheet.code)
    for number, field in enumerate(module.fields.values() if module else (), 1):
        value = sheet.row.get(field.name)
        known = is_day(value) or is_moment(value) or is_birth(value)
        if field.kind in ("date", "datetime") and known and value > latest:
            findings.add("time-in-future", sheet.path(field.name), Place(1, sheet.index, 1, number))
            sheet.row.faulty.add(field.name)


def check_sending(report: KskReport, now: datetime, findings: KskFindings) -> None:
    name = "NGAY_RA" if is_moment(report.get("NGAY_RA")) else "NGAY_VAO"
    ended = moment(report.get(name))
    if ended is not None and now - ended.replace(tzinfo=VIETNAM) > SEND_WITHIN:
        findings.add("sent-late", report.path(name), report.place(name))


def check_agreement(report: KskReport, findings: KskFindings) -> None:
    """Doubt what does not follow from the rest."""
    for doubt in (age_doubts, form_doubts, sex_doubts, bmi_doubts, answer_doubts, letter_doubts):
        for rule, name in doubt(report):
            findings.add(rule, report.path(name), report.place(name))


def age_doubts(report: KskReport) -> Iterable[tuple[str, str]]:
    """Compare the age with the birth date; one that is known in part leaves a year."""
    age, stated = age_of(report), report.get("TUOI")
    spread = 1 if "00" in (report.get("NGAY_SINH")[4:6], report.get("NGAY_SINH")[6:8]) else 0
    is_number = stated.isascii() and stated.isdigit() and len(stated) <= 3
    if age is not None and is_number and not age <= int(stated) <= age + spread:
        yield "age-differs", "TUOI"


def form_doubts(report: KskReport) -> Iterable[tuple[str, str]]:
    ages = ksk_catalogue().form_ages.get(f"{FORM_PREFIX}{report.form}")
    age = age_of(report)
    if ages and age is not None and not ages[0] <= age <= ages[1]:
        yield "form-age", "NGAY_SINH"


def sex_doubts(report: KskReport) -> Iterable[tuple[str, str]]:
    if report.get("GIOI_TINH") == MALE:
        for name, field in ksk_catalogue().fields.items():
            if field.women and report.get(name) not in ("", "0"):
                yield "sex-doubt", name


def bmi_doubts(report: KskReport) -> Iterable[tuple[str, str]]:
    """Compare the BMI with the height and the weight of the same module."""
    for sheet in report.sheets.values():
        numbers = [number_of(sheet.row.get(name)) for name in ("CHIEU_CAO", "CAN_NANG")]
        for name in ("CHI_SO_BMI", "BMI"):
            bmi = number_of(sheet.row.get(name))
            if bmi and all(numbers) and not is_bmi(bmi, *numbers):
                yield "bmi-differs", name


def is_bmi(bmi: float, height_cm: float, weight_kg: float) -> bool:
    return abs(weight_kg / (height_cm / 100) ** 2 - bmi) <= BMI_TOLERANCE


def number_of(value: str) -> float:
    """Return the number that is written; 0 for none."""
    digits = value.replace(".", "", 1)
    return float(value) if digits.isascii() and digits.isdigit() and len(value) < 20 else 0.0


def answer_doubts(report: KskReport) -> Iterable[tuple[str, str]]:
    for name, answer, other in ksk_catalogue().expected_when:
        if report.get(name) == answer and not report.get(other):
            yield "required-doubt", other


def letter_doubts(report: KskReport) -> Iterable[tuple[str, str]]:
    for name in ("HO_TEN", "NGUOI_GIAM_HO"):
        if has_lost_letters_of_name(report.get(name)):
            yield "letters-lost", name


def check_signatures(report: KskReport, findings: KskFindings) -> None:
    """Doubt what is not signed, and the facility's signature that came before the doctor's."""
    at = report.signed_at or f"{ROOT}.{SIGNATURE}"
    if not report.signed_at:
        findings.add("signature-missing", at, Place(2))
    if report.doctor == "none":
        path, place = report.path(DOCTOR_SIGNATURE), report.place(DOCTOR_SIGNATURE)
        findings.add("doctor-unsigned", path, place)
        if report.signed_at:
            findings.add("signature-order", at, Place(2))
