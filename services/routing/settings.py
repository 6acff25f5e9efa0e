"""What the routing service is told, beyond what every service is."""

from datetime import date
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="ROUTING_")

    # Folder with signing.crt and signing.key, which sign the receipts.  Without it the
    # service's own TLS certificate signs, which is enough for a laptop.
    signing_dir: Path | None = None

    # How often a message is leased before it is dead.
    max_attempts: int = Field(10, ge=1, le=1000)

    # Seconds between two polls of a mailbox that nobody announced anything for.
    poll_seconds: float = Field(5.0, gt=0, le=300)

    # Seconds between two rounds of what runs periodically (`service/expiry_and_retention.py`).
    sweep_seconds: float = Field(30.0, gt=0, le=3600)

    # Days that the body of a message stays after it was accepted, once it is acknowledged or stopped.
    body_retention_days: int = Field(60, ge=1)

    # The days that the Government makes holidays beside the fixed ones: Tết, the Hùng kings' day,
    # days moved for a bridge.  As JSON: ["2027-02-05", …].
    holidays: frozenset[date] = frozenset()

    def certificates(self) -> dict[str, list[Path]]:
        signing = {"signing_dir": [self.signing_dir / "signing.crt"]} if self.signing_dir else {}
        return super().certificates() | signing
