"""
Resource names (AIP-122): taken short or full, and full from then on.

The contract says which fields hold names, and of what (the option `lientuyen.type.v1.resource`).
The short names of a request are made full before its handler runs: whatever compares, stores or
logs a name sees one form of it, and answers hold it.

Two things must stay as they were before names came full, across releases and for replicas side by
side: the fingerprint of a write and what a page token is bound to.  They are taken of a copy in
the form in which callers were given names, the service's own short and others' full.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, TypeAlias, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from lientuyen.type.v1.resource_pb2 import resource


class NameField(NamedTuple):
    """A field that holds a name, or a list of them: of `//identity.lientuyen/`, `persons/`."""

    field: str
    is_list: bool
    service: str
    collection: str
    # Whether the thing belongs to the service whose message it is.
    is_own: bool


class Layout(NamedTuple):
    """Where a message holds names: in fields of its own, and in the messages within it."""

    names: tuple[NameField, ...]
    messages: tuple[tuple[str, bool], ...]


Form: TypeAlias = Callable[[str, NameField], str]


def make_full(message: Message) -> None:
    """Make every short name in *message* full.  What is no name stays, for the rules to judge."""
    _rewrite(message, _full)


def make_own_short(message: Message) -> None:
    """Make the names of the service's own things short, and leave the others'."""
    _rewrite(message, _own_short)


def _full(name: str, of: NameField) -> str:
    return of.service + name if name.startswith(of.collection) else name


def _own_short(name: str, of: NameField) -> str:
    return name.removeprefix(of.service) if of.is_own else name


def _rewrite(message: Message, form: Form) -> None:
    layout = layout_of(message.DESCRIPTOR)
    for name in layout.names:
        value = getattr(message, name.field)
        if name.is_list:
            value[:] = [form(entry, name) for entry in value]
        elif (rewritten := form(value, name)) != value:
            setattr(message, name.field, rewritten)
    for field, is_list in layout.messages:
        if is_list:
            for inner in getattr(message, field):
                _rewrite(inner, form)
        elif message.HasField(field):
            _rewrite(getattr(message, field), form)


@cache
def layout_of(descriptor: Descriptor) -> Layout:
    """Return where messages of this type hold names; maps, and messages within themselves, hold none."""
    owner = descriptor.file.package.split(".")[1:2]
    names = [name for field in descriptor.fields if (name := _name_field(field, *owner))]
    inner = [
        (field.name, field.is_repeated)
        for field in descriptor.fields
        if field.message_type is not None and not field.message_type.GetOptions().map_entry
        if field.message_type is not descriptor and any(layout_of(field.message_type))
    ]
    return Layout(tuple(names), tuple(inner))


def _name_field(field: FieldDescriptor, owner: str = "") -> NameField | None:
    template: str = cast(Any, field.GetOptions()).Extensions[resource]
    if not template:
        return None
    domain, _, rest = template.removeprefix("//").partition("/")
    collection = rest.partition("/")[0] + "/"
    return NameField(
        field.name, field.is_repeated, f"//{domain}/", collection, domain == f"{owner}.lientuyen"
    )
