"""`lientuyen submit`: send dossiers and check-ins; a result per file."""

from pathlib import Path
from typing import Any

from rich.progress import track

from lientuyen.records.v1 import dossier_service_pb2 as dossiers

from ..client import Client, connect
from ..retrying_calls import DEFAULT_TIMEOUT_S
from .common import As, AsJson, err, out, print_json, printable, read_file, run, show_file_failure
from .failures import DONE, text_of
from .validate import Files

CHECK_IN_ROOT = b"<CHI_TIEU_TRANG_THAI_KCB"

# A file of 30 MiB is read, checked, sealed and stored; a slow line carries a megabit a second.
SECONDS_PER_MIB = 10.0


def submit(files: Files, caller: As = "facility/01999", as_json: AsJson = False) -> None:
    """Gửi tệp theo QĐ 3176/QĐ-BYT.  Mỗi tệp được nhận trọn hoặc bị từ chối trọn, kèm mọi lỗi."""
    run(send_all(files, caller, as_json=as_json))


async def send_all(files: list[Path], caller: str, *, as_json: bool) -> int:
    worst_code = DONE
    async with connect(caller) as client:
        for path in track(files, "gửi", console=err, disable=len(files) < 2):
            try:
                show_outcome(path, await send(client, read_file(path)), as_json=as_json)
            except Exception as error:  # one file's: the others are sent all the same
                worst_code = max(worst_code, show_file_failure(path, error, as_json=as_json))
    return worst_code


async def send(client: Client, content: bytes) -> dict[str, Any]:
    timeout = DEFAULT_TIMEOUT_S + SECONDS_PER_MIB * len(content) / 2**20
    if CHECK_IN_ROOT in content[:2000]:
        check_in = dossiers.SubmitCheckInRequest(content=content)
        reply = await client.dossiers.SubmitCheckIn(check_in, timeout=timeout)
        names = [check_in.name for check_in in reply.check_ins]
        return {"accepted": True, "names": names, "sha256": reply.sha256, "warnings": len(reply.warnings)}
    request = dossiers.SubmitDossierRequest(content=content)
    submitted = await client.dossiers.SubmitDossier(request, timeout=timeout)
    return {
        "accepted": True,
        "names": [submitted.dossier.name],
        "version": submitted.dossier.version,
        "sha256": submitted.receipt.sha256,
        "warnings": len(submitted.warnings),
    }


def show_outcome(path: Path, outcome: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json({"file": text_of(path), **outcome})
        return
    warnings = f"  [yellow]{outcome['warnings']} cảnh báo[/]" if outcome["warnings"] else ""
    out.print(f"[green]✓ đã nhận[/]  {printable(path)}  {', '.join(outcome['names'])}{warnings}")
