"""
Where the four services are, and with which certificate to call them.

Three ways, the first that is given wins: addresses in the environment
(`LIENTUYEN_IDENTITY`, `LIENTUYEN_RECORDS`, `LIENTUYEN_ROUTING`,
`LIENTUYEN_PHARMACY`, each `host:port`, with `LIENTUYEN_TLS` naming the folder of
the certificate); or the stack that `lientuyen up` started, found in the state
folder (`LIENTUYEN_HOME`, else `$XDG_STATE_HOME/lientuyen`, else
`~/.local/state/lientuyen`).
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SERVICES = ("identity", "records", "routing", "pharmacy")


class NoStack(Exception):
    """There is nobody to call: no address was given, and no running stack was found."""

    def __init__(self, message: str, message_vi: str) -> None:
        super().__init__(message)
        self.message_vi = message_vi


class NoCertificate(NoStack):
    """There is no certificate, or none that can be read, for whom we call as."""


def no_address(service: str) -> NoStack:
    """Return what to raise when some addresses were given, but not that of *service*."""
    variable = f"LIENTUYEN_{service.upper()}"
    return NoStack(
        f"no address of {service}: set {variable} as well",
        f"Chưa có địa chỉ của dịch vụ {service}: đặt thêm {variable}.",
    )


@dataclass(frozen=True, slots=True)
class Stack:
    """Addresses by service, and the folder that holds `<kind>-<id>/` folders of certificates.

    *pid* is the process of a stack on this machine, 0 for one that is elsewhere.
    """

    addresses: Mapping[str, str]
    tls: Path
    single_identity: bool = False
    pid: int = 0

    def tls_folder(self, identity: str) -> Path:
        """Return the folder (`ca.crt`, `tls.crt`, `tls.key`) with which *identity* calls."""
        return self.tls if self.single_identity else self.tls / identity.replace("/", "-", 1)


def default_home() -> Path:
    if folder := os.environ.get("LIENTUYEN_HOME"):
        return Path(folder)
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "lientuyen"


def find_stack(folder: Path | None = None) -> Stack:
    """Return the stack to call, or raise NoStack with what to do."""
    addresses = {name: os.environ.get(f"LIENTUYEN_{name.upper()}", "") for name in SERVICES}
    if folder is None and any(addresses.values()):
        return Stack(addresses, Path(os.environ.get("LIENTUYEN_TLS", "tls")), single_identity=True)
    return read_stack(folder or default_home())


def read_stack(folder: Path) -> Stack:
    """Return the stack that runs in *folder*; NoStack when none does, or when its `stack.json` is damaged."""
    try:
        state = json.loads((folder / "stack.json").read_text(encoding="utf8"))
        stack = Stack(dict(state["addresses"]), folder / "tls", pid=int(state["pid"]))
        if not is_running(stack.pid):
            raise ProcessLookupError
    except (FileNotFoundError, NotADirectoryError, ProcessLookupError, ValueError, KeyError, TypeError):
        raise NoStack(
            f"no stack runs in {folder}: start one with `lientuyen up`",
            f"Không có hệ thống nào chạy ở {folder}: khởi động bằng `lientuyen up`.",
        ) from None
    return stack


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True  # under another user
    except (ProcessLookupError, OverflowError):
        return False
    return True


def collector_url(folder: Path) -> str:
    """Return the address (`http://host:port`) of the trace receiver of the stack in *folder*, or nothing."""
    state = json.loads((folder / "stack.json").read_text(encoding="utf8"))
    address = state.get("collector") or ""
    return f"http://{address}" if address and "://" not in address else address
