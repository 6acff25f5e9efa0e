"""
Whether a caller can have the ground that its `AccessContext` names.

What the ground opens is judged where the data are: by identity's decision table,
by who made a record.  But some grounds are a lie whatever the data: a facility is
never the data subject.  They are refused before a handler runs, in every method of
every service, so that no handler can forget to.

The exchange's own services are believed: they pass on the ground of whoever asked them.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, TypeAlias

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.type.v1.access_pb2 import AccessContext

from .call_context import Caller
from .errors import PermissionDenied

# The authority through which a person asks for their own data.
VNEID: Final = "authority/vneid"

# How deep a request may hold its ground: CheckEligibilitiesRequest.question.access.
DEPTH: Final = 2

OURS: Final = "//identity.lientuyen/"
_PERSON: Final = re.compile(rf"(?:{OURS})?(persons/[0-9a-f-]{{36}})")

Path: TypeAlias = tuple[str, ...]


def check_legal_basis(request: Message, caller: Caller) -> None:
    """Refuse *request* with PermissionDenied(GROUND_DENIED) when a ground in it cannot be *caller*'s."""
    if caller.kind == "service":
        return
    for access in grounds_of(request):
        if not may_claim(caller, access):
            raise PermissionDenied(
                reasons.GROUND_DENIED,
                basis=AccessContext.LegalBasis.Name(access.legal_basis),
                purpose=AccessContext.Purpose.Name(access.purpose),
                subject=subject_of(request),
            )


def may_claim(caller: Caller, access: AccessContext) -> bool:
    """Tell whether *caller* can have this ground at all.

    The data subject is VNeID and VNeID nobody else; an emergency is a facility's that
    treats, with a reason (Luật 91/2025/QH15 Art. 19.1; a pharmacy has none).
    """
    subject = access.legal_basis == AccessContext.LEGAL_BASIS_DATA_SUBJECT
    if subject or str(caller) == VNEID:
        own = access.purpose == AccessContext.PURPOSE_PATIENT_REQUEST
        return subject and own and str(caller) == VNEID
    if access.legal_basis == AccessContext.LEGAL_BASIS_EMERGENCY:
        treats = access.purpose == AccessContext.PURPOSE_TREATMENT and caller.kind == "facility"
        return treats and bool(access.reason.strip())
    return True


def grounds_of(request: Message) -> Iterator[AccessContext]:
    """Give each ground that *request* holds."""
    for path in paths(request.DESCRIPTOR):
        found: Message | None = request
        for name in path:
            found = getattr(found, name) if found is not None and found.HasField(name) else None
        if isinstance(found, AccessContext):
            yield found


@cache
def paths(descriptor: Descriptor, depth: int = DEPTH) -> tuple[Path, ...]:
    """Return the paths of a message's fields that are grounds, at most *depth* deep; lists hold none."""
    found: list[Path] = []
    for field in descriptor.fields:
        if field.message_type is None or field.is_repeated:
            continue
        if field.message_type is AccessContext.DESCRIPTOR:
            found.append((field.name,))
        elif depth > 1:
            found += [(field.name, *rest) for rest in paths(field.message_type, depth - 1)]
    return tuple(found)


def subject_of(request: Message) -> str:
    """Return the person whom *request* names outright, for the access log; else an empty string."""
    for field in ("person", "parent", "name"):
        found = _PERSON.match(str(getattr(request, field, "")))
        if found:
            return OURS + found[1]
    return ""
