"""
protos/ → gen/.  `python -m tools.gen` writes, `python -m tools.gen --check` tells whether gen/ is fresh.

Besides what protoc makes, each `error_reason.proto` becomes an `error_reasons.py`:
the reasons with their sentences, so that an error is raised by a typed name.
"""

import filecmp
import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from grpc_tools import protoc

from tools import validate_proto

ROOT = Path(__file__).resolve().parent.parent
PROTOS, GEN = ROOT / "protos", ROOT / "gen"
WELL_KNOWN = Path(protoc.__file__).parent / "_proto"

REASON_CLASS = '''\
"""The shape of an error reason.  Written by tools/gen.py; do not edit."""

from typing import NamedTuple


class Reason(NamedTuple):
    """A reason of an error: its name in the contract, who owns it, and its sentence in two languages.

    The sentences hold `{keys}` of the error's metadata.
    """

    name: str
    domain: str
    en: str
    vi: str
'''


def generate(out: Path) -> None:
    files = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
    services = [name for name in files if name.endswith("_service.proto")]
    ours = [name for name in files if not name.startswith("buf/")]
    run(files, f"--python_out={out}", f"--pyi_out={out}")
    run(services, f"--grpc_python_out={out}", f"--mypy_grpc_out=quiet:{out}")
    run(ours, "--include_imports", "--include_source_info", f"--descriptor_set_out={out / 'lientuyen.binpb'}")
    write_reasons(out)
    (out / "lientuyen" / "py.typed").touch()


def run(files: list[str], *flags: str) -> None:
    plugin = f"--plugin=protoc-gen-mypy_grpc={Path(sys.executable).parent / 'protoc-gen-mypy_grpc'}"
    extra = [plugin] if any("mypy_grpc" in flag for flag in flags) else []
    if protoc.main(["protoc", f"-I{PROTOS}", f"-I{WELL_KNOWN}", *extra, *flags, *files]) != 0:
        raise SystemExit("protoc refused the contract")


def write_reasons(out: Path) -> None:
    """Write `error_reasons.py` beside each compiled `error_reason.proto`."""
    sys.path.insert(0, str(out))
    from lientuyen.type.v1 import error_text_pb2

    (out / "lientuyen/type/v1/reason.py").write_text(REASON_CLASS, encoding="utf8")
    for path in sorted(PROTOS.glob("lientuyen/*/v1/error_reason.proto")):
        module = ".".join(path.relative_to(PROTOS).with_suffix("").parts) + "_pb2"
        domain = f"{path.parts[-3]}.lientuyen"
        lines = [
            f'"""The error reasons of {domain}.  Written by tools/gen.py; do not edit."""',
            "",
            "from lientuyen.type.v1.reason import Reason",
            "",
        ]
        for value in import_module(module).ErrorReason.DESCRIPTOR.values[1:]:
            text = value.GetOptions().Extensions[error_text_pb2.error_text]
            short = value.name.removeprefix("ERROR_REASON_")
            lines.append(f"{short} = Reason({value.name!r}, {domain!r}, {text.en!r}, {text.vi!r})")
        target = out / path.relative_to(PROTOS).with_name("error_reasons.py")
        target.write_text("\n".join(lines) + "\n", encoding="utf8")


def differs(fresh: Path, checked_in: Path) -> list[str]:
    names = {
        path.relative_to(top)
        for top in (fresh, checked_in)
        for path in top.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return sorted(
        str(name)
        for name in names
        if not (
            (fresh / name).exists()
            and (checked_in / name).exists()
            and filecmp.cmp(fresh / name, checked_in / name, shallow=False)
        )
    )


def main() -> None:
    rules = PROTOS / "buf/validate/validate.proto"
    if "--check" not in sys.argv:
        rules.parent.mkdir(parents=True, exist_ok=True)
        rules.write_text(validate_proto.text(), encoding="utf8")
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        generate(fresh)
        stale = differs(fresh, GEN)
        if "--check" in sys.argv:
            stale += [] if rules.read_text(encoding="utf8") == validate_proto.text() else [str(rules)]
            raise SystemExit("gen/ is stale: run `make gen`\n" + "\n".join(stale) if stale else 0)
        for name in stale:
            replace(fresh / name, GEN / name)


def replace(fresh: Path, checked_in: Path) -> None:
    if not fresh.exists():
        checked_in.unlink()
        return
    checked_in.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(fresh, checked_in)


if __name__ == "__main__":
    main()
