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

    # The name of this node of the exchange, as `north`; empty where there is one node only.
    node: str = Field("", pattern=r"^[a-z0-9-]{0,63}$")

    # Where other nodes connect: mutual TLS between trust domains.  Nowhere by default.
    federation_address: str = Field("", pattern=r"^(\S+:\d{1,5})?$")

    # Seconds between two looks at identity's directory of nodes and facilities.
    directory_seconds: float = Field(5.0, gt=0, le=300)

    # Folder with `<node>.json` and `<node>.password` of each system of another make (`adapters/`).
    adapters_dir: Path | None = None

    # How often a message is leased before it is dead.
    max_attempts: int = Field(10, ge=1, le=1000)

    # Seconds between two polls of a mailbox that nobody announced anything for.
    poll_seconds: float = Field(5.0, gt=0, le=300)

    # Seconds between two rounds of what runs periodically (`service/expiry_and_retention.py`).
    sweep_seconds: float = Field(30.0, gt=0, le=3600)

    # Seconds between two rounds in which receipts enter the log and its head is signed.
    log_seconds: float = Field(5.0, gt=0, le=3600)

    # Days that the body of a message stays after it was accepted, once it is acknowledged or stopped.
    body_retention_days: int = Field(60, ge=1)

    # What may wait (accepted, leased or dead), in messages and MiB: of one sender in one mailbox, of one
    # sender in all, of all senders in one mailbox.  A hospital that is offline for 30 days must lose
    # nothing: a large one gets some 2,000 messages a day of 100 kB, from one other at most half of that.
    share_messages: int = Field(50_000, ge=1)
    share_mib: int = Field(8 * 1024, ge=1)
    sender_messages: int = Field(500_000, ge=1)
    sender_mib: int = Field(64 * 1024, ge=1)
    recipient_messages: int = Field(500_000, ge=1)
    recipient_mib: int = Field(64 * 1024, ge=1)

    # What every sender may have waiting in a mailbox that others have filled.
    reserved_messages: int = Field(1_000, ge=0)
    reserved_mib: int = Field(256, ge=0)

    # The days that the Government makes holidays beside the fixed ones: Tết, the Hùng kings' day,
    # days moved for a bridge.  As JSON: ["2027-02-05", …].
    holidays: frozenset[date] = frozenset()

    # Days before an appointment on which its facility is reminded of it, once; 0 reminds on the day itself.
    reminder_days: int = Field(3, ge=0, le=60)

    def certificates(self) -> dict[str, list[Path]]:
        signing = {"signing_dir": [self.signing_dir / "signing.crt"]} if self.signing_dir else {}
        return super().certificates() | signing
