"""The settings of identity: `IDENTITY_…`."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """What every service is told, and how long a decision to let somebody read holds."""

    model_config = SettingsConfigDict(env_prefix="IDENTITY_", frozen=True)

    # The name of this node of the exchange, as `north`; empty where there is one node only.
    node: str = Field("", pattern=r"^[a-z0-9-]{0,63}$")

    # Folder with signing.crt and signing.key, of this service, which sign the directory of facilities.
    signing_dir: Path | None = None

    # Look-ups are cheap and go in batches (docs/adr/0020), which want many calls at once.
    calls_at_once: int = Field(256, ge=1, le=100_000)
    calls_each: int = Field(24, ge=1, le=100_000)

    # Hours that one emergency access lasts: a shift and its handover.  Then the reason is given again.
    emergency_hours: int = Field(24, ge=1, le=72)

    # Seconds that any other decision holds: the length of the read it was asked for.  A
    # consent that is withdrawn counts no more at the next call.
    decision_seconds: int = Field(60, ge=1, le=600)

    # What agreements of names, dates … are worth, estimated from the deployment's own register by
    # `python -m tools.estimate_matching`; None means the table that is shipped.
    matching_weights: Path | None = None

    # The rate limits of the look-ups (docs/adr/0026): what one hospital may do, at each replica; other
    # callers have a multiple of it.  A hospital of 10,000 patients a day looks up 5 numbers a
    # second in the worst minute of its morning: ten times that, and ten seconds of it at once.
    lookups_per_second: float = Field(50, gt=0, le=1_000_000)
    lookups_burst: int = Field(500, ge=1, le=1_000_000)
    # Numbers that nobody has: misread and foreign cards are some 2 % of the look-ups, 6 a minute.
    misses_per_minute: float = Field(30, gt=0, le=1_000_000)
    misses_burst: int = Field(120, ge=1, le=1_000_000)
    # Look-ups in work at a time: two full batches of each kind (docs/adr/0020).  One caller has three
    # quarters of them at most; who waits beyond that comes in turn with the others.
    lookups_at_once: int = Field(128, ge=1, le=10_000)

    # The insurance portal (cổng giám định BHYT), as https://host; empty: no portal, the register alone.
    # Its password goes over the wire: plain http is for this machine only.
    portal_url: str = Field("", pattern=r"^(https?://[^/?#\s]+)?/?$")
    # The account, and the member of staff in whose name is asked (hoTenCb, cccdCb), as registered there.
    portal_username: str = Field("", max_length=100)
    portal_password: SecretStr = SecretStr("")
    # A file with the password, read whenever it is needed; it goes before the setting.
    portal_password_file: Path | None = None
    portal_staff_name: str = Field("", max_length=255, repr=False)
    portal_staff_id: str = Field("", max_length=20, repr=False)
    # The authorities that the portal's certificate is checked by; the system's when not given.
    portal_ca_file: Path | None = None
    # Seconds that the portal is waited for: a reception gets the last known answer after that.
    portal_seconds: float = Field(3.0, gt=0, le=30)
    # So many silences in a row, and the portal is left alone for so many seconds.
    portal_failures: int = Field(5, ge=1, le=100)
    portal_recovery_seconds: float = Field(2.0, gt=0, le=60)
    # Questions to the portal at once, of this replica.
    portal_at_once: int = Field(16, ge=1, le=1000)

    # Seconds for which a confirmation serves again.  A look-up at arrival must be a real one (TT
    # 12/2026/TT-BYT Art. 4): this covers the second click and the second desk of one arrival, no more.
    coverage_fresh_seconds: float = Field(30.0, ge=0, le=600)
    # The portal's last answers that are kept in memory: about 1 KB each.
    coverage_remembered: int = Field(10_000, ge=0, le=1_000_000)

    def certificates(self) -> dict[str, list[Path]]:
        signing = {"signing_dir": [self.signing_dir / "signing.crt"]} if self.signing_dir else {}
        return super().certificates() | signing

    @model_validator(mode="after")
    def _portal_is_whole(self) -> Self:
        """Check that a portal comes with an account, and with TLS unless it is on this machine."""
        if not self.portal_url:
            return self
        needed = {
            "PORTAL_USERNAME": self.portal_username,
            "PORTAL_PASSWORD or PORTAL_PASSWORD_FILE": self.portal_password.get_secret_value()
            or self.portal_password_file,
            "PORTAL_STAFF_NAME": self.portal_staff_name,
            "PORTAL_STAFF_ID": self.portal_staff_id,
        }
        missing = [name for name, value in needed.items() if not value]
        if missing:
            raise ValueError(f"a portal needs {', '.join(missing)}")
        place = urlsplit(self.portal_url)
        if place.scheme != "https" and place.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("PORTAL_URL must be https")
        return self
