"""The screen of `lientuyen lookup`: what a clerk sees, and that it fits the terminal."""

from datetime import date
from io import StringIO

import pytest
from google.protobuf.duration_pb2 import Duration
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from lientuyen.identity.v1.coverage_pb2 import Eligibility, EligibilityReason
from lientuyen.identity.v1.person_pb2 import SEX_FEMALE, Address, Identifier, Person, Plausibility
from lientuyen.identity.v1.person_service_pb2 import Candidate, FieldWeight
from lientuyen.type.v1.date_pb2 import Date
from lientuyen.type.v1.money_pb2 import Money
from lientuyen_client.cli.failures import CommandFailed
from lientuyen_client.cli.lookup import described
from lientuyen_client.cli.lookup_candidates import candidates_screen
from lientuyen_client.cli.lookup_next_steps import next_steps
from lientuyen_client.cli.lookup_screen import HEIGHT, WIDTH, View, screen

DAY = date(2026, 11, 21)
PERSON = Person(
    full_name="TRẦN THỊ MẪU",
    birth_date=Date(year=1985, month=3, day=12),
    sex=SEX_FEMALE,
    address=Address(line="Số 0 đường Mẫu", commune_code="00070", province_code="01"),
    identifiers=[
        Identifier(kind=Identifier.KIND_PERSONAL_ID, value="001585000016", state=Identifier.STATE_CURRENT)
    ],
)
R = EligibilityReason


def answer(*reasons: tuple[int, str], **more: object) -> Eligibility:
    fields = {
        "covered": True,
        "rate_known": True,
        "payment_rate_basis_points": 8000,
        "result_code": "000",
        "message_vi": "Thẻ còn giá trị sử dụng; hạn đến 31/12/2026; mức hưởng 80%.",
        "card_number": "DN4010000000000",
        "valid_from": Date(year=2026, month=1, day=1),
        "valid_to": Date(year=2026, month=12, day=31),
        "initial_facility": "facilities/01999",
        "reasons": [R(code=code, message_vi=vi) for code, vi in reasons],
    }
    return Eligibility(**{**fields, **more})


GOOD = answer(
    (R.CODE_CARD_IN_FORCE, "Thẻ có giá trị trong ngày."),
    (R.CODE_BENEFIT_LEVEL, "Mức hưởng theo thẻ: mức 4, 80%."),
    (R.CODE_INITIAL_FACILITY, "Đúng nơi đăng ký khám chữa bệnh ban đầu."),
    care_category="1.1",
    five_years_date=Date(year=2020, month=1, day=1),
    five_years_reached=True,
    co_payment_threshold=Money(dong=15_180_000),
)


def drawn(panel: object) -> str:
    console = Console(file=StringIO(), width=WIDTH, color_system=None)
    console.print(panel)
    return console.file.getvalue()


def coloured(panel: object) -> str:
    console = Console(file=StringIO(), width=WIDTH, force_terminal=True, color_system="standard")
    console.print(panel)
    return console.file.getvalue()


def test_the_screen_of_somebody_who_is_covered():
    view = View(PERSON, GOOD, DAY, "Bệnh viện đa khoa huyện Mẫu", milliseconds=12.3)

    assert drawn(screen(view)).splitlines() == [
        "╭──────────────────────────────────────────────────────────────────────────────╮",
        "│                            ĐƯỢC BHYT CHI TRẢ 80%                             │",
        "│ Kết quả     000: Thẻ còn giá trị sử dụng; hạn đến 31/12/2026; mức hưởng 80%. │",
        "│ Người bệnh  TRẦN THỊ MẪU · Nữ · sinh 12/03/1985 (41 tuổi)                    │",
        "│ Địa chỉ     Số 0 đường Mẫu, xã 00070, tỉnh 01                                │",
        "│ Thẻ BHYT    DN4010000000000  01/01/2026 – 31/12/2026 (còn 40 ngày)           │",
        "│ Nơi ĐKBĐ    Bệnh viện đa khoa huyện Mẫu (01999)                              │",
        "│ Quyền lợi   đủ 5 năm liên tục từ 01/01/2020; miễn khi cùng chi trả quá       │",
        "│             15.180.000 đồng                                                  │",
        "│ Vì sao      • Thẻ có giá trị trong ngày.                                     │",
        "│             • Mức hưởng theo thẻ: mức 4, 80%.                                │",
        "│             • Đúng nơi đăng ký khám chữa bệnh ban đầu.                       │",
        "│ Cần làm     • Tra cứu lại trước khi ra viện.                                 │",
        "╰─────────────────────────────────── 12 ms ────────────────────────────────────╯",
    ]


