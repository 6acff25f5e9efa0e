"""A health book as a citizen reads it: what the terminal and the HTML page both show, in plain data."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from google.protobuf.timestamp_pb2 import Timestamp

from lientuyen.chassis.v1.audit_service_pb2 import Access
from lientuyen.identity.v1.person_pb2 import SEX_FEMALE, SEX_MALE, Person
from lientuyen.records.v1.health_book_pb2 import (
    Encounter,
    HealthBook,
    Medicine,
    Procedure,
    RecordSummary,
    Result,
)
from lientuyen.type.v1.date_pb2 import Date

from ..clock import local
from . import health_book_words as words

# Rows of who looked, after those alike are counted together.
MAX_ACCESSES = 100

SEXES = {SEX_MALE: "Nam", SEX_FEMALE: "Nữ"}

Fact = tuple[str, str]


@dataclass(frozen=True)
class Row:
    """The cells of a row; *mark* says in a word why it stands out, or is empty."""

    cells: tuple[str, ...]
    mark: str = ""


@dataclass(frozen=True)
class Listing:
    title: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    note: str = ""


@dataclass(frozen=True)
class Visit:
    """One encounter with everything of it."""

    when: str
    where: str
    form: str
    facts: Sequence[Fact]
    listings: Sequence[Listing]


@dataclass(frozen=True)
class BookView:
    """Everything of the page, in its order; *gaps* say what the book lacks."""

    name: str
    facts: Sequence[Fact]
    allergies: Sequence[str]
    gaps: Sequence[str]
    before: Sequence[Listing]
    visits: Sequence[Visit]
    after: Sequence[Listing]


@dataclass(frozen=True)
class Source:
    """What a view is made of.  *names* are facilities', by code; *day* is the one asked for, or empty."""

    book: HealthBook
    person: Person
    personal_id: str
    unreachable: Sequence[str] = ()
    accesses: Sequence[Access] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    day: str = ""
    now: str = ""

    def place(self, facility: str) -> str:
        code = facility.rpartition("/")[2]
        return f"{self.names[code]} ({code})" if self.names.get(code) else code


def view_of(source: Source) -> BookView:
    return BookView(
        name=source.person.full_name,
        facts=list(personal_facts(source)),
        allergies=list(allergies(source)),
        gaps=list(gaps(source)),
        before=shown([appointments(source), conditions(source, long_term=True), immunizations(source)]),
        visits=[visit(source, encounter) for encounter in source.book.encounters],
        after=shown(
            [
                health_checks(source),
                conditions(source, long_term=False),
                dispensed(source),
                accesses(source),
            ]
        ),
    )


def shown(listings: Iterable[Listing]) -> list[Listing]:
    return [listing for listing in listings if listing.rows]


def personal_facts(source: Source) -> Iterable[Fact]:
    person, number = source.person, source.personal_id
    yield "Ngày sinh", written_date(person.birth_date)
    yield "Giới tính", SEXES.get(person.sex, "không rõ")
    yield "Số định danh cá nhân", f"{number[:3]} *** *** {number[-3:]}"
    blood_groups = [each.blood_group for each in source.book.encounters if each.blood_group]
    if blood_groups:
        yield "Nhóm máu", blood_groups[0]
    yield "Sổ tính đến", source.day or source.now


def allergies(source: Source) -> Iterable[str]:
    for each in source.book.history.allergies:
        text = words.joined((each.coding.code, each.text), ": ")
        yield words.joined((text, written_date(each.date), source.place(each.facility)))


def gaps(source: Source) -> Iterable[str]:
    for each in source.book.missing_encounters:
        why = words.GAPS.get(each.reason, words.NOT_IN_THE_BOOK)
        yield words.GAP.format(
            count=each.count, place=source.place(each.facility), why=why, since=day(each.since)
        )
    for name in source.unreachable:
        yield words.SILENT.get(name, f"Chưa lấy được dữ liệu từ {name}.")
    if source.book.older_encounters:
        yield "Còn các lượt khám cũ hơn chưa hiển thị; thêm --all để lấy tất cả."
    if not source.book.missing_known:
        yield "Không rõ còn thiếu lượt khám nào ở các cơ sở khác: bên xem không được xem mọi loại dữ liệu."


