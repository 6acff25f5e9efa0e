"""Resource names: UUIDs and codes ↔ `dossiers/{dossier}`, `//identity.lientuyen/persons/{person}`."""

from datetime import datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.errors import InvalidArgument
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.type.v1.coding_pb2 import Coding

PERSONS = "//identity.lientuyen/persons/"
FACILITIES = "//identity.lientuyen/facilities/"


def dossier_name(dossier: UUID | None) -> str:
    """Return `dossiers/{dossier}`; empty without one."""
    return f"dossiers/{dossier}" if dossier else ""


def person_name(person: UUID) -> str:
    """Return a person's full name."""
    return f"{PERSONS}{person}"


def facility_name(code: str) -> str:
    """Return a facility's full name."""
    return f"{FACILITIES}{code}"


def id_in(name: str, prefix: str, field: str) -> UUID:
    """Return the id in a resource name; InvalidArgument(NAME_INVALID) names *field* when it is none."""
    try:
        found = UUID(name.removeprefix(prefix))
    except ValueError:
        raise InvalidArgument(reasons.NAME_INVALID, field=field) from None
    if name != f"{prefix}{found}":
        raise InvalidArgument(reasons.NAME_INVALID, field=field)
    return found


def dossier_id(name: str) -> UUID:
    """Return the id in `dossiers/{dossier}`."""
    return id_in(name, "dossiers/", "name")


def person_id(name: str) -> UUID:
    """Return the id in a person's full name."""
    return id_in(name, PERSONS, "person")


def timestamp(moment: datetime | None) -> Timestamp | None:
    """Return an instant as a message; None stays absent."""
    if moment is None:
        return None
    made = Timestamp()
    made.FromDatetime(moment)
    return made


def coding(system: str, code: str, display: str = "") -> Coding | None:
    """Return a code of a list; without a code and a text it is absent."""
    return Coding(system=system, code=code, display=display[:1024]) if code or display else None