def test_whether_it_pays_is_green_red_or_yellow():
    old = answer(stale=True, age=Duration(seconds=93_600))
    refused = answer(covered=False, result_code="010")

    assert "\x1b[1;7;32m" in coloured(screen(View(PERSON, GOOD, DAY)))
    assert "\x1b[1;7;31m" in coloured(screen(View(PERSON, refused, DAY)))
    assert "\x1b[1;7;33m" in coloured(screen(View(PERSON, old, DAY)))


def test_old_data_say_how_old_and_why_and_that_nobody_is_turned_away():
    why = "Chưa xác minh được thẻ, không từ chối người bệnh: cổng chưa trả lời kịp."
    text = drawn(
        screen(View(PERSON, answer((R.CODE_STALE, why), stale=True, age=Duration(seconds=93_600)), DAY))
    )

    assert "xác nhận lần cuối 1 ngày trước" in text
    assert "• Không từ chối người bệnh" in text


def test_a_card_nobody_could_ask_about_does_not_turn_anybody_away():
    text = drawn(
        screen(View(PERSON, answer(covered=False, rate_known=False, result_code="101", stale=True), DAY))
    )

    assert "CHƯA XÁC MINH ĐƯỢC THẺ, VẪN TIẾP NHẬN" in text
    assert "chưa từng xác nhận" in text


def test_an_old_number_and_what_looks_odd_are_told():
    odd = Plausibility(message_vi="Số định danh không khớp năm sinh, đề nghị kiểm tra giấy tờ.")
    dead = Person(full_name="A", state=Person.STATE_DECEASED)

    text = drawn(screen(View(dead, GOOD, DAY, "", Identifier.STATE_SUPERSEDED, (odd,))))

    assert "số cũ, đã được cấp lại" in text
    assert "không khớp năm sinh" in text
    assert "đã được ghi nhận tử vong" in text


words = st.text(st.characters(blacklist_categories=("Cs",)), max_size=300)


@given(
    words,
    words,
    st.lists(st.tuples(st.sampled_from([R.CODE_AREA, R.CODE_NO_CARD, 77]), words), max_size=12),
    st.booleans(),
    st.integers(0, 4),
)
def test_whatever_is_known_the_screen_fits_and_steers_no_terminal(name, line, reasons, stale, warnings):
    person = Person(full_name=name, address=Address(line=line), birth_date=Date(year=1985))
    said = answer(*reasons, stale=stale, message_vi=name, proposed_care_category="3.6")

    text = drawn(screen(View(person, said, DAY, line, 2, (Plausibility(message_vi=name),) * warnings)))

    lines = text.removesuffix("\n").split("\n")
    assert len(lines) <= HEIGHT
    assert all(cell_len(line) <= WIDTH for line in lines)
    assert "\x1b" not in text


