"""
Faults that take more than one value to see: what a case requires, keys, orders, cards, the envelope.
"""

from collections.abc import Iterator

from .records_corpus import Draft, Fault, Key, base, path_of

KEY = ("", 0, "")

# A case: what makes it, then the fields that must not be empty in it (tables.json, required_when).
CASES: tuple[tuple[str, dict[Key, str], tuple[Key, ...]], ...] = (
    (
        "insured",
        {},
        (
            ("XML1", 1, "MA_THE_BHYT"),
            ("XML1", 1, "MA_DKBD"),
            ("XML1", 1, "GT_THE_TU"),
            ("XML1", 1, "GT_THE_DEN"),
            ("XML13", 1, "MA_THE_BHYT"),
            ("XML13", 1, "GT_THE_DEN"),
            ("XML14", 1, "MA_THE_BHYT"),
            ("XML14", 1, "GT_THE_DEN"),
        ),
    ),
    ("transferred", {}, (("XML1", 1, "MA_NOI_DEN"),)),
    ("to come again", {}, (("XML1", 1, "NGAY_TAI_KHAM"),)),
    ("bought by tender", {}, (("XML2", 1, "TT_THAU"),)),
    (
        "services",
        {},
        (
            ("XML3", 1, "MA_DICH_VU"),
            ("XML3", 1, "TEN_DICH_VU"),
            ("XML3", 2, "NGUOI_THUC_HIEN"),
            ("XML3", 2, "NGAY_TH_YL"),
        ),
    ),
    ("result", {}, (("XML4", 1, "NGAY_KQ"),)),
)

CARD = ("MA_THE_BHYT", "MA_DKBD", "GT_THE_TU", "GT_THE_DEN")


def case_of(settings: dict[Key, str], emptied: tuple[Key, ...]) -> Draft:
    """Return a good dossier of a case."""
    present = base().tables
    draft = base(*{key[0] for key in (*settings, *emptied) if key[0] not in present})
    for key, value in settings.items():
        draft.set(key, value)
    return draft


def emptied_faults(keys: tuple[Key, ...], draft: Draft, needs: frozenset[Key] = frozenset()) -> list[Fault]:
    """Give a fault for each field of a case that may not be empty."""
    return [
        Fault(
            path_of(draft.shapes[key[0]], key),
            "case",
            frozenset({"required-when", "receiving-facility", "category-no-card"}),
            key,
            lambda one, key=key: one.set(key, ""),
            needs,
        )
        for key in keys
    ]


def put(path: str, rule: str, key: Key, value: str, *needs: Key) -> Fault:
    return Fault(path, "together", frozenset({rule}), key, lambda one: one.set(key, value), frozenset(needs))


def together_faults() -> Iterator[Fault]:
    """Give the faults of the sample that only another field shows."""
    for number, (code, row) in enumerate([("XML1", 1), ("XML2", 1), ("XML3", 2), ("XML4", 1), ("XML14", 1)]):
        here = f"{code}[{row}]" if code in ("XML2", "XML3", "XML4") else code
        yield put(f"{here}.MA_LK", "one-key", (code, row, "MA_LK"), f"OTHER{number}")
    for code in ("XML1", "XML13", "XML14"):
        yield put(f"{code}.MA_CSKCB", "one-facility", (code, 1, "MA_CSKCB"), "79999")
    main = [
        ("XML1", 1, name) for name in ("NGAY_VAO", "NGAY_RA", "GT_THE_TU", "GT_THE_DEN", "MA_DOITUONG_KCB")
    ]
    yield put("XML1.NGAY_RA", "discharge-before-arrival", main[1], "202611190800", *main)
    yield put("XML1.GT_THE_DEN", "card-ended", main[3], "20261119", main[0], main[2], main[4])
    yield put("XML1.GT_THE_TU", "card-not-begun", main[2], "20261121", main[0], main[1], main[3], main[4])
    for code in ("XML13", "XML14"):
        key, begin = (code, 1, "NGAY_RA"), (code, 1, "NGAY_VAO")
        yield put(f"{code}.NGAY_RA", "repeats-stay", key, "202511190800", begin)
    for index, (_, settings, emptied) in enumerate(CASES):
        if not settings and index < 12:
            deciders = frozenset(
                ("XML3", key[1], "MA_NHOM") if key[0] == "XML3" else ("XML1", 1, "MA_LOAI_RV")
                for key in emptied
            ) | {("XML2", 1, "MA_NHOM"), ("XML4", 1, "GIA_TRI"), main[4], ("XML3", 1, "MA_VAT_TU")}
            siblings = {("XML3", 1, "TEN_VAT_TU")} | {("XML1", 1, name) for name in CARD}
            for fault in emptied_faults(emptied, base()):
                yield Fault(
                    fault.path,
                    fault.kind,
                    fault.rules,
                    fault.key,
                    fault.plant,
                    deciders | siblings - {fault.key},
                )


def envelope_faults() -> Iterator[Fault]:
    """Give the faults of the envelope."""
    facility, info = "GIAMDINHHS.THONGTINDONVI.MACSKCB", "GIAMDINHHS.THONGTINHOSO"
    for name, path, rule, xml in (
        ("facility", facility, "required", "<MACSKCB/>"),
        ("facility", facility, "facility-code", "<MACSKCB>1999</MACSKCB>"),
        ("facility", facility, "facility-code", "<MACSKCB>０１９９９</MACSKCB>"),
        ("facility", facility, "one-facility", "<MACSKCB>01998</MACSKCB>"),
        ("facility", facility, "element-missing", ""),
        ("facility", facility, "element-twice", "<MACSKCB>01999</MACSKCB><MACSKCB>79999</MACSKCB>"),
        ("facility", facility, "element-nested", "<MACSKCB>01999<B>7</B></MACSKCB>"),
        ("date", f"{info}.NGAYLAP", "date-format", "<NGAYLAP>20261131</NGAYLAP>"),
        ("date", f"{info}.NGAYLAP", "element-missing", ""),
        ("count", f"{info}.SOLUONGHOSO", "file-count", "<SOLUONGHOSO>2</SOLUONGHOSO>"),
        ("count", f"{info}.SOLUONGHOSO", "number-format", "<SOLUONGHOSO>-1</SOLUONGHOSO>"),
        ("count", f"{info}.SOLUONGHOSO", "number-format", "<SOLUONGHOSO>١</SOLUONGHOSO>"),
        ("count", f"{info}.SOLUONGHOSO", "element-missing", ""),
        ("count", f"{info}.SOLUONGHOSO", "element-twice", "<SOLUONGHOSO>1</SOLUONGHOSO>" * 2),
    ):
        needs = frozenset({("XML1", 1, "MA_CSKCB"), ("XML13", 1, "MA_CSKCB"), ("XML14", 1, "MA_CSKCB")})
        yield Fault(
            path,
            "envelope",
            frozenset({rule}),
            (name, 0, ""),
            lambda draft, name=name, xml=xml: setattr(draft, name, xml),
            needs if name == "facility" else frozenset(),
        )
