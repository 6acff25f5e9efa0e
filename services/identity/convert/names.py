"""Resource names as this service writes them: short, `persons/{person}`; `common.names` has the full ones."""

from uuid import UUID

from common.names import to_uuid


def short_person_name(person_id: UUID | None) -> str:
    """Return `persons/{person}`; empty for None."""
    return f"persons/{person_id}" if person_id else ""


def short_facility_name(code: str) -> str:
    """Return `facilities/{facility}`; empty for no code."""
    return f"facilities/{code}" if code else ""


def ids_of_child(name: str) -> tuple[UUID, UUID]:
    """Return the two ids in `persons/{person}/consents/{consent}`, or in `…/merges/{merge}`."""
    parts = name.split("/")
    return to_uuid(parts[-3]), to_uuid(parts[-1])
