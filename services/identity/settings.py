"""The settings of identity: `IDENTITY_…`."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """What every service is told, and how long a decision to let somebody read holds."""

    model_config = SettingsConfigDict(env_prefix="IDENTITY_", frozen=True)

    # Hours that one emergency access lasts: a shift and its handover.  Then the reason is given again.
    emergency_hours: int = Field(24, ge=1, le=72)

    # Seconds that any other decision holds: the length of the read it was asked for.  A
    # consent that is withdrawn counts no more at the next call.
    decision_seconds: int = Field(60, ge=1, le=600)
