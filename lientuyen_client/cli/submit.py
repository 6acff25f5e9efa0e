"""`lientuyen submit`: send dossiers and check-ins; a result per file."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import track

from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen.records.v1.dossier_pb2 import DossierSlip

from ..client import Client, connect
from ..retrying_calls import DEFAULT_TIMEOUT_S
from .common import As, AsJson, err, out, print_json, printable, read_file, run, show_file_failure
from .failures import DONE, CommandFailed, text_of
from .validate import Files

CHECK_IN_ROOT = b"<CHI_TIEU_TRANG_THAI_KCB"
REPLACES_HELP = "Phiên bản hồ sơ mà tệp này thay thế: xác nhận đổi người bệnh hoặc mất chữ ký số."

SLIP_STATES = {
    "STATE_PENDING": "đang gửi",
    "STATE_ISSUED": "đã phát hành",
    "STATE_UNCHANGED": "không thay đổi",
    "STATE_REPLACED": "đã thay thế",
    "STATE_CANCELLED": "đã hủy",
    "STATE_NOT_SENT": "không gửi được",
}

# A file of 64 MiB is read, checked, sealed and stored; a slow line carries a megabit a second.
SECONDS_PER_MIB = 10.0


def submit(
    files: Files,
    caller: As = "facility/01999",
    replaces_version: Annotated[int, typer.Option(min=0, help=REPLACES_HELP)] = 0,
    as_json: AsJson = False,
) -> None:
    """Gửi tệp theo QĐ 3176/QĐ-BYT.  Mỗi tệp được nhận trọn hoặc bị từ chối trọn, kèm mọi lỗi."""
    if replaces_version and len(files) != 1:
        raise CommandFailed(
            "--replaces-version chỉ dùng khi gửi một tệp.",
            "--replaces-version is for one file.",
            reason="USAGE",
            field="--replaces-version",
        )
    run(send_all(files, caller, replaces_version, as_json=as_json))


async def send_all(files: list[Path], caller: str, replaces_version: int = 0, *, as_json: bool) -> int:
    worst_code = DONE
    async with connect(caller) as client:
        for path in track(files, "gửi", console=err, disable=len(files) < 2):
            try:
                outcome = await send(client, read_file(path), replaces_version)
                show_outcome(path, outcome, as_json=as_json)
            except Exception as error:  # one file's: the others are sent all the same
                worst_code = max(worst_code, show_file_failure(path, error, as_json=as_json))
    return worst_code


async def send(client: Client, content: bytes, replaces_version: int = 0) -> dict[str, Any]:
    timeout = DEFAULT_TIMEOUT_S + SECONDS_PER_MIB * len(content) / 2**20
    if CHECK_IN_ROOT in content[:2000]:
        check_in = dossiers.SubmitCheckInRequest(content=content)
        reply = await client.dossiers.SubmitCheckIn(check_in, timeout=timeout)
        names = [check_in.name for check_in in reply.check_ins]
        return {"accepted": True, "names": names, "sha256": reply.sha256, "warnings": len(reply.warnings)}
    request = dossiers.SubmitDossierRequest(content=content, replaces_version=replaces_version)
    submitted = await client.dossiers.SubmitDossier(request, timeout=timeout)
    return {
        "accepted": True,
        "names": [submitted.dossier.name],
        "version": submitted.dossier.version,
        "unchanged": submitted.unchanged,
        "sha256": submitted.receipt.sha256,
        "warnings": len(submitted.warnings),
        "slips": [slip_object(slip) for slip in submitted.dossier.slips],
    }


def slip_object(slip: DossierSlip) -> dict[str, str]:
    """Return what a slip (phiếu chuyển, phiếu hẹn) has become so far; empty words for what is not told."""
    return {
        "table": slip.table,
        "state": DossierSlip.State.Name(slip.state),
        "resource": slip.resource,
        "rule": slip.finding.rule,
        "path": slip.finding.path,
        "message_vi": slip.finding.message_vi,
        "message_en": slip.finding.message_en,
    }


def slip_line(slip: dict[str, str]) -> str:
    """Return a line for staff: which table, what became of it, and why."""
    colour = "yellow" if slip["message_vi"] else "dim"
    words = [slip["table"], SLIP_STATES.get(slip["state"], slip["state"]), slip["resource"]]
    why = f"{slip['path']}: {slip['message_vi']}" if slip["message_vi"] else ""
    return f"  [{colour}]{'  '.join(filter(None, [*words, why]))}[/]"


def show_outcome(path: Path, outcome: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json({"file": text_of(path), **outcome})
        return
    warnings = f"  [yellow]{outcome['warnings']} cảnh báo[/]" if outcome["warnings"] else ""
    known = f"  đã có, giữ nguyên phiên bản {outcome['version']}" if outcome.get("unchanged") else ""
    out.print(f"[green]✓ đã nhận[/]  {printable(path)}  {', '.join(outcome['names'])}{known}{warnings}")
    for slip in outcome.get("slips", ()):
        out.print(slip_line(slip))
