"""Faults of amounts, totals and rates.  What follows from the planted amount is computed anew."""

import random

from .drafts import SOURCES, Draft, money, number
from .planting import add, any_line, cell_neighbour, fault, neighbour, put, resettle

PLAIN = ("visit", "stay", "transfer", "emergency", "by_oneself")
APART = ("1.00", "12.5", "1000", "37.25")


def dong(rng: random.Random) -> str:
    return rng.choice(APART)


def follow(draft: Draft, code: str, index: int) -> None:
    """Let what follows from the amounts of a line follow: the fund's part, the shares, the totals."""
    row = draft.tables[code][index]
    insured, fund = (
        number(row["THANH_TIEN_BH"]),
        number(row["THANH_TIEN_BH"]) * number(row["MUC_HUONG"]) / 100,
    )
    row.update(T_BHTT=money(fund))
    shares(draft, code, index)
    assert insured >= 0


def shares(draft: Draft, code: str, index: int) -> None:
    row = draft.tables[code][index]
    insured = number(row["THANH_TIEN_BH"])
    row.update(
        T_BNCCT=money(insured - number(row["T_BHTT"])), T_BNTT=money(number(row["THANH_TIEN_BV"]) - insured)
    )
    draft.total()


for code, kind in (("XML2", "drug"), ("XML3", "service")):

    @fault(f"line-amount-{kind}", *PLAIN)
    def hospital(draft: Draft, rng: random.Random, code: str = code) -> str:
        code, index = any_line(draft, rng, code)
        named = add(draft, code, index, "THANH_TIEN_BV", dong(rng))
        shares(draft, code, index)
        return named

    @fault(f"line-amount-{kind}", *PLAIN, doubt=True)
    def nearly(draft: Draft, rng: random.Random, code: str = code) -> str:
        code, index = any_line(draft, rng, code)
        named = add(draft, code, index, "THANH_TIEN_BV", rng.choice(("0.50", "0.75", "0.99")))
        shares(draft, code, index)
        return named

    @neighbour(f"line-amount-{kind}", *PLAIN)
    def rounding(draft: Draft, rng: random.Random, code: str = code) -> None:
        code, index = any_line(draft, rng, code)
        add(draft, code, index, "THANH_TIEN_BV", rng.choice(("0.49", "0.30")))
        shares(draft, code, index)

    @fault(f"line-insured-{kind}", *PLAIN)
    def insured(draft: Draft, rng: random.Random, code: str = code) -> str:
        code, index = any_line(draft, rng, code)
        named = add(draft, code, index, "THANH_TIEN_BH", rng.choice(("-1.00", "-500", "-12.25")))
        follow(draft, code, index)
        return named

    @neighbour(f"line-insured-{kind}", "uninsured")
    def written_inside(draft: Draft, rng: random.Random, code: str = code) -> None:
        row = draft.tables[code][0]
        row["THANH_TIEN_BH"] = row["THANH_TIEN_BV"]
        draft.total()


@fault("line-other-sources", *PLAIN)
def other_sources(draft: Draft, rng: random.Random) -> str:
    code, index = any_line(draft, rng)
    row = draft.tables[code][index]
    given = rng.choice(("2", "500", "1000.50"))
    row.update(T_NGUONKHAC=given)
    taken = "T_BNTT" if number(row["T_BNTT"]) >= number(given) else "T_BNCCT"
    row.update({taken: money(number(row[taken]) - number(given))})
    draft.total()
    return f"{code}[{index + 1}].T_NGUONKHAC"


@neighbour("line-other-sources", "other_sources")
def of_several(draft: Draft, rng: random.Random) -> None:
    row = draft.tables["XML2"][0]
    row.update(dict(zip(SOURCES, ("5000", "6000", "7000", "2000"), strict=True)))
    draft.settle()


@fault("line-fund", *PLAIN)
def fund(draft: Draft, rng: random.Random) -> str:
    code, index = any_line(draft, rng)
    named = add(draft, code, index, "T_BHTT", rng.choice(("-1.00", "1", "250.25")))
    shares(draft, code, index)
    return named


@fault("line-fund-limit", "other_sources", "with_ceiling")
def above(draft: Draft, rng: random.Random) -> str:
    code = "XML2" if draft.tables["XML2"][0]["T_NGUONKHAC"] not in ("0", "0.00") else "XML3"
    index = 0 if code == "XML2" else draft.line("XML3", MA_NHOM="10")
    row = draft.tables[code][index]
    most = (number(row["THANH_TIEN_BH"]) * number(row["MUC_HUONG"]) / 100) - number(row["T_BHTT"])
    if code == "XML3":
        row["T_TRANTT"] = "900000"
    more = most + number(rng.choice(("1", "33.5")))
    row["T_BNCCT"] = money(number(row["T_BNCCT"]) - more)
    named = add(draft, code, index, "T_BHTT", str(more))
    draft.total()
    return named


