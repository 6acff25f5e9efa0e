"""The contract as data, for the tests of its shape: read from the compiled descriptors."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumValueDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

from lientuyen.type.v1.error_text_pb2 import ErrorText, error_text  # known before the set is read

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("identity", "records", "routing", "pharmacy")

# What only reads begins with one of these; every other method writes.
READING = (
    "Get",
    "List",
    "Find",
    "Match",
    "Check",
    "Search",
    "Resolve",
    "Validate",
    "Trace",
    "Authorize",
    "Receive",
    "Download",
)


@dataclass(frozen=True, slots=True)
class Method:
    """One RPC of ours."""

    owner: str
    service: str
    name: str
    request: DescriptorProto
    response: DescriptorProto

    @property
    def path(self) -> str:
        return f"{self.service}/{self.name}"

    @property
    def full(self) -> str:
        return f"lientuyen.{self.owner}.v1.{self.path}"

    @property
    def reads(self) -> bool:
        return self.name.startswith(READING)

    def __str__(self) -> str:
        return self.full


@cache
def files() -> tuple[FileDescriptorProto, ...]:
    data = (ROOT / "gen/lientuyen.binpb").read_bytes()
    return tuple(
        file for file in FileDescriptorSet.FromString(data).file if file.name.startswith("lientuyen/")
    )


@cache
def messages() -> dict[str, DescriptorProto]:
    """Every message of ours by its full name, nested ones too."""

    def walk(prefix: str, message: DescriptorProto) -> Iterator[tuple[str, DescriptorProto]]:
        name = f"{prefix}.{message.name}"
        yield name, message
        for inner in message.nested_type:
            yield from walk(name, inner)

    return dict(
        pair
        for file in files()
        for message in file.message_type
        for pair in walk(f".{file.package}", message)
    )


@cache
def methods() -> tuple[Method, ...]:
    return tuple(
        Method(
            file.package.split(".")[1],
            service.name,
            method.name,
            messages()[method.input_type],
            messages()[method.output_type],
        )
        for file in files()
        for service in file.service
        for method in service.method
    )


def sentences(value: EnumValueDescriptorProto) -> ErrorText:
    """What a value of an ErrorReason says to people."""
    return value.options.Extensions[error_text]


def field(message: DescriptorProto, name: str) -> FieldDescriptorProto | None:
    return next((one for one in message.field if one.name == name), None)


def reaches(message: DescriptorProto, name: str) -> bool:
    """Tell whether *message*, or a message of ours directly in it, has the field *name*."""
    inner = (messages().get(one.type_name) for one in message.field)
    return field(message, name) is not None or any(one and field(one, name) for one in inner)
