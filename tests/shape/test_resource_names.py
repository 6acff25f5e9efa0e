"""Where the contract names a thing, it says of which kind, and takes its short name as well as the full."""

import re
from collections.abc import Iterator

import pytest
from buf.validate import validate_pb2
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

from lientuyen.type.v1.resource_pb2 import resource  # known before the set is read

from .contract import files, messages, methods

# A full name, or a short one, as comments write it: `//identity.lientuyen/persons/{person}`.
TEMPLATE = re.compile(r"`(//[a-z{}]+\.lientuyen/)?[a-z][A-Za-z]+/\{[a-z_]+\}")
FULL = re.compile(r"//([a-z]+|\{service\})\.lientuyen/([a-z][A-Za-z]+/\{[a-z_]+\}/?)+")
# They name things that every service has, and take both forms by themselves.
OF_ANY_SERVICE = {
    "lientuyen.chassis.v1.ReplayEventRequest.name",
    "lientuyen.chassis.v1.StopEventRequest.name",
}
# What the parts in braces may be.
PARTS = {
    "facility": "01999",
    "drug": "vd-12345-26",
    "lot": "a-1",
    "node": "north",
    "province": "01",
    "receipt": "acceptance",
    "signing_certificate": "0f" * 32,
}
# They name things of several kinds: full only, for a short name would not say whose.
OF_ANY_KIND = {
    "lientuyen.records.v1.DossierSlip.resource",
    "lientuyen.routing.v1.Message.about",
    "lientuyen.routing.v1.Notice.subject",
}
UUID = "5b0e3d0e-4f6e-4c55-8f7a-2a7b8f1c0d13"
# The same to who reads a UUID, and another name to who compares, stores or logs it.
DISGUISED = ("----5b0e3d0e4f6e4c558f7a2a7b8f1c0d13", UUID.upper(), f"{{{UUID}}}")


def commented() -> Iterator[tuple[str, FieldDescriptorProto, str]]:
    """Every field of ours, with its full name and its comment."""

    def walk(message: DescriptorProto, path: tuple[int, ...], name: str) -> None:
        for index, field in enumerate(message.field):
            found.append((f"{name}.{field.name}", field, text.get((*path, 2, index), "")))
        for index, inner in enumerate(message.nested_type):
            walk(inner, (*path, 3, index), f"{name}.{inner.name}")

    for file in files():
        found: list[tuple[str, FieldDescriptorProto, str]] = []
        text = {tuple(place.path): place.leading_comments for place in file.source_code_info.location}
        for index, message in enumerate(file.message_type):
            walk(message, (4, index), f"{file.package}.{message.name}")
        yield from found


def taken() -> dict[str, FieldDescriptorProto]:
    """The names that requests hold, in themselves or in the messages within them."""
    seen: dict[str, FieldDescriptorProto] = {}

    def walk(name: str) -> None:
        for field in messages()[name].field:
            if f"{name}.{field.name}" not in seen:
                seen[f"{name}.{field.name}"] = field
                if field.type_name in messages():
                    walk(field.type_name)

    for method in methods():
        walk(f".lientuyen.{method.owner}.v1.{method.request.name}")
    return {name: field for name, field in seen.items() if field.options.Extensions[resource]}


def named(field: FieldDescriptorProto) -> str:
    """A full name of the kind that *field* takes."""
    template: str = field.options.Extensions[resource]
    return re.sub(r"\{(\w+)\}", lambda part: PARTS.get(part[1], UUID), template)


def test_a_field_whose_comment_shows_a_name_says_of_what():
    """The option is what makes a short name full, so a field without it would keep two forms of one name."""
    silent = [
        name
        for name, field, comment in commented()
        if TEMPLATE.search(comment) and field.type == FieldDescriptorProto.TYPE_STRING
        if not field.options.Extensions[resource] and name not in OF_ANY_KIND | OF_ANY_SERVICE
    ]

    assert silent == [], "these want the option lientuyen.type.v1.resource"


def test_the_kind_and_the_comment_of_a_name_show_it_in_full():
    short = [
        name
        for name, field, comment in commented()
        if (template := field.options.Extensions[resource])
        if not FULL.fullmatch(template) or ((shown := TEMPLATE.search(comment)) and not shown[1])
    ]

    assert short == []


@pytest.mark.parametrize(("name", "field"), list(taken().items()))
def test_a_request_takes_a_name_short_as_well_as_full(name: str, field: FieldDescriptorProto):
    rules = field.options.Extensions[validate_pb2.field]
    rules = rules.repeated.items if field.label == FieldDescriptorProto.LABEL_REPEATED else rules
    full = named(field)
    short = re.sub(r"^//[a-z]+\.lientuyen/", "", full)

    assert not rules.string.prefix
    assert [form for form in (full, short) if not re.search(rules.string.pattern, form)] == []
    assert not rules.string.pattern or not re.search(rules.string.pattern, f"//other.lientuyen/{short}")


@pytest.mark.parametrize(("name", "field"), list(taken().items()))
def test_a_thing_has_one_name(name: str, field: FieldDescriptorProto):
    """Another would hide from a person who read what is theirs.  Records looks for it in its handlers."""
    rules = field.options.Extensions[validate_pb2.field]
    rules = rules.repeated.items if field.label == FieldDescriptorProto.LABEL_REPEATED else rules
    pattern = "" if name.startswith(".lientuyen.records.") else rules.string.pattern
    others = [named(field).replace(UUID, other) for other in DISGUISED if UUID in named(field)]

    assert [other for other in others if pattern and re.search(pattern, other)] == []
