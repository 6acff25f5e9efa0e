"""Resource names of records, as `dossiers/{dossier}`, and of requests; the others are in `common.names`."""

from uuid import UUID

from chassis.errors import InvalidArgument
from common.names import PERSONS, id_of
from lientuyen.records.v1 import error_reasons as reasons


def dossier_name(dossier: UUID | None) -> str:
    return f"dossiers/{dossier}" if dossier else ""


def dossier_id(name: str) -> UUID:
    return _checked_id(name, "dossiers/", "name")


def person_id(name: str) -> UUID:
    return _checked_id(name, PERSONS, "person")


def _checked_id(name: str, prefix: str, field: str) -> UUID:
    """Return the id in a resource name; InvalidArgument(NAME_INVALID) names *field* when it is none."""
    resource_id = id_of(name)
    if name != f"{prefix}{resource_id}":
        raise InvalidArgument(reasons.NAME_INVALID, field=field)
    return resource_id
