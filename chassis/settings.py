"""
A service's settings: environment variables, read once, checked together, frozen.

A service subclasses `ServiceSettings` with its own prefix; whatever it adds has
a good default or is required of every deployment.  A wrong setting is named by
its variable and the rule it broke.  Its value is never shown: it may be a password.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn, TypeVar

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

# Calls in work at a time: enough to keep two cores and the connections to the database busy.  And one
# caller's beside others: with more, more is done than gRPC takes in meanwhile, and calls wait where nobody
# knows whose they are (docs/measurements/turns.md).
MAX_CALLS, MAX_CALLS_EACH = 16, 3

# sysexits.h: the program was configured wrongly.  Trying again will not help.
EX_CONFIG = 78

# A port that there is, 0 to 65535.
_PORT = r"(6553[0-5]|655[0-2]\d|65[0-4]\d\d|6[0-4]\d{3}|[1-5]\d{4}|\d{1,4})"
# A host and a port; port 0 asks the system for a free one.
_HOST_PORT = rf"^\S+:{_PORT}$"
# The same, or empty where the peer is not used.
_PEER = rf"^(\S+:{_PORT})?$"


class ServiceSettings(BaseSettings):
    """What every service is told.  `IDENTITY_LISTEN` sets `listen` of the one with prefix `IDENTITY_`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    # Where its own database is: postgresql://user:password@host:port/name.  Holds a password: never shown.
    database_url: str = Field(pattern=r"^postgres(ql)?://", repr=False)
    listen: str = Field("127.0.0.1:0", pattern=_HOST_PORT)
    # Where the kubelet, which speaks no mutual TLS, asks for health alone; nowhere by default.
    health_listen: str = Field("", pattern=_PEER)
    # Folder with ca.crt, tls.crt and tls.key, as a Kubernetes TLS secret is mounted.
    tls_dir: Path
    # Folder with the sealing keys.
    keys_dir: Path
    trust_domain: str = Field("lientuyen.test", pattern=r"^[a-z0-9._-]+$")
    # Whether clients may ask for the contract (gRPC reflection).  Off in production.
    reflection: bool = False
    identity_address: str = Field("", pattern=_PEER)
    records_address: str = Field("", pattern=_PEER)
    routing_address: str = Field("", pattern=_PEER)
    pharmacy_address: str = Field("", pattern=_PEER)
    # Connections to the database at most.
    pool_size: int = Field(10, ge=1, le=1000)
    # MiB of the database's disk that are kept for the access log, should the disk be full; 0 for none.
    # A row takes some 320 bytes with its indexes: 256 MiB are several 100,000 reads (docs/adr/0062).
    reserve_mib: int = Field(256, ge=0, le=1024 * 1024)
    # Calls in work at once; who comes beyond that waits for a turn, each caller for its own (docs/adr/0046).
    calls_at_once: int = Field(MAX_CALLS, ge=1, le=100_000)
    # Of these, one caller's while others call too.
    calls_each: int = Field(MAX_CALLS_EACH, ge=1, le=100_000)

    def certificates(self) -> dict[str, list[Path]]:
        """Return the files with certificates (PEM), by the setting that names them or their folder.

        A replica whose certificates have ended does not serve.  A service adds what else it signs with.
        """
        return {"tls_dir": [self.tls_dir / "tls.crt", self.tls_dir / "ca.crt"]}


S = TypeVar("S", bound=BaseSettings)


def load(settings: type[S]) -> S:
    """Return the settings of the environment, or name every fault on stderr and exit with 78."""
    try:
        return settings()
    except ValidationError as error:
        prefix = settings.model_config.get("env_prefix", "")
        details = error.errors(include_url=False, include_input=False, include_context=False)
        refuse([(_variable(prefix, detail), detail["msg"]) for detail in details])


def refuse(faults: Iterable[tuple[str, str]]) -> NoReturn:
    """Name each variable and what is wrong with it on stderr, and exit with 78."""
    lines = [f"  {variable}: {fault}" for variable, fault in faults]
    print("The settings are wrong:", *lines, sep="\n", file=sys.stderr)  # noqa: T201
    raise SystemExit(EX_CONFIG)


def _variable(prefix: str, fault: ErrorDetails) -> str:
    """Return the variable at fault; pydantic's message names the rule it broke, not the value."""
    path = "_".join(str(part) for part in fault["loc"])
    return f"{prefix}{path}".upper() if path else "the settings together"
