"""What is on record of a person, an entry as a resource: Condition, Observation, MedicationRequest, …"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from common.values import is_future
from kcb.tables import code_names

from ...model.clinical_history import Result, Service
from ...model.health_books import (
    DispensedMedicine,
    EncounterEntry,
    MedicineEntry,
    ProcedureEntry,
    ResultEntry,
    Source,
)
from ...model.patient_summaries import Problem, VaccineDose
from .elements import (
    ICD_10,
    TERMINOLOGY,
    Element,
    coded,
    coding,
    concept,
    dated,
    filled,
    instant,
    long_text,
    markdown,
    own_list,
    profiled,
    quantity,
    reference,
    short_text,
    urn,
    urn_of,
)
from .entries import Entries
from .people import facility_reference, pharmacy_reference

# Forms of care (MA_LOAI_KCB) that are not ambulatory, as classes of an encounter (v3 ActCode).
ENCOUNTER_CLASSES: Final = {
    "03": "IMP",
    "06": "IMP",
    "09": "IMP",
    "04": "SS",
    "11": "FLD",
    "12": "HH",
    "14": "VR",
}

# Chapters of the national list of technical services (the first digits of MA_DICH_VU).
LABORATORY, IMAGING = ("22", "23", "24", "25"), ("18", "19")
LABORATORY_PROFILE = "Observation-results-laboratory-pathology-uv-ips"
IMAGING_PROFILE = "Observation-results-radiology-uv-ips"


@dataclass(frozen=True, slots=True)
class Clinical:
    """Makes resources of one patient, at *now*; what they refer to is put into *entries*."""

    entries: Entries
    patient: str
    now: datetime
    encounters: Mapping[UUID, EncounterEntry]

    def condition(self, problem: Problem) -> Element:
        """Refer to a diagnosis.  Whether it is still active nobody tells: there is no `clinicalStatus`."""
        entry = problem.latest
        return self.entries.refer(
            urn_of(entry.source.dossier, "condition", problem.code),
            lambda: profiled(
                "Condition",
                "Condition-uv-ips",
                category=[coded(f"{TERMINOLOGY}condition-category", "encounter-diagnosis")],
                code=concept(coding(ICD_10, problem.code), text=problem.words),
                subject=reference(self.patient),
                encounter=self.encounter(entry.source),
                recordedDate=instant(entry.encounter.arrival_time),
            ),
        )

    def allergy(self, problem: Problem) -> Element:
        """Refer to a diagnosis that tells of an allergy, as that.

        FHIR wants a clinical status: `active` is the careful side, and `unconfirmed` says how we know.
        """
        entry, (cause, name) = problem.latest, problem.allergy or ("", "")
        return self.entries.refer(
            urn_of(entry.source.dossier, "allergy", problem.code),
            lambda: profiled(
                "AllergyIntolerance",
                "AllergyIntolerance-uv-ips",
                clinicalStatus=coded(f"{TERMINOLOGY}allergyintolerance-clinical", "active"),
                verificationStatus=coded(f"{TERMINOLOGY}allergyintolerance-verification", "unconfirmed"),
                category=[cause] if cause else [],
                code=concept(coding(ICD_10, problem.code), text=problem.words or name),
                patient=reference(self.patient),
                encounter=self.encounter(entry.source),
                recordedDate=instant(entry.encounter.arrival_time),
            ),
        )

    def encounter(self, source: Source) -> Element:
        """Refer to the encounter of a dossier; nothing when it is none of those looked at."""
        entry = self.encounters.get(source.dossier)
        if entry is None:
            return {}
        return self.entries.refer(urn(source.dossier), lambda: self._encounter(entry))

    def _encounter(self, entry: EncounterEntry) -> Element:
        form_of_care = entry.encounter.form_of_care
        display = code_names().get("MA_LOAI_KCB", {}).get(form_of_care, "")
        kind = coding(own_list("MA_LOAI_KCB"), form_of_care, display)
        reason = short_text(entry.encounter.reason)
        arrival, discharge = entry.encounter.arrival_time, entry.encounter.discharge_time
        return {"resourceType": "Encounter"} | filled(
            status="finished",
            class_=coding(f"{TERMINOLOGY}v3-ActCode", ENCOUNTER_CLASSES.get(form_of_care, "AMB")),
            type=[concept(kind)] if kind else [],
            subject=reference(self.patient),
            period=filled(start=instant(arrival), end=instant(discharge) if discharge >= arrival else ""),
            reasonCode=[{"text": reason}] if reason else [],
            serviceProvider=facility_reference(self.entries, entry.source.facility),
        )

    def result(self, entry: ResultEntry) -> Element:
        """Refer to a result: an Observation when it has a value, else a DiagnosticReport."""
        make = self._observation if entry.result.value.strip() else self._report
        return self.entries.refer(urn(entry.id), lambda: make(entry))

    def _observation(self, entry: ResultEntry) -> Element:
        result = entry.result
        category, profile = category_of(result.service_code)
        if profile == IMAGING_PROFILE and self.known_time(result) is None:
            profile = ""  # it wants the day
        note = long_text(result.description, result.conclusion)
        value = quantity(result.value, result.unit) if category != "imaging" else {}
        fields = filled(
            status="final",
            category=[coded(f"{TERMINOLOGY}observation-category", category)],
            code=test_of(result),
            subject=reference(self.patient),
            encounter=self.encounter(entry.source),
            **dated("effectiveDateTime", self.known_time(result)),
            issued=self._past(result.given_time),
            performer=[facility_reference(self.entries, entry.source.facility)],
            valueQuantity=value,
            valueString="" if value else short_text(f"{result.value} {result.unit}", 600),
            note=[{"text": markdown(note)}] if note else [],
        )
        if profile:
            return profiled("Observation", profile, **fields)
        return {"resourceType": "Observation"} | fields

    def _report(self, entry: ResultEntry) -> Element:
        result = entry.result
        return profiled(
            "DiagnosticReport",
            "DiagnosticReport-uv-ips",
            status="final",
            code=test_of(result),
            subject=reference(self.patient),
            encounter=self.encounter(entry.source),
            **dated("effectiveDateTime", self.known_time(result)),
            issued=self._past(result.given_time),
            performer=[facility_reference(self.entries, entry.source.facility)],
            conclusion=long_text(result.description, result.conclusion),
        )

    def known_time(self, result: Result) -> datetime | None:
        return None if is_future(result.known_time, self.now) else result.known_time

    def _past(self, moment: datetime | None) -> str:
        return "" if moment is None or is_future(moment, self.now) else instant(moment)

    def medicine(self, entry: MedicineEntry) -> Element:
        """Refer to what was ordered (XML2).  Whether it is still taken nobody tells: `unknown`."""
        medicine = entry.medicine
        dosage = filled(
            text=long_text(medicine.dosage, medicine.instructions),
            route=concept(coding(own_list("DUONG_DUNG"), medicine.route)) if medicine.route.strip() else {},
        )
        amount = quantity(medicine.quantity, medicine.unit)
        return self.entries.refer(
            urn_of(entry.source.dossier, "medicine", medicine.row_number),
            lambda: profiled(
                "MedicationRequest",
                "MedicationRequest-uv-ips",
                status="unknown",
                intent="order",
                medicationCodeableConcept=concept(
                    coding(own_list("MA_THUOC"), medicine.drug_code),
                    coding(own_list("SO_DANG_KY"), medicine.registration_number),
                    text=f"{medicine.drug_name} {medicine.strength}",
                ),
                subject=reference(self.patient),
                encounter=self.encounter(entry.source),
                authoredOn=self._past(medicine.order_time),
                requester=facility_reference(self.entries, entry.source.facility),
                dosageInstruction=[dosage] if dosage else [],
                dispenseRequest={"quantity": amount} if amount else {},
            ),
        )

    def dispensed_medicine(self, medicine: DispensedMedicine) -> Element:
        return self.entries.refer(
            urn_of(medicine.dispensing, medicine.registration_number, medicine.drug_name),
            lambda: (
                {"resourceType": "MedicationDispense"}
                | filled(
                    status="completed",
                    medicationCodeableConcept=concept(
                        coding(own_list("SO_DANG_KY"), medicine.registration_number), text=medicine.drug_name
                    ),
                    subject=reference(self.patient),
                    performer=[{"actor": pharmacy_reference(self.entries, medicine.pharmacy)}],
                    quantity=quantity(medicine.quantity, medicine.unit),
                    whenHandedOver=self._past(medicine.dispense_time),
                )
            ),
        )

    def procedure(self, entry: ProcedureEntry) -> Element:
        service = entry.service
        return self.entries.refer(
            urn_of(entry.source.dossier, "procedure", service.row_number),
            lambda: profiled(
                "Procedure",
                "Procedure-uv-ips",
                status="completed",
                code=concept(coding(own_list("MA_DICH_VU"), service.service_code), text=service.service_name),
                subject=reference(self.patient),
                encounter=self.encounter(entry.source),
                **dated("performedDateTime", self.perform_time(service)),
                performer=[{"actor": facility_reference(self.entries, entry.source.facility)}],
            ),
        )

    def perform_time(self, service: Service) -> datetime | None:
        return None if is_future(service.perform_time, self.now) else service.perform_time

    def immunization(self, dose: VaccineDose) -> Element:
        system, code, display = dose.vaccine
        number = {"doseNumberPositiveInt": dose.dose_number} if dose.dose_number > 0 else {}
        return self.entries.refer(
            urn(dose.id),
            lambda: profiled(
                "Immunization",
                "Immunization-uv-ips",
                status="completed",
                vaccineCode=concept(coding(own_list(system), code), text=display),
                patient=reference(self.patient),
                occurrenceDateTime=instant(dose.immunize_time),
                lotNumber=short_text(dose.lot),
                performer=[{"actor": facility_reference(self.entries, dose.source.facility)}],
                protocolApplied=[number] if number else [],
            ),
        )


def test_of(result: Result) -> Element:
    """Return what was measured (MA_CHI_SO); of a result without that, the service (MA_DICH_VU)."""
    if result.indicator_code or result.indicator_name.strip():
        return concept(coding(own_list("MA_CHI_SO"), result.indicator_code), text=result.indicator_name)
    return concept(coding(own_list("MA_DICH_VU"), result.service_code), text=result.service_name)


def category_of(service_code: str) -> tuple[str, str]:
    """Return the category of an observation and the profile for it, by the chapter of its service.

    What neither a laboratory nor imaging made (endoscopy, tests of function, a code without a chapter) has
    no profile of the IPS.
    """
    chapter = service_code[:2]
    if chapter in LABORATORY:
        return "laboratory", LABORATORY_PROFILE
    if chapter in IMAGING:
        return "imaging", IMAGING_PROFILE
    return "procedure", ""
