"""The health book on a screen and on a page."""

from io import StringIO
from itertools import pairwise

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from rich.console import Console

from lientuyen.chassis.v1.audit_service_pb2 import Access
from lientuyen.records.v1.health_book_pb2 import Medicine, MissingEncounters, Result
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.date_pb2 import Date
from lientuyen_client.cli.failures import CommandFailed
from lientuyen_client.cli.health_book import typed_day
from lientuyen_client.cli.health_book_html import page
from lientuyen_client.cli.health_book_screen import screen
from lientuyen_client.cli.health_book_view import Source, day_of, view_of, who
from lientuyen_client.cli.health_book_words import ACTIONS, GAPS, amount, how_to_take, out_of_range, reason
from services.records.access import RULES
from tests import invented_book

MORNING = Timestamp(seconds=1_795_136_400)  # 08:00 of 2026-11-20 in Viet Nam
NASTY = "<script>alert('x')</script>\"'&amp;[bold]{0}"


def rendered(source: Source, width: int = 100) -> str:
    console = Console(file=StringIO(), width=width)
    console.print(screen(view_of(source)))
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def with_text_everywhere(message: Message, text: str) -> None:
    """Put *text* into every text of a message, but for what tells which encounter a row is of."""
    for field, value in message.ListFields():
        if field.name in ("dossier", "method", "code"):
            continue
        for part in value if field.is_repeated else [value]:
            if isinstance(part, Message):
                with_text_everywhere(part, text)
        if field.cpp_type == field.CPPTYPE_STRING and not field.is_repeated:
            setattr(message, field.name, text)


def test_the_day_of_a_result_is_the_one_that_is_known_or_none():
    assert day_of(Result(result_time=MORNING)) == "20/11/2026"
    assert day_of(Result(perform_time=MORNING)) == "20/11/2026"
    assert day_of(Result(time_basis=Result.TIME_BASIS_UNKNOWN)) == "không rõ"


@pytest.mark.parametrize(
    ("value", "description", "conclusion", "word"),
    [
        ("7.8", "", "Tăng", "cao"),
        ("3.1", "", "thấp hơn bình thường", "thấp"),
        ("5", "", "H", "cao"),
        ("", "", "Dương tính", "bất thường"),
        ("", "", "Không có gì bất thường", ""),
        ("5.4", "", "Không tăng", ""),
        ("6.9", "4.0 - 6.0", "", "cao"),
        ("3,1", "Bình thường: 3.9–6.4 mmol/L", "", "thấp"),
        ("5.0", "3.9-6.4", "", ""),
        ("5.0", "", "", ""),
        ("âm tính", "3.9-6.4", "", ""),
        ("4.1", "", "Bình thường, không cao", ""),
        ("120/70", "90-140", "", ""),
        ("7", "6-5", "", ""),
    ],
)
def test_whether_a_value_is_out_of_range_is_what_the_file_says(
    value: str, description: str, conclusion: str, word: str
):
    assert out_of_range(Result(value=value, description=description, conclusion=conclusion)) == word


@given(st.text(), st.text(), st.text())
def test_no_result_is_too_odd(value: str, description: str, conclusion: str):
    out_of_range(Result(value=value, description=description, conclusion=conclusion))
    amount(value, conclusion)


def test_amounts_and_doses_are_written_as_people_say_them():
    assert [amount(*each) for each in (("20.000", "Viên"), ("12.5", "ml"), ("100", "Gói"), ("1e", ""))] == [
        "20 viên",
        "12,5 ml",
        "100 gói",
        "1e",
    ]
    medicine = Medicine(dosage="1 viên/lần * 2 lần/ngày * 5 ngày", instructions="Uống sau ăn")
    assert how_to_take(medicine) == "1 viên/lần, 2 lần/ngày, 5 ngày; Uống sau ăn"


def test_a_day_is_typed_as_people_write_it():
    assert typed_day("20/11/2026") == typed_day("2026-11-20") == Date(year=2026, month=11, day=20)
    assert typed_day(" ") is None


@pytest.mark.parametrize("text", ["30/02/2026", "2026", "11/2026", "hôm qua", "2026-13-01"])
def test_what_is_no_day_is_refused(text: str):
    with pytest.raises(CommandFailed):
        typed_day(text)


