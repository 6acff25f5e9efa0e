"""Who we are at a provincial axis: an account in a file, its password in another, read when it is needed."""

from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

# Calls of the axis of Hà Nội, which other provinces' are like.
TOKEN_PATH: Final = "/api/auth/token/take"
SEND_PATH: Final = "/api/kcb/xml/qd3176/guiHoSoXml"
STATUS_PATH: Final = "/api/kcb/tra-cuu-trang-thai"

_PATH: Final = r"^/[\w./-]{1,200}$"


class BatchAccount(BaseModel):
    """`<node>.json` in the folder of adapters, beside `<node>.password`.

    *organization* is the code that the axis gave us (code).  *record_type* is loaiHoSo.  *code_field* is the
    name of the field in which the axis takes the sender's own code of a file, if it does: then nothing is
    sent twice; empty where it has none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    username: str = Field(min_length=1, max_length=100)
    organization: str = Field("", max_length=100)
    record_type: str = Field("130", pattern=r"^[0-9A-Za-z]{1,20}$")
    code_field: str = Field("", pattern=r"^[A-Za-z]{0,50}$")
    token_path: str = Field(TOKEN_PATH, pattern=_PATH)
    send_path: str = Field(SEND_PATH, pattern=_PATH)
    status_path: str = Field(STATUS_PATH, pattern=_PATH)
    # Bytes of the largest file that is taken there, and how many files one batch has.
    max_file_bytes: int = Field(30 * 1024 * 1024, ge=1, le=64 * 1024 * 1024)
    max_files: int = Field(16, ge=1, le=100)
    # Seconds for one call.
    timeout_seconds: float = Field(60.0, gt=0, le=600)


def read_account(folder: Path, node: str) -> BatchAccount:
    """Return the account at *node*; OSError without one, ValueError for one that is wrong."""
    return BatchAccount.model_validate_json((folder / f"{node}.json").read_bytes())


def read_password(folder: Path, node: str) -> str:
    """Return the password at *node*, which may change while we run; OSError without one."""
    return (folder / f"{node}.password").read_text(encoding="utf8").strip()
