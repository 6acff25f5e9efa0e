"""The money of a dossier: every amount follows from the others, to the đồng; one cause is one finding."""

from datetime import date

import pytest

from kcb.reference_wages import WAGES, wage
from kcb.validate import validate
from lientuyen_client.demo import sample_files
from tests.samples.files import CHECK_IN, DOSSIER, File, sample

MONEY = ("line-", "total-", "rate-")


def doubts(content: bytes) -> list[tuple[str, str]]:
    return [(found.rule, found.path) for found in validate(content).findings if found.rule.startswith(MONEY)]


def paths(file: File) -> list[str]:
    return [path for _, path in doubts(file.bytes())]


def every_rate(file: File, rate: str) -> File:
    """Give each line of the sample that benefit rate, and the amounts that follow from it."""
    totals = {"T_BHTT": 0.0, "T_BNCCT": 0.0}
    for code, number in (("XML2", 1), ("XML3", 1), ("XML3", 2)):
        insured = float(file.get(code, number, "THANH_TIEN_BH"))
        fund = insured * float(rate) / 100
        file.set(code, number, "MUC_HUONG", rate)
        for name, amount in (("T_BHTT", fund), ("T_BNCCT", insured - fund)):
            file.set(code, number, name, f"{amount:.2f}")
            totals[name] += amount
    for name, amount in (*totals.items(), ("T_BHTT_GDV", totals["T_BHTT"])):
        file.set("XML1", 1, name, f"{amount:.2f}")
    return file


def cheap() -> File:
    """Return the sample with a drug of 30,000 đồng: the whole visit costs 93,600."""
    file = sample().set("XML2", 1, "DON_GIA", "1500.000").set("XML1", 1, "T_THUOC", "30000.00")
    for name in ("THANH_TIEN_BV", "THANH_TIEN_BH"):
        file.set("XML2", 1, name, "30000.00")
    for name in ("T_TONGCHI_BV", "T_TONGCHI_BH"):
        file.set("XML1", 1, name, "93600.00")
    return every_rate(file, "80")


def coming(category: str, rate: str, arrival: str = "202611200800", form: str = "01") -> File:
    file = every_rate(sample(), rate).set("XML1", 1, "MA_DOITUONG_KCB", category)
    if category not in ("1.2", "9"):
        file.set("XML1", 1, "MA_DKBD", "79999")
    if form == "03":
        file.set("XML1", 1, "SO_NGAY_DTRI", "1")
        arrival = "202611200500"
    return file.set("XML1", 1, "NGAY_VAO", arrival).set("XML1", 1, "MA_LOAI_KCB", form)


def test_the_samples_and_the_papers_of_the_demo_have_no_doubt_about_money():
    papers = (
        DOSSIER,
        CHECK_IN,
        sample_files.dossier(date(2026, 11, 20)),
        sample_files.check_in(date(2026, 11, 20)),
    )

    assert [doubts(paper) for paper in papers] == [[], [], [], []]


@pytest.mark.parametrize(
    ("amount", "refuses"),
    [
        ("330000.00", []),
        ("330000.49", []),
        ("330000.50", [False]),
        ("329999.01", [False]),
        ("330001.00", [True]),
    ],
)
def test_a_dong_is_a_difference_half_a_dong_a_doubt_and_less_is_rounding(amount, refuses):
    file = sample().set("XML2", 1, "THANH_TIEN_BV", amount).set("XML1", 1, "T_THUOC", amount)

    named = [each for each in validate(file.bytes()).findings if each.path == "XML2[1].THANH_TIEN_BV"]
    assert [each.refuses for each in named] == refuses
    assert {each.rule for each in named} <= {"line-amount-drug"}


def test_the_share_of_a_service_and_the_rate_count_once_and_are_rounded_at_the_end():
    file = sample()
    for name, value in (
        ("TYLE_TT_DV", "33.33"),
        ("THANH_TIEN_BV", "14031.93"),
        ("THANH_TIEN_BH", "14031.93"),
        ("T_BHTT", "11225.54"),
        ("T_BNCCT", "2806.39"),
    ):
        file.set("XML3", 1, name, value)

    assert [path for path in paths(file) if path.startswith("XML3[1]") and "MUC" not in path] == []


