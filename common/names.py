"""
Resource names (AIP-122), always full: `//records.lientuyen/dossiers/{dossier}`.

Callers may write them without the service before them; the chassis makes them full
(`chassis.resource_names`), so that nothing here has to know two forms of one name.
"""

from uuid import UUID

IDENTITY = "//identity.lientuyen/"
RECORDS = "//records.lientuyen/"
ROUTING = "//routing.lientuyen/"
PHARMACY = "//pharmacy.lientuyen/"
PERSONS = f"{IDENTITY}persons/"
FACILITIES = f"{IDENTITY}facilities/"

# What a name without a UUID at its end means: a thing that nobody has.
NIL = UUID(int=0)


def person_name(person: UUID | None) -> str:
    """Return a person's full name; empty for None."""
    return f"{PERSONS}{person}" if person else ""


def facility_name(code: str) -> str:
    """Return the full name of a facility (mã cơ sở KCB); empty for no code."""
    return f"{FACILITIES}{code}" if code else ""


def last_part(name: str) -> str:
    """Return the last part of a name: the code of a facility."""
    return name.rpartition("/")[2]


def id_of(name: str) -> UUID:
    """Return the UUID at the end of a name; `NIL` when there is none."""
    return to_uuid(last_part(name))


def to_uuid(text: str) -> UUID:
    """Return the UUID that *text* is, or `NIL`."""
    try:
        return UUID(text)
    except ValueError:
        return NIL
