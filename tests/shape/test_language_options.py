"""Every file of the contract says where its code goes in each language, by one rule from its package."""

import re

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from tools import validate_proto

from .contract import files


def options_of(package: str, file: str) -> dict[str, object]:
    """Return the options that a file of *package* must have: buf's managed mode, but for Go and Objective-C.

    Go's path is under `lientuyen.test`, which nobody can register; Objective-C, which has no packages,
    tells the services apart by more than a letter.
    """
    root, service, version = package.split(".")
    titles = [root.title(), service.title(), version.title()]
    stem = file.rpartition("/")[2].removesuffix(".proto")
    return {
        "csharp_namespace": ".".join(titles),
        "go_package": f"lientuyen.test/{service}/{version};{service}{version}",
        "java_multiple_files": True,
        "java_outer_classname": stem.title().replace("_", "") + "Proto",
        "java_package": f"com.{package}",
        "objc_class_prefix": f"LT{service.title()}",
        "php_namespace": "\\".join(titles),
        "ruby_package": "::".join(titles),
    }


@pytest.mark.parametrize("file", files(), ids=lambda file: file.name)
def test_every_file_says_where_its_code_goes_in_each_language(file: FileDescriptorProto):
    wanted = options_of(file.package, file.name)

    assert {field.name: value for field, value in file.options.ListFields()} == wanted


def test_the_copy_of_protovalidate_keeps_the_languages_of_the_published_one():
    """A program that had both under two names would register the file twice, and not start."""
    options = dict(re.findall(r'^option (\w+) = "?([^";]*)"?;$', validate_proto.text(), re.MULTILINE))

    assert options == {
        "go_package": "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate",
        "java_multiple_files": "true",
        "java_outer_classname": "ValidateProto",
        "java_package": "build.buf.validate",
    }
