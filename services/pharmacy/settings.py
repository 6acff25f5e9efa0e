"""The settings of pharmacy: `PHARMACY_…`."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="PHARMACY_")

    # Minutes that a pharmacy may hold a prescription without dispensing: long enough to
    # fetch and pack the drugs, short enough that a forgotten claim does not send the
    # patient home.
    claim_minutes: int = Field(15, ge=1, le=120)

    # The rate limits of codes (docs/adr/0045): what one pharmacy or hospital may do, at each replica.  The
    # busiest pharmacy hands out to one patient every few seconds.
    lookups_per_second: float = Field(50, gt=0, le=1_000_000)
    lookups_burst: int = Field(500, ge=1, le=1_000_000)
    # Codes that nobody has: most are scanned, and who types one by hand errs a few times an hour.
    misses_per_minute: float = Field(6, gt=0, le=1_000_000)
    misses_burst: int = Field(30, ge=1, le=1_000_000)