def test_reasons_go_before_what_to_do_and_the_rest_stays():
    many = [(R.CODE_CARE_CATEGORY, f"Lý do số {number}.") for number in range(20)]

    text = drawn(screen(View(PERSON, answer(*many, stale=True), DAY)))

    assert "Lý do số 0." in text
    assert "xem đủ lý do với --json" in text
    assert "Tra cứu lại trước khi ra viện." in text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (answer((R.CODE_CHILD_WITHOUT_CARD, ""), covered=False), "thẻ tạm TE1"),
        (answer((R.CODE_PAPERS_NEEDED, "")), "Bộ Quốc phòng hoặc Bộ Công an"),
        (answer((R.CODE_CARD_STOPPED, ""), covered=False), "cơ quan bảo hiểm xã hội"),
        (answer(care_category="1.3"), "phiếu chuyển"),
        (answer(care_category="1.5"), "phiếu hẹn khám lại"),
        (answer(proposed_care_category="1.12"), "Xem xét mã đối tượng 1.12"),
        (answer((R.CODE_CARE_CATEGORY_UNSETTLED, "")), "Chọn mã đối tượng"),
        (answer((R.CODE_FACILITY_UNKNOWN, "")), "danh mục"),
        (answer((R.CODE_TRANSFER_SLIP_EXPIRED, "")), "ngày ký phiếu chuyển"),
        (answer(valid_to=Date(year=2026, month=12, day=21)), "Thẻ sắp hết hạn"),
        (answer(), "trước khi ra viện"),
    ],
)
def test_what_to_do_next_follows_from_the_answer(said, words):
    assert any(words in step for step in next_steps(said, DAY))


def test_reception_reads_below_which_cost_a_visit_is_paid_in_full():
    below = answer(full_payment_below=Money(dong=379_500))
    whole = answer(full_payment_below=Money(dong=379_500), payment_rate_basis_points=10_000)

    assert "100% khi chi phí dưới 379.500 đồng" in drawn(screen(View(PERSON, below, DAY)))
    assert "379.500" not in drawn(screen(View(PERSON, whole, DAY)))


def test_a_card_with_a_month_left_is_not_called_short():
    said = answer(valid_to=Date(year=2026, month=12, day=22))

    assert not any("sắp hết hạn" in step for step in next_steps(said, DAY))


def candidate(score: float) -> Candidate:
    weights = [
        FieldWeight(field="full_name", weight=8.23, note="diacritics lost"),
        FieldWeight(field="sex", weight=-0.31, note="a note that is new"),
    ]
    return Candidate(person=PERSON, score=score, weights=weights)


def test_candidates_are_numbered_with_a_bar_and_what_each_field_says():
    text = drawn(candidates_screen([candidate(0.996), candidate(0.42)], 33))

    assert text.splitlines()[1:4] == [
        "│ 1 ██████████  99%  TRẦN THỊ MẪU  Nữ 12/03/1985                               │",
        "│   Số 0 đường Mẫu, xã 00070, tỉnh 01 · CCCD …016                              │",
        "│   họ tên +8,2 (mất dấu) · giới tính -0,3                                     │",
    ]
    assert "2 ████░░░░░░  42%" in text
    assert "001585000016" not in text


@given(st.lists(st.floats(0, 1), max_size=50), words)
def test_however_many_there_are_they_fit_the_screen(scores, name):
    found = [
        Candidate(person=Person(full_name=name, address=Address(line=name)), score=one) for one in scores
    ]

    lines = drawn(candidates_screen(found, 1)).removesuffix("\n").split("\n")

    assert len(lines) <= HEIGHT
    assert all(cell_len(line) <= WIDTH for line in lines)


@pytest.mark.parametrize(
    ("birth", "day"),
    [
        ("1985-03-12", Date(year=1985, month=3, day=12)),
        ("12/03/1985", Date(year=1985, month=3, day=12)),
        ("03/1985", Date(year=1985, month=3)),
        ("1985", Date(year=1985)),
    ],
)
def test_a_birth_date_is_read_as_a_clerk_writes_it(birth, day):
    assert described("Nguyễn Văn A", birth, None).birth_date == day


@pytest.mark.parametrize(("name", "birth"), [("", "1985"), ("A", "yesterday"), ("A", "1985-03-12-01")])
def test_what_cannot_be_read_is_misuse(name, birth):
    with pytest.raises(CommandFailed):
        described(name, birth, None)
