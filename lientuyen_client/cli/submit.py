"""`lientuyen submit`: send dossiers and check-ins; a result per file."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import track

from lientuyen.records.v1 import dossier_service_pb2 as dossiers

from ..errors import ServiceError
from ..exchange import Exchange, connect
from .common import As, AsJson, err, error_object, exit_code, out, print_json, run, show_error

CHECK_IN_ROOT = b"<CHI_TIEU_TRANG_THAI_KCB"


def submit(
    files: Annotated[list[Path], typer.Argument(help="Dossiers (XML1…XML15) or check-ins (XML0).")],
    caller: As = "facility/01999",
    as_json: AsJson = False,
) -> None:
    """Send files of QĐ 3176/QĐ-BYT.  Each is taken whole or refused whole, with every fault."""
    run(send_all(files, caller, as_json=as_json), as_json=as_json)


async def send_all(files: list[Path], caller: str, *, as_json: bool) -> int:
    worst = 0
    async with connect(caller) as exchange:
        for path in track(files, "gửi", console=err, disable=len(files) < 2):
            try:
                show(path, await send(exchange, path.read_bytes()), as_json=as_json)
            except ServiceError as error:
                worst = max(worst, exit_code(error))
                refuse(path, error, as_json=as_json)
    return worst


async def send(exchange: Exchange, content: bytes) -> dict[str, Any]:
    """Send one file; return what became of it."""
    if CHECK_IN_ROOT in content[:2000]:
        taken = await exchange.dossiers.SubmitCheckIn(dossiers.SubmitCheckInRequest(content=content))
        names, warnings = [one.name for one in taken.check_ins], taken.warnings
        return {"accepted": True, "names": names, "sha256": taken.sha256, "warnings": len(warnings)}
    reply = await exchange.dossiers.SubmitDossier(dossiers.SubmitDossierRequest(content=content))
    return {
        "accepted": True,
        "names": [reply.dossier.name],
        "version": reply.dossier.version,
        "sha256": reply.receipt.sha256,
        "warnings": len(reply.warnings),
    }


def show(path: Path, outcome: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json({"file": str(path), **outcome})
        return
    warned = f"  [yellow]{outcome['warnings']} cảnh báo[/]" if outcome["warnings"] else ""
    out.print(f"[green]✓ đã nhận[/]  {path}  {', '.join(outcome['names'])}{warned}")


def refuse(path: Path, error: ServiceError, *, as_json: bool) -> None:
    if as_json:
        print_json({"file": str(path), "accepted": False, **error_object(error)})
        return
    out.print(f"[red]✗ bị từ chối[/]  {path}")
    show_error(error)
