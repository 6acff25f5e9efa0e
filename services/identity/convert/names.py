"""Resource names of two parts; `common.names` has the others."""

from uuid import UUID

from common.names import to_uuid


def ids_of_child(name: str) -> tuple[UUID, UUID]:
    """Return the two ids in `persons/{person}/consents/{consent}`, or in `…/merges/{merge}`."""
    parts = name.split("/")
    return to_uuid(parts[-3]), to_uuid(parts[-1])
