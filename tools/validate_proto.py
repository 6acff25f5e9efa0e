"""
Writes `protos/buf/validate/validate.proto` from the installed protovalidate.

The rules in our protos are options that this file declares, so every client
that compiles the contract needs its text; the wheel carries the descriptor
only.  The text here declares the same names and numbers, without the comments
and without the checks that protovalidate keeps to itself.
"""

from collections.abc import Iterator

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from protovalidate._gen.buf.validate import validate_pb

HEADER = """\
// Copyright (c) 2023-2026 Buf Technologies, Inc.  Licensed under the Apache License, Version 2.0.
//
// Written by tools/validate_proto.py from the descriptor in the installed protovalidate; do not edit.
// Options on the rules themselves are left out: only the validator reads them.
"""

# Where the published packages have the code of this file, which is what clients use.  (The descriptor in
# the wheel has the options of its own build.)
LANGUAGES = """\
option go_package = "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate";
option java_multiple_files = true;
option java_outer_classname = "ValidateProto";
option java_package = "build.buf.validate";
"""

SCALARS = {number: name.removeprefix("TYPE_").lower() for name, number in FieldDescriptorProto.Type.items()}
LABELS = {
    FieldDescriptorProto.LABEL_OPTIONAL: "optional ",
    FieldDescriptorProto.LABEL_REPEATED: "repeated ",
    FieldDescriptorProto.LABEL_REQUIRED: "required ",
}
MAX_FIELD = 536870912


def text() -> str:
    file = FileDescriptorProto.FromString(validate_pb.desc().proto.to_binary())
    lines = [HEADER, 'syntax = "proto2";', "", f"package {file.package};", ""]
    lines += [f'import "{name}";' for name in file.dependency]
    lines += ["", LANGUAGES.rstrip()]
    for extension in file.extension:
        lines += ["", f"extend {extension.extendee.lstrip('.')} {{", f"  {field(extension)}", "}"]
    for enum in file.enum_type:
        lines += ["", *enumeration(enum)]
    for message in file.message_type:
        lines += ["", *body(message)]
    return "\n".join(lines) + "\n"


def field(descriptor: FieldDescriptorProto, *, in_oneof: bool = False) -> str:
    kind = descriptor.type_name.lstrip(".") or SCALARS[descriptor.type]
    label = "" if in_oneof else LABELS[descriptor.label]
    return f"{label}{kind} {descriptor.name} = {descriptor.number};"


def enumeration(enum: EnumDescriptorProto) -> Iterator[str]:
    yield f"enum {enum.name} {{"
    yield from (f"  {value.name} = {value.number};" for value in enum.value)
    yield "}"


def body(message: DescriptorProto) -> Iterator[str]:
    yield f"message {message.name} {{"
    for descriptor in message.field:
        if not descriptor.HasField("oneof_index"):
            yield f"  {field(descriptor)}"
    for index, oneof in enumerate(message.oneof_decl):
        yield f"  oneof {oneof.name} {{"
        for descriptor in message.field:
            if descriptor.HasField("oneof_index") and descriptor.oneof_index == index:
                yield f"    {field(descriptor, in_oneof=True)}"
        yield "  }"
    for span in message.extension_range:
        end = "max" if span.end >= MAX_FIELD else str(span.end - 1)
        yield f"  extensions {span.start} to {end};"
    yield "}"
