"""How the parts of a prescription that no query looks into are kept in jsonb, and read back."""

from dataclasses import asdict
from datetime import date
from typing import Any

from ..model.drugs import Medicine
from ..model.prescriptions import Child, Diagnosis, Tranche

Json = dict[str, Any]


def medicine_to_json(drug: Medicine) -> Json:
    return {name: value for name, value in asdict(drug).items() if value}


def medicine_from_json(json: Json) -> Medicine:
    return Medicine(**json)


def diagnoses_to_json(diagnoses: tuple[Diagnosis, ...]) -> list[Json]:
    return [asdict(diagnosis) for diagnosis in diagnoses]


def diagnoses_from_json(json: list[Json]) -> tuple[Diagnosis, ...]:
    return tuple(Diagnosis(**diagnosis) for diagnosis in json)


def tranches_to_json(tranches: tuple[Tranche, ...]) -> list[list[int | str]]:
    return [
        [tranche.number, tranche.start_day.isoformat(), tranche.end_day.isoformat()] for tranche in tranches
    ]


def tranches_from_json(json: list[list[Any]]) -> tuple[Tranche, ...]:
    return tuple(
        Tranche(number, date.fromisoformat(start_day), date.fromisoformat(end_day))
        for number, start_day, end_day in json
    )


def child_to_json(child: Child | None) -> Json | None:
    return asdict(child) if child is not None else None


def child_from_json(json: Json | None) -> Child | None:
    return Child(**json) if json is not None else None
