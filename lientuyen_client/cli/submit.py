"""`lientuyen submit`: send dossiers and check-ins; a result per file."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import track

from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen.records.v1.dossier_pb2 import DossierSlip

from ..client import Client, connect
from ..errors import ServiceError
from .common import As, AsJson, err, error_object, exit_code, out, print_json, run, show_error

CHECK_IN_ROOT = b"<CHI_TIEU_TRANG_THAI_KCB"
REPLACES_HELP = (
    "The version of the dossier that this file replaces: confirms another person or a lost signature."
)

SLIP_STATES = {
    "STATE_PENDING": "đang gửi",
    "STATE_ISSUED": "đã phát hành",
    "STATE_UNCHANGED": "không thay đổi",
    "STATE_REPLACED": "đã thay thế",
    "STATE_CANCELLED": "đã hủy",
    "STATE_NOT_SENT": "không gửi được",
}


def submit(
    files: Annotated[list[Path], typer.Argument(help="Dossiers (XML1…XML15) or check-ins (XML0).")],
    caller: As = "facility/01999",
    replaces_version: Annotated[int, typer.Option(min=0, help=REPLACES_HELP)] = 0,
    as_json: AsJson = False,
) -> None:
    """Send files of QĐ 3176/QĐ-BYT.  Each is taken whole or refused whole, with every fault."""
    if replaces_version and len(files) != 1:
        raise typer.BadParameter("--replaces-version chỉ dùng khi gửi một tệp")
    run(send_all(files, caller, replaces_version, as_json=as_json), as_json=as_json)


async def send_all(files: list[Path], caller: str, replaces_version: int = 0, *, as_json: bool) -> int:
    worst_code = 0
    async with connect(caller) as client:
        for path in track(files, "gửi", console=err, disable=len(files) < 2):
            try:
                show_outcome(path, await send(client, path.read_bytes(), replaces_version), as_json=as_json)
            except ServiceError as error:
                worst_code = max(worst_code, exit_code(error))
                show_refusal(path, error, as_json=as_json)
    return worst_code


async def send(client: Client, content: bytes, replaces_version: int = 0) -> dict[str, Any]:
    if CHECK_IN_ROOT in content[:2000]:
        reply = await client.dossiers.SubmitCheckIn(dossiers.SubmitCheckInRequest(content=content))
        names = [check_in.name for check_in in reply.check_ins]
        return {"accepted": True, "names": names, "sha256": reply.sha256, "warnings": len(reply.warnings)}
    request = dossiers.SubmitDossierRequest(content=content, replaces_version=replaces_version)
    submitted = await client.dossiers.SubmitDossier(request)
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
        print_json({"file": str(path), **outcome})
        return
    warnings = f"  [yellow]{outcome['warnings']} cảnh báo[/]" if outcome["warnings"] else ""
    known = f"  đã có, giữ nguyên phiên bản {outcome['version']}" if outcome.get("unchanged") else ""
    out.print(f"[green]✓ đã nhận[/]  {path}  {', '.join(outcome['names'])}{known}{warnings}")
    for slip in outcome.get("slips", ()):
        out.print(slip_line(slip))


def show_refusal(path: Path, error: ServiceError, *, as_json: bool) -> None:
    if as_json:
        print_json({"file": str(path), "accepted": False, **error_object(error)})
        return
    out.print(f"[red]✗ bị từ chối[/]  {path}")
    show_error(error)
