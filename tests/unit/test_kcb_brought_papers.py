"""The card and the slip that a patient brought, against what is known of them."""

from hypothesis import given
from hypothesis import strategies as st

from kcb.brought_papers import CARD, SLIP, paper_doubts, same_card
from kcb.registers import NOTHING, KnownCard, KnownSlip, Registers
from kcb.report import Row

NUMBER = "DN4010000000000"
days = st.integers(1, 28).map(lambda day: f"202611{day:02}")


def row(**changes: str) -> Row:
    values = {"MA_THE_BHYT": NUMBER, "MA_DOITUONG_KCB": "1.1", "NGAY_VAO": "202611200800"}
    return Row(1, {**values, "NGAY_RA": "202611201000", **changes})


def of_card(*cards: KnownCard, **changes: str) -> list[tuple[str, str]]:
    return list(paper_doubts(row(**changes), Registers(cards=cards)))


def of_slip(slip: KnownSlip | None, category: str) -> list[str]:
    brought = row(MA_DOITUONG_KCB=category, GIAY_CHUYEN_TUYEN="1/26")
    return [rule for rule, _ in paper_doubts(brought, Registers(slips={"1/26": slip} if slip else {}))]


def test_nothing_is_said_while_nothing_is_known():
    assert list(paper_doubts(row(GIAY_CHUYEN_TUYEN="1", MA_DOITUONG_KCB="1.3"), NOTHING)) == []


def test_care_that_is_not_insured_or_names_no_card_needs_none():
    assert of_card(MA_DOITUONG_KCB="9") == []
    assert of_card(MA_THE_BHYT="") == []


def test_a_card_of_another_group_or_form_is_of_the_same_person():
    assert same_card(NUMBER, "GD4790000000000")
    assert same_card("0000000000", NUMBER)
    assert same_card("001385000016", NUMBER)
    assert not same_card(NUMBER, "DN4010000000001")


def test_one_of_several_cards_is_enough():
    cards = (KnownCard(NUMBER, last="20261119"), KnownCard("GD4010000000001"))

    assert of_card(*cards, MA_THE_BHYT=f"{NUMBER};GD4010000000001") == []
    assert of_card(*cards) == [("card-in-force", CARD)]


@given(days, days, days, days, st.booleans())
def test_a_card_is_in_force_when_a_day_of_its_period_is_one_of_the_stay(
    arrival: str, left: str, first: str, last: str, usable: bool
):
    if left < arrival:
        arrival, left = left, arrival
    said = of_card(
        KnownCard(NUMBER, first, last, usable=usable), NGAY_VAO=f"{arrival}0800", NGAY_RA=f"{left}1000"
    )

    stay = {f"202611{day:02}" for day in range(int(arrival[-2:]), int(left[-2:]) + 1)}
    period = {f"202611{day:02}" for day in range(int(first[-2:]), int(last[-2:]) + 1)}
    overlaps = bool(stay & period) or (last < first and first <= left and arrival <= last)
    assert said == ([] if usable and overlaps else [("card-in-force", CARD)])


def test_a_slip_says_one_thing_at_a_time():
    assert of_slip(None, "1.3") == of_slip(None, "1.5") == ["brought-slip-known"]
    assert of_slip(KnownSlip("20261119", used=True, ended=True), "1.3") == ["brought-slip-ended"]
    assert of_slip(KnownSlip("20261119", used=True), "1.3") == ["referral-slip-used"]
    assert of_slip(KnownSlip("20261119", used=True), "1.5") == ["appointment-slip-used"]
    assert of_slip(KnownSlip("20261119"), "1.3") == ["referral-slip-expired"]
    assert of_slip(KnownSlip("20261119"), "1.5") == []
    assert of_slip(KnownSlip("20261120"), "1.3") == []
    assert of_slip(None, "1.1") == []
    assert SLIP == "GIAY_CHUYEN_TUYEN"
