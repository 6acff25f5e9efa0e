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
