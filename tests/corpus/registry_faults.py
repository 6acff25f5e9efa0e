"""Faults that a list, a directory, a slip or another dossier shows."""

import random
from collections.abc import Callable
from dataclasses import replace

from kcb.registers import Ages, BedUse, KnownCard, KnownSlip, Listed, Listing, Registers

from .drafts import Draft
from .parts import OTHER, THIRD, at, day_after
from .planting import REGISTRY_FAULTS, RegistryFault, path, put

Plant = Callable[[Draft, random.Random, Registers], tuple[str, Registers]]

NO_FLAGS: frozenset[int] = frozenset()


def registry_fault(rule: str, *shapes: str) -> Callable[[Plant], Plant]:
    """Say that a function plants a fault of *rule*; it is given registers in which the dossier is right."""

    def register(plant: Plant) -> Plant:
        REGISTRY_FAULTS.append(RegistryFault(rule, shapes, registers_of, plant))
        return plant

    return register


def codes_of(draft: Draft) -> set[str]:
    """Return the diagnoses of a dossier."""
    names = ("MA_BENH_CHINH", "MA_BENH_KT", "MA_BENH")
    rows = [row for code in ("XML1", "XML3", "XML13", "XML14") for row in draft.rows(code)]
    return {code for row in rows for name in names for code in row.get(name, "").split(";") if code}


def listing(draft: Draft, code: str, field: str, *values: str) -> Listing:
    """Return a list that has what the rows of a table say."""
    rows = [row for row in draft.rows(code) if row[field]]
    return Listing(Listed(row[field], {name: row[name] for name in values}, "20260101") for row in rows)


def registers_of(draft: Draft) -> Registers:
    staff = {
        row[name] for rows in draft.tables.values() for row in rows for name in STAFF_FIELDS if row.get(name)
    }
    departments = {row["MA_KHOA"] for rows in draft.tables.values() for row in rows if row.get("MA_KHOA")}
    machines = {row["MA_MAY"] for row in draft.rows("XML3") if row["MA_MAY"]}
    tests = frozenset(row["MA_DICH_VU"] for row in draft.rows("XML3") if row["MA_MAY"])
    return Registers(
        icd10=(("20200101", {"Z99": NO_FLAGS}), ("20260701", dict.fromkeys(codes_of(draft), NO_FLAGS))),
        annex_1={"C00": Ages()},
        annex_2={"D00": Ages()},
        departments=Listing(map(Listed, departments)),
        staff=Listing(map(Listed, staff)),
        machines=Listing(map(Listed, machines)),
        drugs=listing(
            draft, "XML2", "MA_THUOC", "TEN_THUOC", "SO_DANG_KY", "HAM_LUONG", "TT_THAU", "DON_GIA"
        ),
        supplies=listing(draft, "XML3", "MA_VAT_TU", "TEN_VAT_TU", "TT_THAU", "DON_GIA_BH"),
        services=listing(draft, "XML3", "MA_DICH_VU", "TEN_DICH_VU", "DON_GIA_BH"),
        services_with_machine=tests,
        facilities=frozenset({"01999", OTHER, THIRD}),
        cards=[KnownCard(card[-10:]) for card in draft.main["MA_THE_BHYT"].split(";")],
        slips={draft.main["GIAY_CHUYEN_TUYEN"]: KnownSlip(day_after(draft.main["NGAY_VAO"], 0))},
    )


STAFF_FIELDS = ("MA_TTDV", "MA_BAC_SI", "NGUOI_THUC_HIEN", "MA_BS_DOC_KQ", "MA_BS")


def changed(registers: Registers, **changes: object) -> Registers:
    return replace(registers, **changes)  # type: ignore[arg-type]


def flagged(draft: Draft, registers: Registers, flag: int) -> Registers:
    """Return the registers with that flag at the main diagnosis."""
    (older, (first, codes)) = registers.icd10
    codes = {**codes, draft.main["MA_BENH_CHINH"]: frozenset({flag})}
    return changed(registers, icd10=(older, (first, codes)))