@fault("line-copayment", *PLAIN)
def copayment(draft: Draft, rng: random.Random) -> str:
    code, index = any_line(draft, rng)
    named = add(draft, code, index, "T_BNCCT", dong(rng))
    draft.total()
    return named


@fault("line-patient", *PLAIN)
def patient(draft: Draft, rng: random.Random) -> str:
    code, index = any_line(draft, rng)
    named = add(draft, code, index, "T_BNTT", rng.choice(("1", "99.5", "1200")))
    draft.total()
    return named


@fault("line-paid-in-full", "other_sources")
def nobody_pays(draft: Draft, rng: random.Random) -> str:
    named = add(draft, "XML2", 0, "T_BNTT", rng.choice(("1", "-1", "300")))
    draft.total()
    return named


@fault("line-paid-in-full", "uninsured")
def nobody_pays_outside(draft: Draft, rng: random.Random) -> str:
    code = rng.choice(("XML2", "XML3"))
    named = add(draft, code, 0, "T_BNTT", rng.choice(("1", "-1", "-300")))
    draft.total()
    return named


@fault("line-outside-scope", "visit", "stay")
def outside(draft: Draft, rng: random.Random) -> str:
    code, index = any_line(draft, rng)
    draft.tables[code][index]["PHAM_VI"] = "2"
    return f"{code}[{index + 1}].T_BHTT"


@fault("line-drug-payer", "visit", "stay")
def of_a_project(draft: Draft, rng: random.Random) -> str:
    draft.tables["XML2"][0]["NGUON_CTRA"] = rng.choice("234")
    return "XML2[1].T_BHTT"


@fault("line-supply-ceiling", "with_ceiling")
def over_the_ceiling(draft: Draft, rng: random.Random) -> str:
    index = draft.line("XML3", MA_NHOM="10")
    row = draft.tables["XML3"][index]
    row["T_TRANTT"] = money(number(row["T_BHTT"]) - number(rng.choice(("1", "1000"))))
    return f"XML3[{index + 1}].T_BHTT"


@fault("line-stopped-price", "visit", "stay")
def stopped(draft: Draft, rng: random.Random) -> str:
    index = draft.line("XML3", MA_NHOM=rng.choice(("1", "13")) if "XML5" not in draft.tables else "13")
    draft.tables["XML3"][index]["MA_DICH_VU"] += "_TB"
    return f"XML3[{index + 1}].DON_GIA_BV"


@neighbour("line-stopped-price", "visit")
def stopped_and_free(draft: Draft, rng: random.Random) -> None:
    row = draft.tables["XML3"][0]
    row.update(MA_DICH_VU=row["MA_DICH_VU"] + "_TB", DON_GIA_BV="0", DON_GIA_BH="0")
    draft.settle()


@fault("amount-negative", *PLAIN)
def negative(draft: Draft, rng: random.Random) -> str:
    names = {
        "XML1": ("T_VTYT", "T_BNTT", "T_BHTT", "T_TONGCHI_BH"),
        "XML2": ("SO_LUONG", "DON_GIA", "T_BNTT", "T_NGUONKHAC_CL", "MUC_HUONG"),
        "XML3": ("SO_LUONG", "DON_GIA_BH", "T_BHTT", "TYLE_TT_DV", "T_TRANTT"),
    }
    code = rng.choice(tuple(names))
    return put(draft, code, 0, rng.choice(names[code]), rng.choice(("-1", "-100")))


@fault("quantity-zero", "visit", "stay")
def none_of_it(draft: Draft, rng: random.Random) -> str:
    code = rng.choice(("XML2", "XML3"))
    named = put(draft, code, 0, "SO_LUONG", rng.choice(("0", "0.000")))
    resettle(draft, code, 0)
    return named


