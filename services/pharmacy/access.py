"""Who may call which method.  Who may see which prescription is decided in `service/read_policy.py`."""

from chassis.access import Rule, allow

READERS = ("facility", "pharmacy", "service/records", "authority/vneid")

RULES: dict[str, Rule] = {
    "PrescriptionService/IssuePrescription": allow("facility"),
    "PrescriptionService/GetPrescription": allow(*READERS),
    "PrescriptionService/ReplacePrescription": allow("facility"),
    "PrescriptionService/CancelPrescription": allow("facility"),
    "PrescriptionService/ListPrescriptions": allow(*READERS),
    "DispensingService/ClaimPrescription": allow("pharmacy"),
    "DispensingService/Dispense": allow("pharmacy"),
    "DispensingService/ReleaseClaim": allow("pharmacy"),
    "DispensingService/ReverseDispensing": allow("pharmacy"),
    "DispensingService/ListDispensings": allow(*READERS),
    "DrugService/GetDrug": allow("facility", "pharmacy", "service/records", "authority", "operator"),
    "DrugService/SearchDrugs": allow("facility", "pharmacy", "service/records", "authority", "operator"),
    # A whole catalogue, some 30,000 rows, takes longer than a call.
    "DrugService/ImportDrugs": allow("operator", "authority/byt", deadline=120.0),
    "LotService/RegisterLot": allow("facility", "authority/byt", "operator"),
    "LotService/RecallLot": allow("facility", "authority/byt", "operator"),
    "LotService/TraceLot": allow("facility", "authority/byt", "operator"),
}
