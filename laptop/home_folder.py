"""
The state folder of one stack, its home: what lies where, who holds it, and what it says runs.

    lock, stack.json         held, and written, by the supervisor that runs
    postgres/                the embedded cluster, when a service is given no database
    ca/                      the development authority
    tls/<kind>-<id>/         a TLS folder for each caller; a facility's holds its signing certificate too
    keys/<service>/          the encryption keys of a service
    logs/<program>.log       the output of a program
    traces.db                the traces, kept by the collector

Nothing here is for production: there the deployment's own issuer, databases
and secrets take the place of all of it, and each service runs alone.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .authority import TRUST_DOMAIN


class StackFailed(Exception):
    """The stack cannot start; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Home:
    """The folder at *path*; of a *node* of several, whose trust domain and databases are its own."""

    path: Path
    trust_domain: str = TRUST_DOMAIN
    node: str = ""

    @property
    def tls(self) -> Path:
        return self.path / "tls"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def state(self) -> Path:
        return self.path / "stack.json"

    def tls_of(self, identity: str) -> Path:
        """Return the TLS folder of *identity*: `tls/facility-01999`."""
        return self.tls / identity.replace("/", "-", 1)

    def keys_of(self, service: str) -> Path:
        return self.path / "keys" / service

    def lock(self) -> IO[str]:
        """Hold this home and write our pid into the lock; `StackFailed` when another supervisor holds it.

        The lock is the open file: it ends with us, even when we are killed.
        """
        import fcntl

        self.path.mkdir(mode=0o711, parents=True, exist_ok=True)
        file = (self.path / "lock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read(20).strip()
            file.close()
            raise StackFailed(
                f"A stack runs in {self.path} already (pid {holder or '?'}); stop it first."
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        return file

    def write_state(self, state: Mapping[str, object]) -> None:
        temporary = self.state.with_suffix(".half")
        temporary.write_text(json.dumps(state, indent=2) + "\n", encoding="utf8")
        temporary.chmod(0o600)
        temporary.replace(self.state)


def default_home(environ: Mapping[str, str]) -> Path:
    """Return the state folder: LIENTUYEN_HOME, or `lientuyen` where XDG says that state is kept."""
    if folder := environ.get("LIENTUYEN_HOME"):
        return Path(folder)
    return Path(environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "lientuyen"