def test_one_cause_is_one_finding():
    """The total is right with the amount that stands there, and with the one that should."""
    wrong = sample().set("XML3", 2, "T_BHTT", "17300.00").set("XML3", 2, "T_BNCCT", "4200.00")
    summed = sample().set("XML3", 2, "T_BHTT", "17300.00").set("XML3", 2, "T_BNCCT", "4200.00")
    for name, value in (("T_BHTT", "314980.00"), ("T_BNCCT", "78620.00"), ("T_BHTT_GDV", "314980.00")):
        summed.set("XML1", 1, name, value)

    assert paths(summed) == ["XML3[2].T_BHTT"]
    assert "XML1.T_BHTT" not in paths(wrong)


def test_a_wrong_quantity_is_told_once():
    assert paths(sample().set("XML2", 1, "SO_LUONG", "19.000")) == ["XML2[1].THANH_TIEN_BV"]


def test_a_finding_says_what_is_wanted_and_how_far_it_is():
    content = sample().set("XML2", 1, "THANH_TIEN_BV", "330012.50").bytes()

    (finding,) = [each for each in validate(content).refusals if each.path == "XML2[1].THANH_TIEN_BV"]
    assert (finding.expected, finding.found) == ("THANH_TIEN_BV = SO_LUONG × DON_GIA", "+12.50")


def test_with_a_ceiling_the_fund_pays_no_more_than_its_rate():
    file = sample().set("XML3", 1, "T_TRANTT", "50000")

    assert "XML3[1].T_BHTT" not in paths(file)
    assert "XML3[1].T_BHTT" in paths(file.set("XML3", 1, "T_BHTT", "40000.00"))


def test_a_line_outside_the_scope_is_not_paid_and_may_be_written_either_way():
    outside = sample()
    for name, value in (("PHAM_VI", "2"), ("T_BHTT", "0"), ("T_BNCCT", "0"), ("T_BNTT", "21500.00")):
        outside.set("XML3", 2, name, value)

    assert [path for path in paths(outside) if path.startswith("XML3")] == []
    outside.set("XML3", 2, "THANH_TIEN_BH", "0")
    assert [path for path in paths(outside) if path.startswith("XML3")] == []
    outside.set("XML3", 2, "T_BHTT", "17200.00").set("XML3", 2, "T_BNTT", "4300.00")
    assert "XML3[2].T_BHTT" in paths(outside)


def test_a_wrong_value_makes_no_doubt_about_the_sums_it_belongs_to():
    file = sample().set("XML3", 2, "T_BHTT", "một")

    assert [found.path for found in validate(file.bytes()).refusals] == ["XML3[2].T_BHTT"]
    assert doubts(file.bytes()) == []


def test_no_sentence_of_money_holds_an_amount():
    report = validate(sample().set("XML3", 2, "T_BHTT", "17300.00").bytes())

    sentences = " ".join(f"{found.vi} {found.en} {found.expected}" for found in report.findings)
    assert "17300" not in sentences
    assert "T_BHTT = THANH_TIEN_BH × MUC_HUONG / 100" in sentences


@pytest.mark.parametrize(
    ("arrival", "rates"),
    [("202606300800", 3), ("202607010800", 3), ("202411200800", 3), ("202311200800", 3)],
)
def test_a_visit_of_less_than_fifteen_percent_of_the_wage_is_paid_in_full(arrival, rates):
    file = cheap().set("XML1", 1, "NGAY_VAO", arrival)

    found = [path for path in paths(file) if path.endswith("MUC_HUONG")]
    assert len(found) == rates
    assert [path for path in paths(every_rate(cheap(), "100")) if path.endswith("MUC_HUONG")] == []