def health_checks(source: Source) -> Listing:
    rows = [
        Row(
            (
                day(check.check_time),
                source.place(check.facility),
                check.health_class.display or check.health_class.code,
                words.joined(
                    (words.joined((each.code, each.display), " ") for each in check.diagnoses), ", "
                ),
                check.problems,
            )
        )
        for check in source.book.health_checks
    ]
    columns = ("Ngày", "Nơi khám", "Phân loại", "Bệnh", "Cần theo dõi")
    return Listing("Khám sức khỏe", columns, rows)


def immunizations(source: Source) -> Listing:
    rows = [
        Row(
            (
                day(dose.immunize_time),
                dose.vaccine.display or dose.vaccine.code,
                str(dose.dose_number),
                source.place(dose.facility),
                dose.lot,
            )
        )
        for dose in source.book.immunizations
    ]
    return Listing("Tiêm chủng", ("Ngày", "Vắc-xin", "Mũi", "Nơi tiêm", "Lô"), rows)


def appointments(source: Source) -> Listing:
    rows = [
        Row(
            (
                written_date(each.day),
                source.place(each.facility),
                words.joined((each.diagnosis.code, each.diagnosis.display), " "),
                words.APPOINTMENT_STATES.get(each.state, each.state),
            )
        )
        for each in source.book.appointments
    ]
    return Listing("Hẹn khám lại", ("Ngày", "Nơi khám", "Vì bệnh", "Tình trạng"), rows)


def conditions(source: Source, *, long_term: bool) -> Listing:
    rows = [
        Row(
            (
                words.joined((each.text, f"({each.coding.code})"), " "),
                day(each.first_time),
                day(each.last_time),
                str(each.encounter_count),
            )
        )
        for each in source.book.history.conditions
        if each.long_term == long_term
    ]
    title = "Bệnh mạn tính, lâu dài" if long_term else "Các bệnh khác đã ghi nhận"
    return Listing(title, ("Bệnh (mã ICD-10)", "Lần đầu", "Gần nhất", "Số lượt khám"), rows)


def visit(source: Source, encounter: Encounter) -> Visit:
    book, dossier = source.book, encounter.dossier
    return Visit(
        when=period(encounter),
        where=source.place(encounter.facility),
        form=words.named(encounter.form_of_care, words.FORMS_OF_CARE),
        facts=[fact for fact in visit_facts(source, encounter) if fact[1]],
        listings=shown(
            [
                results(each for each in book.results if each.dossier == dossier),
                medicines(each for each in book.medicines if each.dossier == dossier),
                Listing(
                    "Phẫu thuật, thủ thuật",
                    ("Tên", "Ngày"),
                    [
                        Row((each.service.display or each.service.code, day(done_time(each))))
                        for each in book.procedures
                        if each.dossier == dossier
                    ],
                ),
            ]
        ),
    )


def visit_facts(source: Source, encounter: Encounter) -> Iterable[Fact]:
    codes = ", ".join(each.coding.code for each in encounter.diagnoses)
    yield "Lý do đến", encounter.reason
    yield (
        "Chẩn đoán",
        words.joined((encounter.discharge_diagnosis, f"(ICD-10: {codes})" if codes else ""), " "),
    )
    yield "Cách điều trị", encounter.treatment
    yield "Kết quả", words.named(encounter.outcome, words.OUTCOMES)
    yield "Ra về", words.named(encounter.discharge_type, words.DISCHARGES)
    yield "Cân nặng", f"{encounter.weight.replace('.', ',')} kg" if encounter.weight else ""
    for signs in source.book.vital_signs:
        if signs.dossier == encounter.dossier:
            yield (
                "Sinh hiệu",
                vital_words(signs.pulse, signs.temperature, signs.blood_pressure, signs.breathing),
            )
            break
    yield "Hẹn tái khám", ", ".join(map(written_date, encounter.reexamination_dates))
    for summary in source.book.summaries:
        if summary.dossier == encounter.dossier:
            yield from summary_facts(summary)
    yield "Ghi chú", encounter.note


def summary_facts(summary: RecordSummary) -> Iterable[Fact]:
    yield "Quá trình bệnh", summary.course
    yield "Kết quả chính", summary.results
    yield "Hướng điều trị", summary.treatment
    yield "Lời dặn", summary.note


def vital_words(pulse: str, temperature: str, blood_pressure: str, breathing: str) -> str:
    return words.joined(
        (
            f"mạch {pulse} lần/phút" if pulse else "",
            f"nhiệt độ {temperature.replace('.', ',')} °C" if temperature else "",
            f"huyết áp {blood_pressure} mmHg" if blood_pressure else "",
            f"nhịp thở {breathing} lần/phút" if breathing else "",
        ),
        ", ",
    )