for rule, name, tables in (
    ("ratio-insurance", "TYLE_TT_BH", ("XML2", "XML3")),
    ("ratio-service", "TYLE_TT_DV", ("XML3",)),
    ("ratio-benefit", "MUC_HUONG", ("XML2", "XML3")),
):

    @fault(rule, *PLAIN)
    def ratio(draft: Draft, rng: random.Random, name: str = name, tables: tuple[str, ...] = tables) -> str:
        return put(draft, rng.choice(tables), 0, name, rng.choice(("101", "110", "999")))

    @neighbour(rule, "exempt", "station")
    def whole(draft: Draft, rng: random.Random) -> None:
        assert draft.tables["XML3"][0]["MUC_HUONG"] == "100"


for rule, name in (
    ("total-drugs", "T_THUOC"),
    ("total-supplies", "T_VTYT"),
    ("total-hospital", "T_TONGCHI_BV"),
    ("total-insured", "T_TONGCHI_BH"),
    ("total-patient", "T_BNTT"),
    ("total-copayment", "T_BNCCT"),
    ("total-fund", "T_BHTT"),
    ("total-other-sources", "T_NGUONKHAC"),
    ("total-fee-for-service", "T_BHTT_GDV"),
):

    @fault(rule, *PLAIN)
    def total(draft: Draft, rng: random.Random, name: str = name) -> str:
        return add(draft, "XML1", 0, name, rng.choice(("1", "2.5", "50000")))

    @neighbour(rule, *PLAIN)
    def rounded(draft: Draft, rng: random.Random, name: str = name) -> None:
        add(draft, "XML1", 0, name, "0.30")


@neighbour("total-fee-for-service", "army")
def counted_otherwise(draft: Draft, rng: random.Random) -> None:
    assert draft.main["T_BHTT_GDV"] == "0"


@fault("total-hospital", "for_the_health_book")
def without_lines(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML1", 0, "T_TONGCHI_BV", "1000")


# With all lines right only a part above a ceiling can stand beside both columns: both rules speak.
for rule, named_at in (("total-insured-split", "T_BHTT"), ("total-hospital-split", "T_TONGCHI_BV")):

    @fault(rule, "with_ceiling", also=("total-insured-split", "total-hospital-split"))
    def split(draft: Draft, rng: random.Random, named_at: str = named_at) -> str:
        index = draft.line("XML3", MA_NHOM="10")
        apart = rng.choice(("1", "5000", "120000.5"))
        add(draft, "XML3", index, "T_BNCCT", "-" + apart)
        add(draft, "XML3", index, "T_BNTT", apart)
        draft.total()
        return f"XML1.{named_at}"


@fault("total-split-other-sources", "other_sources")
def inside_the_scope(draft: Draft, rng: random.Random) -> str:
    apart = rng.choice(("1", "3000"))
    add(draft, "XML2", 0, "T_BNCCT", "-" + apart)
    add(draft, "XML2", 0, "T_BNTT", apart)
    draft.total()
    return "XML1.T_NGUONKHAC"


def rate(draft: Draft, rng: random.Random, value: str, code: str = "") -> str:
    code, index = any_line(draft, rng, code)
    named = put(draft, code, index, "MUC_HUONG", value)
    resettle(draft, code, index)
    return named


@fault("rate-small-visit", "small_visit")
def small(draft: Draft, rng: random.Random) -> str:
    return rate(draft, rng, rng.choice(("80", "95")))


@fault("rate-above-card", "visit", "stay")
def above_the_card(draft: Draft, rng: random.Random) -> str:
    return rate(draft, rng, rng.choice(("81", "95", "100")))


@neighbour("rate-above-card", "ten_digits")
def unknown_card(draft: Draft, rng: random.Random) -> None:
    rate(draft, rng, "100")


@fault("rate-after-exemption", "exempt")
def still_shared(draft: Draft, rng: random.Random) -> str:
    return rate(draft, rng, "80")


@neighbour("rate-after-exemption", "visit")
def not_yet_exempt(draft: Draft, rng: random.Random) -> None:
    draft.main["NGAY_MIEN_CCT"] = "20261201"


@fault("rate-commune-station", "station")
def not_in_full(draft: Draft, rng: random.Random) -> str:
    return rate(draft, rng, rng.choice(("80", "95", "99")))


@fault("rate-half", "half_paid")
def more_than_half(draft: Draft, rng: random.Random) -> str:
    return rate(draft, rng, rng.choice(("51", "60", "80")))


@fault("rate-central", "central")
def more_than_two_fifths(draft: Draft, rng: random.Random) -> str:
    return rate(draft, rng, rng.choice(("41", "80")))


cell_neighbour("amount-negative", "visit", "XML1", "T_VTYT", "0", "0.00")
cell_neighbour("quantity-zero", "visit", "XML3", "SO_LUONG", "1")