def test_the_threshold_is_that_of_the_day_of_arrival():
    """The sample costs 393,600: above 379,500.  With 372,100 only the wage of 2024 lets it share."""
    file = sample().set("XML3", 2, "SO_LUONG", "0").set("XML1", 1, "T_TONGCHI_BH", "372100.00")

    new = [path for path in paths(file) if path.endswith("MUC_HUONG")]
    file.set("XML1", 1, "NGAY_VAO", "202606300800")
    old = [path for path in paths(file) if path.endswith("MUC_HUONG")]

    assert (len(new), old) == (3, [])


@pytest.mark.parametrize(
    ("file", "doubted"),
    [
        (coming("1.2", "100"), False),
        (coming("1.2", "80"), True),
        (coming("1.13", "50"), False),
        (coming("1.14", "47.5"), False),
        (coming("1.18", "80"), True),
        (coming("1.18", "0", "202606300800"), False),
        (coming("3.1", "32", form="03"), False),
        (coming("3.1", "40", form="03"), False),
        (coming("3.1", "80", form="03"), True),
        (coming("3.1", "80", form="04"), False),
        (coming("3.3", "80"), False),
        (coming("1.13", "80", "202506300800"), False),
    ],
)
def test_a_rate_is_doubted_when_the_category_cannot_give_it(file, doubted):
    assert any(path.endswith("MUC_HUONG") for path in paths(file)) is doubted


def paid_in_full(cards: str = "DN4010000000000", **changes: str) -> File:
    """Return the sample, which costs more than a small visit, with each line paid at 100."""
    file = every_rate(sample(), "100").set("XML1", 1, "MA_THE_BHYT", cards)
    for name, value in changes.items():
        file.set("XML1", 1, name, value)
    return file


@pytest.mark.parametrize(
    ("file", "doubted"),
    [
        (paid_in_full(), 3),
        (paid_in_full("DN3010000000000"), 3),
        (paid_in_full("HT3010000000000;DN4010000000000"), 3),
        (paid_in_full("CH2010000000000;DN4010000000000"), 0),
        (paid_in_full("TE1010000000000"), 0),
        (paid_in_full("0100000000"), 0),
        (paid_in_full("CN3010000000000"), 0),
        (paid_in_full("CN3010000000000", NGAY_VAO="202512310800"), 3),
        (paid_in_full(MA_DOITUONG_KCB="1.2"), 0),
        (paid_in_full(NGAY_MIEN_CCT="20261120"), 0),
        (paid_in_full(NGAY_MIEN_CCT="202611200900"), 2),
        (paid_in_full(NGAY_MIEN_CCT="20/11/2026"), 0),
        (every_rate(sample(), "95").set("XML1", 1, "MA_THE_BHYT", "HT3010000000000"), 0),
    ],
)
def test_above_a_small_visit_nobody_is_paid_more_than_the_card_says(file, doubted):
    assert len([path for path in paths(file) if path.endswith("MUC_HUONG")]) == doubted


def test_the_wages_are_a_table_by_date():
    assert [row.valid_from for row in WAGES] == sorted((row.valid_from for row in WAGES), reverse=True)
    days = (date(2024, 7, 1), date(2026, 6, 30), date(2026, 7, 1))
    assert [(row.dong, row.small_visit) for day in days if (row := wage(day))] == [
        (2_340_000, 351_000),
        (2_340_000, 351_000),
        (2_530_000, 379_500),
    ]


def test_a_slip_number_that_nobody_wrote_is_only_doubted():
    for category in ("1.3", "1.5"):
        file = sample().set("XML1", 1, "MA_DOITUONG_KCB", category).set("XML1", 1, "MA_NOI_DI", "01929")
        file.set("XML1", 1, "MA_DKBD", "01929")

        report = validate(file.bytes())

        assert report.accepted, category
        warnings = {(found.rule, found.path) for found in report.warnings}
        assert ("category-slip-number", "XML1.GIAY_CHUYEN_TUYEN") in warnings