@registry_fault("icd-known", "visit", "stay")
def unknown_code(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    return put(draft, "XML1", 0, "MA_BENH_KT", "Z98.7"), registers


FLAGS = {"icd-not-main": 24, "icd-main-discouraged": 25, "icd-too-coarse": 26, "icd-death-only": 27}
for rule, flag in FLAGS.items():

    @registry_fault(rule, "for_the_health_book")
    def flag_of_main(
        draft: Draft, rng: random.Random, registers: Registers, flag: int = flag
    ) -> tuple[str, Registers]:
        return "XML1.MA_BENH_CHINH", flagged(draft, registers, flag)


@registry_fault("icd-sex", "for_the_health_book")
def of_the_other_sex(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    return "XML1.MA_BENH_CHINH", flagged(draft, registers, 28 if draft.main["GIOI_TINH"] == "1" else 29)


@registry_fault("category-annex", "visit", "stay")
def not_in_the_annex(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    draft.main.update(MA_DOITUONG_KCB=rng.choice(("1.16", "1.17")), MA_DKBD=OTHER)
    return "XML1.MA_BENH_CHINH", registers


@registry_fault("category-annex-first", "half_paid", "central")
def in_the_annex(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    annex = {draft.main["MA_BENH_CHINH"].partition(".")[0]: Ages()}
    return "XML1.MA_DOITUONG_KCB", changed(registers, annex_1=annex, annex_2=annex)


@registry_fault("bed-overlap", "stay", "day_patient")
def two_in_a_bed(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    index = draft.line("XML3", MA_NHOM="15")
    row = draft.tables["XML3"][index]
    row["NGAY_KQ"] = at(row["NGAY_TH_YL"], 600)
    use = BedUse(at(row["NGAY_TH_YL"], 300), at(row["NGAY_TH_YL"], 900))
    return path("XML3", index, "MA_GIUONG"), changed(registers, beds={(row["MA_KHOA"], "H001"): (use,)})


@registry_fault("machine-missing", "visit", "stay")
def without_machine(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    index = next(index for index, row in enumerate(draft.tables["XML3"]) if row["MA_MAY"])
    return put(draft, "XML3", index, "MA_MAY", ""), registers


@registry_fault("list-drug", "visit", "stay")
def unlisted_drug(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    name = rng.choice(("MA_THUOC", "SO_DANG_KY", "HAM_LUONG"))
    put(draft, "XML2", 0, name, "40.999X")
    return "XML2[1].MA_THUOC", registers


@registry_fault("list-supply", "stay", "day_patient")
def unlisted_supply(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    return put(draft, "XML3", draft.line("XML3", MA_NHOM="10"), "MA_VAT_TU", "N99.99.999"), registers


@registry_fault("list-service", "visit", "stay")
def unlisted_service(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    return put(draft, "XML3", draft.line("XML3", MA_NHOM="13"), "MA_DICH_VU", "02.9999"), registers


@registry_fault("list-price", "visit", "stay")
def dearer(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    if rng.random() < 0.5:
        put(draft, "XML2", 0, "DON_GIA", "99000.000")
        draft.settle()
        return "XML2[1].DON_GIA", registers
    put(draft, "XML3", 0, "DON_GIA_BH", "42101.000")
    put(draft, "XML3", 0, "DON_GIA_BV", "42101.000")
    draft.settle()
    return "XML3[1].DON_GIA_BH", registers


@registry_fault("list-name", "visit", "stay")
def another_name(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    if rng.random() < 0.5:
        return put(draft, "XML2", 0, "TEN_THUOC", "Thuốc khác"), registers
    return put(draft, "XML3", 0, "TEN_DICH_VU", "Dịch vụ khác"), registers


@registry_fault("list-staff", "visit", "stay", "transfer")
def nobody_of_ours(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    fields = {"XML1": "MA_TTDV", "XML2": "MA_BAC_SI", "XML3": "MA_BAC_SI", "XML4": "MA_BS_DOC_KQ"}
    code, name = rng.choice(list(fields.items()))
    return put(draft, code, 0, name, "999999/HNO-GPHN"), registers


@registry_fault("list-place", "visit", "stay")
def nowhere_of_ours(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    if rng.random() < 0.5:
        return put(draft, "XML1", 0, "MA_KHOA", "K99"), registers
    index = next(index for index, row in enumerate(draft.tables["XML3"]) if row["MA_MAY"])
    return put(draft, "XML3", index, "MA_MAY", "CLS.1.01999.KHAC"), registers


@registry_fault("facility-known", "transfer", "referred", "visit")
def unknown_facility(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    name = "MA_NOI_DI" if draft.main["MA_NOI_DI"] else "MA_DKBD"
    known = {"48000", draft.main["MA_NOI_DEN"]} | ({draft.main["MA_DKBD"]} if name == "MA_NOI_DI" else set())
    if name == "MA_NOI_DI":
        draft.main["MA_NOI_DI"] = THIRD
    return f"XML1.{name}", changed(registers, facilities=frozenset(known))


@registry_fault("referral-slip-expired", "referred")
def old_slip(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    slip = KnownSlip(day_after(draft.main["NGAY_VAO"], rng.choice((-1, -30))))
    return "XML1.GIAY_CHUYEN_TUYEN", changed(registers, slips={draft.main["GIAY_CHUYEN_TUYEN"]: slip})


@registry_fault("appointment-slip-used", "appointed")
def used_slip(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    slip = KnownSlip(day_after(draft.main["NGAY_VAO"], 30), used=True)
    return "XML1.GIAY_CHUYEN_TUYEN", changed(registers, slips={draft.main["GIAY_CHUYEN_TUYEN"]: slip})


@registry_fault("referral-slip-used", "referred")
def used_referral(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    slip = KnownSlip(day_after(draft.main["NGAY_VAO"], 5), used=True)
    return "XML1.GIAY_CHUYEN_TUYEN", changed(registers, slips={draft.main["GIAY_CHUYEN_TUYEN"]: slip})


@registry_fault("brought-slip-known", "referred", "appointed")
def unknown_slip(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    return put(draft, "XML1", 0, "GIAY_CHUYEN_TUYEN", "99/9999"), registers


@registry_fault("brought-slip-ended", "referred", "appointed")
def ended_slip(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    slip = KnownSlip(day_after(draft.main["NGAY_VAO"], 5), ended=True)
    return "XML1.GIAY_CHUYEN_TUYEN", changed(registers, slips={draft.main["GIAY_CHUYEN_TUYEN"]: slip})


@registry_fault("card-known", "visit", "stay", "transfer")
def card_of_nobody(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    others = [KnownCard("GD4010000000009")] if rng.random() < 0.5 else []
    return "XML1.MA_THE_BHYT", changed(registers, cards=others)


@registry_fault("card-in-force", "visit", "stay", "transfer")
def card_out_of_force(draft: Draft, rng: random.Random, registers: Registers) -> tuple[str, Registers]:
    number, arrival, left = (draft.main[name] for name in ("MA_THE_BHYT", "NGAY_VAO", "NGAY_RA"))
    card = rng.choice(
        (
            KnownCard(number, last=day_after(arrival, -1)),
            KnownCard(number, first=day_after(left, 1)),
            KnownCard(number, usable=False),
        )
    )
    return "XML1.MA_THE_BHYT", changed(registers, cards=[card])
