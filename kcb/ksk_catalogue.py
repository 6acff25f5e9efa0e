"""
What a health check (khám sức khỏe) may hold: `ksk_fields.json` and `ksk_rules.json` as frozen values.

The modules of QĐ 2062/QĐ-BYT and the forms of QĐ 1551/QĐ-BYT are known from one implementation, so what
breaks them is doubted; only *critical* fields refuse (docs/adr/0067).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from .once import once
from .rule_catalogue import RULES, Rule
from .tables import code_lists

HERE = Path(__file__).parent

# Of its 17 forms (mẫu) QĐ 1551 numbers each; how a form is called in LOAIHOSO is not known: `MAU2` is ours.
FORM_PREFIX: Final = "MAU"
FORMS: Final = range(1, 18)

# The element of repeated results, in XML11 and within a form.
ITEM: Final = "CHI_TIET_CLS"

DOCTOR_SIGNATURE, FACILITY_SIGNATURE = "CKS_NGUOI_KET_LUAN", "CKS_BENH_VIEN"


@dataclass(frozen=True, slots=True)
class KskList:
    """A list of codes with their Vietnamese names.  *leading_zero*: `05` is `5`."""

    name: str
    values: Mapping[str, str]
    leading_zero: bool

    def code_of(self, value: str) -> str:
        """Return *value* as the list writes it."""
        return value.lstrip("0") or "0" if self.leading_zero else value


@dataclass(frozen=True, slots=True, eq=False)
class KskField:
    """
    One field (chỉ tiêu).

    *kind* is `string`, `number` (digits only), `decimal`, `date` or `datetime`; *shape* a further form;
    *limits* the values that are usual; *part* where it goes in a summary: `measurement`, `examination`,
    `signature`, or nowhere; *restricted* the class of health data that it tells of, else empty.
    """

    name: str
    kind: str
    soft: int | None
    hard: int | None
    codes: KskList | None
    shape: str
    critical: bool
    women: bool
    limits: tuple[float, float] | None
    part: str
    vi: str
    unit: str
    class_field: str
    restricted: str


@dataclass(frozen=True, slots=True, eq=False)
class KskModule:
    """
    One module of QĐ 2062 (`XML8`), or a form of QĐ 1551 (`MAU2`).

    *root* is empty where it is not known; *open* when its fields are not: unknown elements are no doubt.
    """

    code: str
    root: str
    presence: str
    open: bool
    item: str
    fields: Mapping[str, KskField]


@dataclass(frozen=True, slots=True)
class KskCatalogue:
    """All of it.  *homes* says in which module a field stands first; *form_ages* the ages of a form."""

    modules: Mapping[str, KskModule]
    forms: Mapping[str, KskModule]
    form_ages: Mapping[str, tuple[int, int]]
    item_fields: Mapping[str, KskField]
    fields: Mapping[str, KskField]
    homes: Mapping[str, str]
    at_conclusion: tuple[str, ...]
    of_adults: tuple[str, ...]
    expected_when: tuple[tuple[str, str, str], ...]

    def module(self, code: str) -> KskModule | None:
        return self.modules.get(code) or self.forms.get(code)


def load_rules() -> Mapping[str, Rule]:
    """Return the rules of health checks, and those that they share with dossiers."""
    entries = json.loads((HERE / "ksk_rules.json").read_text(encoding="utf8"))
    return MappingProxyType({**RULES, **{entry["name"]: _rule(entry) for entry in entries}})


def _rule(entry: Mapping[str, Any]) -> Rule:
    """Return a rule of health checks: their fields are known from QĐ 2062 and one implementation of it."""
    return Rule(ring="field", sure="S", tables=(), path="", source="QĐ 2062/QĐ-BYT, QĐ 1551/QĐ-BYT", **entry)


KSK_RULES = load_rules()


@once
def ksk_catalogue() -> KskCatalogue:
    raw = json.loads((HERE / "ksk_fields.json").read_text(encoding="utf8"))
    lists = {name: _list(name, entry) for name, entry in raw["lists"].items()}
    fields = {name: _field(name, entry, lists) for name, entry in raw["fields"].items()}
    modules = {entry["code"]: _module(entry, fields) for entry in raw["modules"]}
    homes: dict[str, str] = {}
    for code, module in modules.items():
        for name in module.fields:
            homes.setdefault(name, code)
    return KskCatalogue(
        modules=modules,
        forms=_forms(raw["forms"], fields),
        form_ages={
            f"{FORM_PREFIX}{entry['form']}": (entry["from_age"], entry["to_age"]) for entry in raw["forms"]
        },
        item_fields={name: _field(name, entry, lists) for name, entry in raw["item_fields"].items()},
        fields=fields,
        homes=homes,
        at_conclusion=tuple(raw["required_at_conclusion"]),
        of_adults=tuple(raw["required_adult"]),
        expected_when=tuple((field, value, other) for field, value, other in raw["expected_when"]),
    )


def _list(name: str, entry: Mapping[str, Any]) -> KskList:
    return KskList(name, MappingProxyType(entry["values"]), entry.get("leading_zero", False))


def _field(name: str, entry: Mapping[str, Any], lists: Mapping[str, KskList]) -> KskField:
    codes, limits = entry.get("codes", ""), entry.get("range")
    return KskField(
        name=name,
        kind=entry["type"],
        soft=entry.get("soft_length", entry["max_length"]),
        hard=entry["max_length"],
        codes=(lists.get(codes) or _shared_list(codes)) if codes else None,
        shape=entry.get("shape", ""),
        critical=entry.get("critical", False),
        women=entry.get("women", False),
        limits=(limits[0], limits[1]) if limits else None,
        part=entry.get("part", ""),
        vi=entry.get("vi", ""),
        unit=entry.get("unit", ""),
        class_field=entry.get("class_field", ""),
        restricted=entry.get("restricted", ""),
    )


def _shared_list(name: str) -> KskList:
    """Return a list that the tables of care have too."""
    return KskList(name, MappingProxyType(dict.fromkeys(code_lists()[name].values, "")), leading_zero=False)


def _module(entry: Mapping[str, Any], fields: Mapping[str, KskField]) -> KskModule:
    return KskModule(
        code=entry["code"],
        root=entry["root"],
        presence=entry["presence"],
        open=entry["open"],
        item=entry.get("item", ""),
        fields={name: fields[name] for name in entry["fields"]},
    )


def _forms(raw: list[Mapping[str, Any]], fields: Mapping[str, KskField]) -> dict[str, KskModule]:
    """Return the forms; one whose fields are not known has those of all others, and is open."""
    known = {f"{FORM_PREFIX}{entry['form']}": entry["fields"] for entry in raw}
    together = list(dict.fromkeys(name for names in known.values() for name in names))
    codes = [f"{FORM_PREFIX}{number}" for number in FORMS]
    return {
        code: KskModule(
            code=code,
            root="",
            presence="optional",
            open=code not in known,
            item=ITEM,
            fields={name: fields[name] for name in known.get(code, together)},
        )
        for code in codes
    }
