"""How the parts of a prescription that no query looks into are kept in jsonb, and read back."""

from dataclasses import asdict
from datetime import date
from typing import Any

from ..model.drugs import Medicine
from ..model.prescriptions import Child, Diagnosis, Tranche

Json = dict[str, Any]


def medicine_to_json(drug: Medicine) -> Json:
    return {name: value for name, value in asdict(drug).items() if value}


def medicine(json: Json) -> Medicine:
    return Medicine(**json)


def diagnoses_to_json(diagnoses: tuple[Diagnosis, ...]) -> list[Json]:
    return [asdict(one) for one in diagnoses]


def diagnoses(json: list[Json]) -> tuple[Diagnosis, ...]:
    return tuple(Diagnosis(**one) for one in json)


def tranches_to_json(tranches: tuple[Tranche, ...]) -> list[list[int | str]]:
    return [[one.number, one.start_day.isoformat(), one.end_day.isoformat()] for one in tranches]


def tranches(json: list[list[Any]]) -> tuple[Tranche, ...]:
    return tuple(Tranche(one[0], date.fromisoformat(one[1]), date.fromisoformat(one[2])) for one in json)


def child_to_json(child: Child | None) -> Json | None:
    return asdict(child) if child is not None else None


def child(json: Json | None) -> Child | None:
    return Child(**json) if json is not None else None
