"""Who may call what.  That a facility is the one it declares is checked by each method."""

from collections.abc import Mapping

from chassis.access import Rule, allow

READERS = ("facility", "authority/vneid")

RULES: Mapping[str, Rule] = {
    "DossierService/ValidateDossier": allow("facility", "operator", deadline=90),
    # A file of 64 MiB; and its way back over a hospital's line of 8 Mbit/s.
    "DossierService/SubmitDossier": allow("facility", deadline=90),
    # A facility that was cut off for days sends thousands.
    "DossierService/SubmitDossiers": allow("facility", deadline=None),
    "DossierService/SubmitCheckIn": allow("facility"),
    "DossierService/GetDossier": allow(*READERS),
    "DossierService/ListDossiers": allow("facility", "operator"),
    "DossierService/GetOriginal": allow(*READERS, deadline=120),
    "DossierService/WithdrawDossier": allow("facility"),
    "EncounterService/ListEncounters": allow("facility", "operator"),
    "HealthBookService/GetHealthBook": allow(*READERS),
    "HealthBookService/ListResults": allow(*READERS),
    "HealthBookService/FindReusableResults": allow("facility"),
    "HealthBookService/GetPatientSummary": allow(*READERS),
    "ReuseService/RecordReuseDecision": allow("facility"),
    "ReuseService/ListReuseReports": allow("facility", "operator"),
    "HeldRecordService/ListHeldRecords": allow("service/routing"),
    "HealthCheckService/SubmitHealthCheck": allow("facility", deadline=90),
    # A mobile check-up sends a village in the evening.
    "HealthCheckService/SubmitHealthChecks": allow("facility", deadline=None),
    "ImmunizationService/RecordImmunization": allow("facility"),
    "ImmunizationService/ListImmunizations": allow(*READERS),
}
