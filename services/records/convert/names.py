"""Resource names of dossiers, and of what requests name; the others are in `common.names`."""

from uuid import UUID

from chassis.errors import InvalidArgument
from common.names import PERSONS, RECORDS, id_of
from lientuyen.records.v1 import error_reasons as reasons

DOSSIERS = f"{RECORDS}dossiers/"
HEALTH_CHECKS = f"{RECORDS}healthChecks/"
IMMUNIZATIONS = f"{RECORDS}immunizations/"


def dossier_name(dossier: UUID | None) -> str:
    return f"{DOSSIERS}{dossier}" if dossier else ""


def dossier_id(name: str) -> UUID:
    return checked_id(name, DOSSIERS, "name")


def health_check_name(check: UUID | None) -> str:
    return f"{HEALTH_CHECKS}{check}" if check else ""


def immunization_name(immunization: UUID | None) -> str:
    return f"{IMMUNIZATIONS}{immunization}" if immunization else ""


def person_id(name: str) -> UUID:
    return checked_id(name, PERSONS, "person")


def checked_id(name: str, prefix: str, field: str) -> UUID:
    """Return the id in a resource name; InvalidArgument(NAME_INVALID) names *field* when it is none."""
    resource_id = id_of(name)
    if name != f"{prefix}{resource_id}":
        raise InvalidArgument(reasons.NAME_INVALID, field=field)
    return resource_id
