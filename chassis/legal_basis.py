"""
Whether a caller may claim the legal basis that its `AccessContext` names.

What the basis opens is judged where the data are: by identity's decision table,
by who made a record.  But some claims are a lie whatever the data: a facility is
never the data subject.  They are refused before a handler runs, in every method of
every service, so that no handler can forget to.

The exchange's own services are believed: they pass on the basis of whoever asked them.
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

# How deep a request may hold its `AccessContext`: CheckEligibilitiesRequest.question.access.
MAX_DEPTH: Final = 2

OURS: Final = "//identity.lientuyen/"
_PERSON: Final = re.compile(rf"(?:{OURS})?(persons/[0-9a-f-]{{36}})")

Path: TypeAlias = tuple[str, ...]


def check_legal_basis(request: Message, caller: Caller) -> None:
    """Refuse *request*, PermissionDenied(GROUND_DENIED), when a basis in it is not *caller*'s to claim."""
    if caller.kind == "service":
        return
    for access in accesses_of(request):
        if not may_claim(caller, access):
            raise PermissionDenied(
                reasons.GROUND_DENIED,
                basis=AccessContext.LegalBasis.Name(access.legal_basis),
                purpose=AccessContext.Purpose.Name(access.purpose),
                subject=subject_of(request),
            )


def may_claim(caller: Caller, access: AccessContext) -> bool:
    """Tell whether *caller* may claim this legal basis at all.

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


def accesses_of(request: Message) -> Iterator[AccessContext]:
    for path in paths(request.DESCRIPTOR):
        message: Message | None = request
        for name in path:
            message = getattr(message, name) if message is not None and message.HasField(name) else None
        if isinstance(message, AccessContext):
            yield message


@cache
def paths(descriptor: Descriptor, depth: int = MAX_DEPTH) -> tuple[Path, ...]:
    """Return the paths of the fields that are an `AccessContext`, at most *depth* deep; lists hold none."""
    access_paths: list[Path] = []
    for field in descriptor.fields:
        if field.message_type is None or field.is_repeated:
            continue
        if field.message_type is AccessContext.DESCRIPTOR:
            access_paths.append((field.name,))
        elif depth > 1:
            access_paths += [(field.name, *rest) for rest in paths(field.message_type, depth - 1)]
    return tuple(access_paths)


def subject_of(request: Message) -> str:
    """Return the person whom *request* names outright, for the access log; else an empty string."""
    for field in ("person", "parent", "name"):
        match = _PERSON.match(str(getattr(request, field, "")))
        if match:
            return OURS + match[1]
    return ""
