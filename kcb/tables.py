"""
The tables: `tables.json` (16 tables, 479 fields) and the code lists of `codes.json` as frozen values.

Where sources disagree on a length, or only an implementation reports it, a field
has two limits: beyond `soft` somebody should look, beyond `hard` it cannot be right.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .once import once

HERE = Path(__file__).parent

# "n" in the decisions means no limit; the portal cuts or rejects many of these above this.
PORTAL_MAX_TEXT = 4000

_AMOUNT = re.compile(r"T_|THANH_TIEN|DON_GIA|SO_LUONG|TYLE_TT_|MUC_HUONG")
_LENGTH_CHANGE = re.compile(r"max length (?:\d+|unlimited) -> (\d+|unlimited)")


@dataclass(frozen=True, slots=True)
class CodeList:
    """A closed list of codes.  *doubtful* codes are accepted and doubted; an *open* list refuses nothing."""

    name: str
    values: frozenset[str]
    doubtful: frozenset[str]
    open: bool


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field (chỉ tiêu) of a table; *number* counts from 1 and is also the order in XML.

    *if_missing* `warn`: where *when* holds and the value is empty, that is a doubt and no refusal.
    """

    number: int
    name: str
    kind: str
    required: str
    when: str
    if_missing: str
    soft: int | None
    hard: int | None
    decimals: int | None
    codes: CodeList | None
    external: str
    separator: str
    format: str

    @property
    def amount(self) -> bool:
        """Whether the field is a quantity, a price, a ratio or an amount, which are never negative."""
        return _AMOUNT.match(self.name) is not None


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One table (bảng) as it travels: its root, and for list tables the list and item elements."""

    code: str
    root: str
    list: str
    item: str
    fields: tuple[Field, ...]
    names: tuple[str, ...]

    @property
    def single(self) -> bool:
        return not self.item

    def row_path(self, number: int) -> str:
        """Return the path of a row: `XML3[2]`, or `XML1` for a table of one row."""
        return self.code if self.single else f"{self.code}[{number}]"


def lengths(raw: Mapping[str, object]) -> tuple[int | None, int | None]:
    """Return the soft and the hard limit of a field in characters; None is no limit."""
    if "max_length_1931" in raw:  # it only takes more characters than before: what was right still is
        return int(str(raw["max_length_1931"])), int(str(raw["max_length_1931"]))
    sources = [raw[key] for key in ("max_length", "max_length_3176", "portal_max_length") if key in raw]
    limits = [value if isinstance(value, int) else None for value in [*sources, *changed_lengths(raw)]]
    if widened(raw):
        limits.remove(limits[0])
    known = [value for value in limits if value is not None]
    soft = min(known) if known else PORTAL_MAX_TEXT
    return soft, None if None in limits else max(known)


def widened(raw: Mapping[str, object]) -> bool:
    """Whether QĐ 3176 raised the length and two sources say so: then the older length is past."""
    older, newer = raw["max_length"], raw.get("max_length_3176", 0)
    if not isinstance(older, int) or (newer is not None and int(str(newer)) <= older):
        return False
    changes = raw.get("changes", [])
    assert isinstance(changes, list)
    lengths_changed = [c for c in changes if c["decision"] == "3176" and c["change"].startswith("max length")]
    return any("confirmed_by" in change and "unconfirmed" not in change for change in lengths_changed)


def changed_lengths(raw: Mapping[str, object]) -> Iterator[int | None]:
    changes = raw.get("changes", [])
    assert isinstance(changes, list)
    for change in changes:
        match = _LENGTH_CHANGE.fullmatch(change["change"].partition(" (")[0])
        if match and change["decision"] != "4750":
            yield None if match[1] == "unlimited" else int(match[1])


def text(raw: Mapping[str, object], key: str) -> str:
    return str(raw.get(key) or "")


def make_field(raw: Mapping[str, object]) -> Field:
    codes = text(raw, "codes")
    external = codes.startswith("external:")
    decimals = raw.get("decimals")
    soft, hard = lengths(raw)
    return Field(
        number=int(str(raw["n"])),
        name=text(raw, "name"),
        kind=text(raw, "type"),
        required=text(raw, "required"),
        when=text(raw, "required_when"),
        if_missing=text(raw, "if_missing"),
        soft=soft,
        hard=hard,
        decimals=decimals if isinstance(decimals, int) else None,
        codes=None if external or not codes else code_lists()[codes],
        external=codes.removeprefix("external:") if external else "",
        separator=text(raw, "multi"),
        format=text(raw, "format") or text(raw, "pattern"),
    )


def make_table(code: str, xml: Mapping[str, object], fields: Sequence[Mapping[str, object]]) -> Table:
    columns = tuple(make_field(raw) for raw in fields)
    names = tuple(field.name for field in columns)
    return Table(code, text(xml, "root"), text(xml, "list"), text(xml, "item"), columns, names)


@once
def code_lists() -> Mapping[str, CodeList]:
    raw = json.loads((HERE / "codes.json").read_text(encoding="utf8"))["lists"]
    return {name: make_code_list(name, entry) for name, entry in raw.items()}


def make_code_list(name: str, raw: Mapping[str, object]) -> CodeList:
    values, retired, unconfirmed = raw["values"], raw.get("retired", {}), raw.get("unconfirmed", False)
    assert isinstance(values, dict)
    assert isinstance(retired, dict)
    doubtful = set(retired) | (set(unconfirmed) if isinstance(unconfirmed, list) else set())
    return CodeList(name, frozenset(values) | doubtful, frozenset(doubtful), unconfirmed is True)


@once
def code_names() -> Mapping[str, Mapping[str, str]]:
    raw = json.loads((HERE / "codes.json").read_text(encoding="utf8"))["lists"]
    return {
        name: {code: str(meaning) for code, meaning in entry["values"].items()} for name, entry in raw.items()
    }


@once
def tables() -> Mapping[str, Table]:
    raw = json.loads((HERE / "tables.json").read_text(encoding="utf8"))["tables"]
    return {entry["loaihoso"]: make_table(entry["loaihoso"], entry["xml"], entry["fields"]) for entry in raw}


@once
def older_tables() -> Mapping[str, Table]:
    """Return the tables whose field names QĐ 3176 changed, as QĐ 4750 had them (XML13)."""
    raw = json.loads((HERE / "tables.json").read_text(encoding="utf8"))["tables"]
    return {
        entry["loaihoso"]: make_table(entry["loaihoso"], entry["xml"], older_fields(entry))
        for entry in raw
        if "previous" in entry
    }


def older_fields(entry: Mapping[str, Any]) -> list[Mapping[str, object]]:
    """Return the fields as QĐ 4750 named them: those that kept their name are as long as they are now."""
    newer = {raw["name"]: raw for raw in entry["fields"]}
    longer = ("max_length_3176", "portal_max_length", "changes")
    return [
        {**raw, **{key: value for key, value in newer.get(raw["name"], {}).items() if key in longer}}
        for raw in entry["previous"]["fields"]
    ]


# XML0 is a document of its own; XML12 is typed on the portal and never travels (letter 1245/BHXH-CNTT).
CHECK_IN, NEVER_SENT = "XML0", "XML12"


@once
def dossier_tables() -> Mapping[str, Table]:
    return {code: table for code, table in tables().items() if code not in (CHECK_IN, NEVER_SENT)}
