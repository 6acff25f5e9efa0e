"""What the records service is told, beyond what every service is."""

from datetime import date
from pathlib import Path

from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="RECORDS_")

    # The certificates (PEM) of the exchange's own signing authority, whose certificates name their facility
    # (SPIFFE).  All others, and these too when there is none, must be registered in identity's directory.
    signing_ca: Path | None = None

    # The days that the Government makes holidays beside the fixed ones, by which deadlines of dossiers run:
    # Tết, the Hùng kings' day, days moved for a bridge.  As JSON: ["2027-02-05", …].
    holidays: frozenset[date] = frozenset()

    def certificates(self) -> dict[str, list[Path]]:
        signing = {"signing_ca": [self.signing_ca]} if self.signing_ca else {}
        return super().certificates() | signing
