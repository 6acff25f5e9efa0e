"""
Patient summaries before an independent judge: HAPI FHIR's instance validator with the definitions of the IPS.

Histories of two hundred invented people of every shape make documents without an error; documents with one
planted fault each do not, so that the gate itself is proven.  Where Java or Maven is missing, or Maven's
packages cannot be fetched, the test says so and is skipped.  They come into Maven's own cache.
"""

import copy
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from services.records.convert.fhir.document import summary_document
from services.records.model.patient_summaries import PatientHistory
from tests.fhir.mutants import MUTANTS, first, laboratory
from tests.samples.patient_histories import NOW, history

FHIR = Path(__file__).parents[1] / "fhir"
DEFINITIONS = FHIR / "ips-2.0.0"
PEOPLE = 200

# Seconds that fetching may take, and that validating may take on a busy machine: it is 40 of one core.
FETCH_S, VALIDATE_S = 240, 900

# Small and at once: most of the work of a longer compilation would never be earned back.
JAVA = ("java", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8")

# What a document must have for every mutant to be made of it.
NEEDED = (
    "DiagnosticReport",
    "MedicationRequest",
    "Procedure",
    "Immunization",
    "Encounter",
    "AllergyIntolerance",
)


@pytest.fixture(scope="module")
def class_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The validator's jars; fetched when Maven's cache has them not."""
    if missing := [tool for tool in ("java", "mvn") if not shutil.which(tool)]:
        pytest.skip(f"not installed: {missing}")
    listed = tmp_path_factory.mktemp("maven") / "class-path"
    command = ["mvn", "-q", "-B", "-f", str(FHIR / "pom.xml"), "dependency:build-classpath"]
    command.append(f"-Dmdep.outputFile={listed}")
    reason = ""
    for offline in (["-o"], []):
        try:
            outcome = subprocess.run(
                [*command, *offline], capture_output=True, text=True, timeout=FETCH_S, check=False
            )
        except subprocess.TimeoutExpired:
            reason = "no answer"
            continue
        if outcome.returncode == 0:
            return listed.read_text()
        reason = outcome.stdout[-300:]
    pytest.skip(f"the validator cannot be fetched here: {reason}")


@pytest.fixture(scope="module")
def verdicts(class_path: str, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[str]]:
    """The errors of each document, by its name: people and mutants in one run."""
    folder = tmp_path_factory.mktemp("documents")
    for seed in range(PEOPLE):
        (folder / f"{seed:03}.json").write_bytes(summary_document(history(seed), NOW))
    base = base_document()
    for name, (spoil, _) in MUTANTS.items():
        mutant = copy.deepcopy(base)
        spoil(mutant)
        (folder / f"{name}.json").write_text(json.dumps(mutant, ensure_ascii=False), encoding="utf8")
    command = [*JAVA, "-cp", class_path, str(FHIR / "ValidateDocuments.java"), str(DEFINITIONS), str(folder)]
    outcome = subprocess.run(
        command,
        capture_output=True,
        encoding="utf8",
        timeout=VALIDATE_S,
        check=False,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )
    assert outcome.returncode == 0, outcome.stderr[-2000:]
    return dict(read_verdicts(outcome.stdout))


def read_verdicts(output: str) -> Iterator[tuple[str, list[str]]]:
    errors: list[str] = []
    for line in output.splitlines():
        name, _, rest = line.partition("\t")
        if name:
            errors = []
            yield name.removesuffix(".json"), errors
        else:
            errors.append(rest)


def base_document() -> Any:
    """Return the document of the first history that has something for every mutant."""
    for seed in range(PEOPLE, 50 * PEOPLE):
        of = history(seed)
        document = json.loads(summary_document(of, NOW))
        if has_everything(of, document):
            return document
    raise AssertionError("no history has everything")


def has_everything(of: PatientHistory, document: Any) -> bool:
    try:
        for kind in NEEDED:
            first(document, kind)
        laboratory(document)
        first(document, "Patient", "birthDate")
        return "text" in first(document, "Patient")["name"][0]
    except AssertionError:
        return False


@pytest.mark.timeout(2 * FETCH_S + VALIDATE_S)
def test_every_document_of_two_hundred_people_is_valid(verdicts: Mapping[str, list[str]]):
    people = {name: errors for name, errors in verdicts.items() if name not in MUTANTS}

    assert len(people) == PEOPLE
    assert {name: errors for name, errors in people.items() if errors} == {}


@pytest.mark.timeout(2 * FETCH_S + VALIDATE_S)
def test_every_planted_fault_is_caught(verdicts: Mapping[str, list[str]]):
    missed = {
        name: verdicts[name]
        for name, (_, word) in MUTANTS.items()
        if not any(word in error for error in verdicts[name])
    }

    assert missed == {}
