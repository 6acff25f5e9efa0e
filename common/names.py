"""
Resource names (AIP-122): `dossiers/{dossier}` in the service that owns it, `//records.lientuyen/dossiers/…`
everywhere else.
"""

import re
from uuid import UUID

IDENTITY = "//identity.lientuyen/"
PERSONS = f"{IDENTITY}persons/"
FACILITIES = f"{IDENTITY}facilities/"

# What a name without a UUID at its end means: a thing that nobody has.
NIL = UUID(int=0)

_SERVICE = re.compile(r"^//[a-z0-9.]+/")


def person_name(person: UUID | None) -> str:
    """Return a person's full name; empty for None."""
    return f"{PERSONS}{person}" if person else ""


def facility_name(code: str) -> str:
    """Return the full name of a facility (mã cơ sở KCB); empty for no code."""
    return f"{FACILITIES}{code}" if code else ""


def short_name(name: str) -> str:
    """Return *name* as the service that owns it writes it: without the service before it."""
    return _SERVICE.sub("", name)


def last_part(name: str) -> str:
    """Return the last part of a name, short or full: the code of a facility."""
    return name.rpartition("/")[2]


def id_of(name: str) -> UUID:
    """Return the UUID at the end of a name, short or full; `NIL` when there is none."""
    return to_uuid(last_part(name))


def to_uuid(text: str) -> UUID:
    """Return the UUID that *text* is, or `NIL`."""
    try:
        return UUID(text)
    except ValueError:
        return NIL