@pytest.mark.parametrize(
    "show", [rendered, lambda source: html.fromstring(page(view_of(source))).text_content()]
)
def test_everything_of_the_book_is_there_in_words(show):
    shown = " ".join(show(invented_book.source()).split())

    for words in (
        "TRẦN THỊ MẪU",
        "12/03/1985",
        "Dị ứng penicillin (mẩn ngứa).",
        "3 lượt khám tại Bệnh viện chuyên khoa Mẫu (79999) chưa có hồ sơ gửi về, từ ngày 12/10/2026.",
        "18/12/2026",
        "Đái tháo đường týp 2 (E11.9)",
        "7.8 mmol/L",
        "2 lần/ngày",
        "Khí dung thuốc",
        "huyết áp 145/90 mmHg",
        "Nhà thuốc Mẫu 1 (NT00001)",
        "xem sổ sức khỏe",
        "bị từ chối",
    ):
        assert words in shown
    assert invented_book.PERSONAL_ID not in shown


def test_the_page_needs_nothing_else_and_holds_no_markup_of_others():
    source = invented_book.source()
    with_text_everywhere(source.book, NASTY)
    with_text_everywhere(source.person, NASTY)
    for access in source.accesses:
        with_text_everywhere(access, NASTY)
    text = page(view_of(source))

    tree = html.fromstring(text)
    names = {each.tag for each in tree.iter() if isinstance(each.tag, str)}
    attributes = {name for each in tree.iter() for name in each.attrib}
    assert not names & {"script", "link", "img", "iframe", "object", "base", "a", "form", "svg"}
    assert not attributes & {"src", "href", "srcset", "action", "style", "onclick", "onload"}
    assert "url(" not in text
    assert "@import" not in text
    assert text.count("<script") == 0
    assert NASTY in tree.text_content()
    assert NASTY in rendered(source, width=1000)


def test_the_page_can_be_heard_and_printed():
    text = page(view_of(invented_book.source()))
    tree = html.fromstring(text)

    levels = [int(each.tag[1]) for each in tree.iter("h1", "h2", "h3", "h4")]
    assert tree.get("lang") == "vi"
    assert (len(tree.xpath("//title")), len(tree.xpath("//main"))) == (1, 1)
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(each.get("scope") for each in tree.iter("th"))
    assert all(each.get("aria-label") for each in tree.iter("table"))
    assert [
        words for words in ("@media print", "max-width:36rem", "width=device-width") if words not in text
    ] == []


def test_a_book_of_nobody_is_a_page_too():
    source = Source(
        book=type(invented_book.book())(), person=invented_book.source().person, personal_id="0" * 12
    )

    assert "Không rõ còn thiếu" in page(view_of(source))
    assert "TRẦN THỊ MẪU" in rendered(source)


def test_accesses_alike_of_one_day_are_counted_together():
    source = invented_book.source()
    source.accesses.extend(source.accesses[:1] * 2)  # type: ignore[attr-defined]

    assert "xem sổ sức khỏe (3 lần)" in " ".join(page(view_of(source)).split())


def test_every_way_to_read_has_its_words():
    reading = {method.partition("/")[2] for method in RULES if not method.endswith("/ValidateDossier")}

    assert reading <= ACTIONS.keys()


def test_every_reason_has_its_words():
    assert {0, *GAPS} == set(MissingEncounters.Reason.values())


@pytest.mark.parametrize(
    ("caller", "words"),
    [
        ("authority/vneid via service/records", "Qua VNeID"),
        ("facility/79999 via service/records", "Bệnh viện chuyên khoa Mẫu (79999) · BS"),
        ("facility/00000", "00000 · BS"),
        ("operator/an", "Người vận hành hệ thống (an) · BS"),
        ("{caller}", "{caller} · BS"),
    ],
)
def test_who_looked_is_told_by_name(caller: str, words: str):
    assert who(invented_book.source(), Access(caller=caller, practitioner="BS")) == words


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ("", "để khám, chữa bệnh, hồ sơ của chính cơ sở"),
        ("//routing.lientuyen/referrals/5b0e", "để khám, chữa bệnh, theo phiếu chuyển tuyến"),
        (
            "//routing.lientuyen/referrals/5b0e hội chẩn",
            "để khám, chữa bệnh, theo phiếu chuyển tuyến, hội chẩn",
        ),
    ],
)
def test_a_person_reads_that_a_facility_looked_because_of_a_referral(kept: str, words: str):
    access = Access(
        purpose=AccessContext.PURPOSE_TREATMENT,
        legal_basis=AccessContext.LEGAL_BASIS_OWN_RECORD,
        reason=kept,
    )

    assert reason(access) == words
