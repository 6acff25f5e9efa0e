"""
Resource names.  Inside this service they are short, `persons/{person}`; what
leaves it for the access log is full, `//identity.lientuyen/persons/{person}`.
"""

from uuid import UUID

OURS = "//identity.lientuyen/"

# Whom a name means whose last part is no UUID: nobody.
NOBODY = UUID(int=0)


def person_name(person_id: UUID | None) -> str:
    """Return `persons/{person}`; empty for None."""
    return f"persons/{person_id}" if person_id else ""


def person_full(person_id: UUID | None) -> str:
    """Return `//identity.lientuyen/persons/{person}`; empty for None."""
    return OURS + person_name(person_id) if person_id else ""


def facility_name(code: str) -> str:
    """Return `facilities/{facility}`; empty for no code."""
    return f"facilities/{code}" if code else ""


def last(name: str) -> str:
    """Return the last part of a name, short or full: the code of a facility."""
    return name.rpartition("/")[2]


def last_uuid(name: str) -> UUID:
    """Return the UUID at the end of a name, short or full; `NOBODY` when there is none."""
    return to_uuid(last(name))


def consent_ids(name: str) -> tuple[UUID, UUID]:
    """Return the person's and the consent's ids in `persons/{person}/consents/{consent}`."""
    parts = name.split("/")
    return to_uuid(parts[-3]), to_uuid(parts[-1])


def to_uuid(text: str) -> UUID:
    """Return the UUID that *text* is, or `NOBODY`."""
    try:
        return UUID(text)
    except ValueError:
        return NOBODY
