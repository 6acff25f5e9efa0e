"""What a health book compiles of everybody: diagnoses over time, allergies, vital signs, summaries."""

import pytest

from kcb.tables import tables
from lientuyen.identity.v1.consent_pb2 import DATA_CLASS_CARE, DATA_CLASS_HIV
from lientuyen.records.v1 import health_book_service_pb2 as pb
from lientuyen.records.v1.health_book_pb2 import HealthBook
from lientuyen.type.v1.date_pb2 import Date
from tests.harness import World
from tests.samples.files import File, full_row, sample

from .records_env import CARE, CITIZEN, PERSON_NAME, Records

NO_INSURANCE = ("MA_THE_BHYT", "MA_DKBD", "GT_THE_TU", "GT_THE_DEN", "MA_DOITUONG_KCB")


@pytest.fixture
async def records(world: World) -> Records:
    return await Records(world).start()


def encounter(key: str, minute: int = 0, **changes: str) -> File:
    file = sample().everywhere("MA_LK", key).everywhere("NGAY_VAO", f"2026112008{minute:02}")
    for name, value in changes.items():
        file.set("XML1", 1, name, value)
    return file


def with_summary(file: File, **changes: str) -> File:
    """Add a record summary (XML8)."""
    file.tables["XML8"] = [full_row(tables()["XML8"])]
    repeated = {name: file.get("XML1", 1, name) for name in ("MA_LK", "NGAY_VAO", "NGAY_RA")}
    for name, value in {**repeated, **changes}.items():
        file.set("XML8", 1, name, value)
    return file


async def read(records: Records, caller: str = "authority/vneid", **request: object) -> HealthBook:
    access = CITIZEN if caller == "authority/vneid" else CARE
    reply = await records.books(caller).GetHealthBook(
        pb.GetHealthBookRequest(person=PERSON_NAME, access=access, **request)  # type: ignore[arg-type]
    )
    return reply.health_book


async def test_diagnoses_are_compiled_over_time_the_long_term_ones_first(records: Records):
    await records.submit(encounter("FIRST", 0, MA_BENH_KT="E11.9").bytes())
    await records.submit(encounter("SECOND", 5, MA_BENH_KT="J06.9").bytes())

    history = (await read(records, page_size=1)).history  # of all encounters, not of the page

    compiled = [
        (each.coding.code, each.long_term, each.encounter_count, each.text) for each in history.conditions
    ]
    assert compiled == [
        ("I10", True, 2, "Tăng huyết áp vô căn"),
        ("E11.9", True, 1, ""),
        ("J06.9", False, 1, ""),
    ]
    assert history.conditions[0].first_time.ToJsonString()[:16] == "2026-11-20T01:00"
    assert history.conditions[0].last_time.ToJsonString()[:16] == "2026-11-20T01:05"


async def test_what_is_said_of_allergies_is_told_as_it_was_said(records: Records):
    note = "Hẹn khám lại. DỊ ỨNG penicillin (mẩn ngứa). Uống thuốc đều."
    await records.submit(
        with_summary(encounter("OLD", 0, MA_BENH_KT="Z88.0"), GHI_CHU=note, NGAY_CT="20261120").bytes()
    )
    await records.submit(with_summary(encounter("NEW", 5), GHI_CHU="Tái khám sau 1 tháng.").bytes())

    allergies = (await read(records, page_size=1)).history.allergies

    assert sorted((each.coding.code, each.text) for each in allergies) == [
        ("", "DỊ ỨNG penicillin (mẩn ngứa)."),
        ("Z88.0", ""),
    ]
    said = next(each for each in allergies if each.text)
    assert said.date == Date(year=2026, month=11, day=20)
    assert said.facility.endswith("/01999")


async def test_vital_signs_are_read_out_of_the_notes(records: Records):
    file = encounter("SIGNS", CAN_NANG="58.5", NHOM_MAU="O+", NGAY_TAI_KHAM="20261211;20261204")
    note = {"DIEN_BIEN_LS": "Tỉnh. CSST<M75_T37_HA120/70_NT18_HL2>", "THOI_DIEM_DBLS": "202611200830"}
    rows = [dict(full_row(tables()["XML5"])) for _ in range(2)]
    rows[0].update(note, STT="1", MA_LK="SIGNS")
    rows[1].update(note, STT="2", MA_LK="SIGNS", DIEN_BIEN_LS="Ổn định, không có gì lạ.")
    file.tables["XML5"] = [list(row.items()) for row in rows]
    await records.submit(file.bytes())

    book = await read(records)

    [signs] = book.vital_signs
    assert (signs.pulse, signs.temperature, signs.blood_pressure, signs.breathing) == (
        "75",
        "37",
        "120/70",
        "18",
    )
    assert signs.time.ToJsonString()[:16] == "2026-11-20T01:30"
    assert (book.encounters[0].weight, book.encounters[0].blood_group) == ("58.5", "O+")
    assert [date.day for date in book.encounters[0].reexamination_dates] == [4, 11]


async def test_somebody_without_insurance_has_a_book_of_xml1_and_xml8(records: Records):
    file = with_summary(encounter("SELF-PAID"), QT_BENHLY="Đau đầu ba ngày.", CHAN_DOAN_VAO="Đau đầu")
    for name in NO_INSURANCE:
        file.set("XML1", 1, name, "")
    file.set("XML1", 1, "MA_DOITUONG_KCB", "9")
    for money in ("T_THUOC", "T_VTYT", "T_TONGCHI_BV", "T_TONGCHI_BH", "T_BNTT", "T_BNCCT", "T_BHTT"):
        file.set("XML1", 1, money, "0")
    file.set("XML1", 1, "T_NGUONKHAC", "0").set("XML1", 1, "T_BHTT_GDV", "0")
    file.tables = {code: file.tables[code] for code in ("XML1", "XML8")}
    await records.submit(file.bytes())

    book = await read(records)

    assert [each.discharge_diagnosis for each in book.encounters] == ["Tăng huyết áp vô căn"]
    assert [each.coding.code for each in book.history.conditions] == ["I10"]
    assert [(each.course, each.admission_diagnosis) for each in book.summaries] == [
        ("Đau đầu ba ngày.", "Đau đầu")
    ]
    assert book.summaries[0].practitioner
    assert not book.results
    assert not book.medicines


async def test_restricted_kinds_are_in_no_group_unless_a_consent_names_them(records: Records):
    secret = with_summary(encounter("SECRET", 5, MA_BENH_KT="B20"), GHI_CHU="Dị ứng nevirapine.")
    await records.submit(secret.bytes())
    await records.submit(encounter("PLAIN").bytes())
    records.identity.add_consent(PERSON_NAME)
    hidden = await read(records, "facility/79999")
    records.identity.add_consent(PERSON_NAME, data_classes=[DATA_CLASS_CARE, DATA_CLASS_HIV])
    shown = await read(records, "facility/79999")

    assert [each.coding.code for each in hidden.history.conditions] == ["I10"]
    assert hidden.history.conditions[0].encounter_count == 1
    assert (len(hidden.history.allergies), len(hidden.summaries)) == (0, 0)
    assert sorted(each.coding.code for each in shown.history.conditions) == ["B20", "I10"]
    assert (len(shown.history.allergies), len(shown.summaries)) == (1, 1)
