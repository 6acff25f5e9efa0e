"""`lientuyen receipt`, `lientuyen verify-receipt`: proof of what became of a message (biên nhận)."""

import os
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from lientuyen.routing.v1.receipt_pb2 import ReceiptBody
from lientuyen.routing.v1.receipt_proof_pb2 import ReceiptProof

from ..client import connect
from ..clock import VIETNAM
from ..receipt_proofs import fetch_proof
from ..receipt_verification import Proved, ReceiptInvalid, attested_time, from_file, to_file, verify_proof
from ..running_stack import default_home
from .common import As, AsJson, check_regular, out, print_json, printable, read_file, run
from .failures import DONE, REFUSED, CommandFailed, text_of


class Kind(StrEnum):
    """What a receipt attests; also the last part of its name."""

    ACCEPTANCE = "acceptance"
    DELIVERY = "delivery"
    ACKNOWLEDGEMENT = "acknowledgement"


WORDS: Final = {
    ReceiptBody.KIND_ACCEPTANCE: "tiếp nhận",
    ReceiptBody.KIND_DELIVERY: "chuyển giao",
    ReceiptBody.KIND_ACKNOWLEDGEMENT: "xác nhận đã nhận",
}

Message = Annotated[str, typer.Argument(metavar="THƯ", help="Tên thư: //routing.lientuyen/messages/…")]
OfKind = Annotated[
    Kind,
    typer.Option(
        "--kind",
        metavar="LOẠI",
        help="acceptance (tiếp nhận), delivery (chuyển giao), acknowledgement (xác nhận đã nhận).",
    ),
]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="TỆP", help="Ghi biên nhận vào tệp này.")]
Since = Annotated[
    Path | None,
    typer.Option(
        "--since",
        metavar="TỆP",
        help="Tệp biên nhận cũ: chứng minh nhật ký nối tiếp mốc ký trong tệp đó.",
    ),
]
ProofFile = Annotated[Path, typer.Argument(metavar="TỆP", help="Tệp mà `lientuyen receipt` đã ghi.")]
Authority = Annotated[
    Path | None,
    typer.Option(
        "--ca",
        metavar="TỆP",
        help="Chứng thư của cơ quan chứng thực (ca.crt); mặc định là của hệ thống trên máy này.",
    ),
]


def receipt(
    message: Message,
    output: Output,
    kind: OfKind = Kind.ACKNOWLEDGEMENT,
    since: Since = None,
    caller: As = "facility/01999",
    as_json: AsJson = False,
) -> None:
    """Lấy biên nhận của một thư, kèm bằng chứng trong nhật ký minh bạch."""
    run(save(f"{message}/receipts/{kind.value}", output, since, caller, as_json=as_json))


def verify_receipt(file: ProofFile, ca: Authority = None, as_json: AsJson = False) -> None:
    """Kiểm tra một biên nhận mà không cần kết nối: chữ ký, chứng thư, nhật ký minh bạch."""
    try:
        proved = verify_proof(read_proof(file), read_authority(ca))
    except ReceiptInvalid as fault:
        raise invalid(fault, file) from None
    show(proved, as_json=as_json)
    raise typer.Exit(DONE)


async def save(name: str, output: Path, since: Path | None, caller: str, *, as_json: bool) -> int:
    earlier = read_proof(since).tree_head if since else None
    async with connect(caller) as client:
        proof = await fetch_proof(client, name, earlier)
    write(output, to_file(proof))
    if as_json:
        print_json({"file": text_of(output), "name": name, "leaf_index": proof.leaf_index})
    else:
        out.print(f"[green]✓[/] {printable(output)}")
    return DONE


def write(output: Path, content: bytes) -> None:
    check_regular(output)
    output.write_bytes(content)


def read_proof(file: Path) -> ReceiptProof:
    try:
        return from_file(read_file(file))
    except ReceiptInvalid as fault:
        raise invalid(fault, file) from None


def invalid(fault: ReceiptInvalid, file: Path) -> CommandFailed:
    return CommandFailed(
        fault.message_vi, fault.message, reason=fault.reason, field=text_of(file), exit_code=REFUSED
    )


def read_authority(ca: Path | None) -> bytes:
    """Return the authority's certificate: of the file, else of this machine's stack or its TLS folder."""
    tls = os.environ.get("LIENTUYEN_TLS")
    file = ca or (Path(tls) / "ca.crt" if tls else default_home() / "ca" / "ca.crt")
    if ca is None and not file.exists():
        raise CommandFailed(
            "Cần chứng thư của cơ quan chứng thực: --ca TỆP.",
            "The authority's certificate is wanted: --ca FILE.",
            reason="NO_AUTHORITY",
            field="--ca",
        )
    content = read_file(file)
    if b"-----BEGIN CERTIFICATE-----" not in content:
        raise CommandFailed(
            f"Không phải chứng thư dạng PEM: {text_of(file)}.",
            f"No certificate in PEM: {text_of(file)}.",
            reason="NO_AUTHORITY",
            field="--ca",
        )
    return content


def show(proved: Proved, *, as_json: bool) -> None:
    body, head, earlier = proved.body, proved.head, proved.earlier
    if as_json:
        print_json(
            {
                "message": body.message,
                "kind": ReceiptBody.Kind.Name(body.kind),
                "sender": body.sender,
                "recipient": body.recipient,
                "sha256": body.sha256.hex(),
                "size_bytes": body.size_bytes,
                "time": attested_time(body).isoformat(),
                "key_id": body.key_id.hex(),
                "log": head.origin,
                "leaf_index": proved.leaf_index,
                "tree_size": head.size,
                "earlier_size": earlier.size,
            }
        )
        return
    out.print(f"[green]✓ biên nhận hợp lệ[/]  {WORDS.get(body.kind, '?')} lúc {moment(attested_time(body))}")
    rows = (
        ("thư", body.message),
        ("từ", body.sender),
        ("đến", body.recipient),
        ("nội dung", f"{body.size_bytes} B, SHA-256 {body.sha256.hex()}"),
        ("khóa ký", body.key_id.hex() or "không ghi"),
        ("nhật ký", f"{head.origin}: mục {proved.leaf_index} trong {head.size}"),
        ("mốc ký", f"{moment(head.time)}, nối tiếp mốc {earlier.size} mục lúc {moment(earlier.time)}"),
    )
    for name, value in rows:
        out.print(f"  {name:<9} {value}", markup=False)


def moment(time: datetime) -> str:
    return f"{time.astimezone(UTC).astimezone(VIETNAM):%H:%M:%S %d/%m/%Y}"
