"""
Every rule there is, by its name: whether breaking it refuses the file, and what is said of it.

The rules are the data of `rule_catalogue.json`, in the order of the checks: the file, the envelope,
tables and rows, one value, between fields and tables, beyond the file, what became of its slips.

`{detail}` is filled from the catalogue (a limit, a list's name) or is a resource name, never from the file:
no sentence can hold a patient's data.  Names are part of the contract: clients act
on them, so a name is never given another meaning.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.  *refuses*: a file that breaks it is not accepted."""

    name: str
    refuses: bool
    vi: str
    en: str


def load_rules() -> Mapping[str, Rule]:
    entries = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf8"))
    return MappingProxyType({entry["name"]: Rule(**entry) for entry in entries})


RULES = load_rules()