def results(listed: Iterable[Result]) -> Listing:
    columns = ("Chỉ số", "Kết quả", "Nhận xét", "Ngày")
    return Listing("Kết quả xét nghiệm, chẩn đoán hình ảnh", columns, list(map(result_row, listed)))


def result_row(result: Result) -> Row:
    """Return name, value with its unit, what the file says of it, and the day."""
    unusual, conclusion = words.out_of_range(result), result.conclusion.strip()
    value = words.joined((result.value, result.unit), " ")
    comment = conclusion or unusual
    return Row(
        (
            result.indicator.display or result.service.display or result.indicator.code,
            value or result.description,
            words.joined((comment, result.description if value else "")),
            day_of(result),
        ),
        mark=comment if unusual else "",
    )


def medicines(listed: Iterable[Medicine]) -> Listing:
    rows = [
        Row((each.drug.display or each.drug.code, amount_of(each), words.how_to_take(each)))
        for each in listed
    ]
    return Listing("Thuốc được kê", ("Thuốc", "Số lượng", "Cách dùng"), rows)


def done_time(procedure: Procedure) -> Timestamp:
    return procedure.perform_time if procedure.HasField("perform_time") else procedure.order_time


def amount_of(medicine: Medicine) -> str:
    return words.amount(medicine.quantity, medicine.unit)


def dispensed(source: Source) -> Listing:
    rows = [
        Row(
            (
                each.drug_name,
                words.amount(each.quantity, each.unit),
                source.place(each.pharmacy),
                day(each.dispense_time),
                each.lot,
            )
        )
        for each in source.book.dispensed_medicines
    ]
    return Listing("Thuốc nhà thuốc đã cấp", ("Thuốc", "Số lượng", "Nơi cấp", "Ngày", "Lô"), rows)


def accesses(source: Source) -> Listing:
    """Return who looked, a row for each day, who, and what; the citizen's own looks among them."""
    counts: dict[tuple[str, ...], int] = {}
    for each in source.accesses:
        outcome = "được phép" if each.allowed else "bị từ chối"
        why = words.joined((words.reason(each), "cần xem xét" if each.flagged else ""), "; ")
        key = (day(each.access_time), who(source, each), words.action(each), why, outcome)
        counts[key] = counts.get(key, 0) + 1
    rows = [
        Row(
            (date, looked, what if count == 1 else f"{what} ({count} lần)", why, outcome),
            mark="" if outcome == "được phép" else outcome,
        )
        for (date, looked, what, why, outcome), count in counts.items()
    ]
    note = f"Chỉ hiển thị {MAX_ACCESSES} dòng gần nhất." if len(rows) > MAX_ACCESSES else ""
    columns = ("Ngày", "Ai", "Đã làm gì", "Vì sao", "Kết quả")
    return Listing("Ai đã xem dữ liệu", columns, rows[:MAX_ACCESSES], note)


def who(source: Source, access: Access) -> str:
    caller = access.caller.partition(" via ")[0]
    kind, _, code = caller.partition("/")
    if caller == "authority/vneid":
        return "Qua VNeID"
    if kind in ("facility", "pharmacy"):
        name = source.place(code)
    else:
        name = f"{words.CALLERS[kind]} ({code})" if kind in words.CALLERS else caller
    return words.joined((name, access.practitioner if access.practitioner != "VNeID" else ""))


def period(encounter: Encounter) -> str:
    first, last = day(encounter.arrival_time), day(encounter.discharge_time)
    return first if first == last else f"{first} – {last}"


def day_of(result: Result) -> str:
    """Return the day of a result as it is known; a dossier need not tell it."""
    if result.HasField("result_time"):
        return day(result.result_time)
    return day(result.perform_time) if result.HasField("perform_time") else "không rõ"


def written_date(date: Date) -> str:
    """Return `12/03/1985`; of a date that is known in part `03/1985` or `1985`, of none an empty string."""
    if not date.year:
        return ""
    parts = [
        f"{date.day:02}" if date.day else "",
        f"{date.month:02}" if date.month else "",
        f"{date.year:04}",
    ]
    return "/".join(part for part in parts if part)


def day(time: Timestamp) -> str:
    return f"{local(time):%d/%m/%Y}"
