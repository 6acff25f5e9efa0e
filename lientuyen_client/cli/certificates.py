"""`lientuyen certificates list|register|revoke`: by which certificates a facility signs."""

import uuid
from datetime import UTC
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lientuyen.identity.v1 import signing_certificate_service_pb2 as pb
from lientuyen.identity.v1.signing_certificate_pb2 import SigningCertificate

from ..client import connect
from ..clock import VIETNAM
from ..offline_signatures import NoCertificates, certificates_of_file
from .common import As, AsJson, check_regular, message_object, out, print_json, run
from .failures import DONE

Facility = Annotated[str, typer.Option(metavar="MÃ", help="Mã cơ sở KCB: 01999.")]
CertificateFile = Annotated[Path, typer.Argument(metavar="TỆP", help="Chứng thư số, PEM hoặc DER.")]
Name = Annotated[
    str, typer.Argument(metavar="TÊN", help="Tên mà `list` ghi: //identity.lientuyen/facilities/…")
]
Owner = Annotated[
    str, typer.Option("--practitioner", metavar="TÊN", help="Người hành nghề dùng chứng thư này để ký phiếu.")
]


class Reason(StrEnum):
    """Why, as one types it; the names of the contract without their prefix."""

    KEY_COMPROMISED = "key-compromised"
    SUPERSEDED = "superseded"
    CEASED = "ceased"


Why = Annotated[
    Reason,
    typer.Option(
        "--reason", help="Lộ khóa (key-compromised), thay thế (superseded), ngừng sử dụng (ceased)."
    ),
]


def list_certificates(facility: Facility, caller: As = "operator/dev", as_json: AsJson = False) -> None:
    """Liệt kê chứng thư số đã đăng ký của một cơ sở, cả chứng thư đã thu hồi."""
    run(show(facility, caller, as_json=as_json))


def register(
    file: CertificateFile,
    facility: Facility,
    practitioner: Owner = "",
    caller: As = "operator/dev",
    as_json: AsJson = False,
) -> None:
    """Đăng ký chứng thư số cho một cơ sở (đơn vị giữ danh mục)."""
    run(send(file, facility, practitioner, caller, as_json=as_json))


def revoke(name: Name, reason: Why, caller: As = "operator/dev", as_json: AsJson = False) -> None:
    """Thu hồi một chứng thư số kể từ bây giờ; cơ sở tự thu hồi được chứng thư của mình."""
    run(take_back(name, reason, caller, as_json=as_json))


async def show(facility: str, caller: str, *, as_json: bool) -> int:
    request = pb.ListSigningCertificatesRequest(parent=f"facilities/{facility}", page_size=500)
    async with connect(caller) as client:
        while True:
            page = await client.signing_certificates.ListSigningCertificates(request)
            for certificate in page.signing_certificates:
                print_certificate(certificate, as_json=as_json)
            if not page.next_page_token:
                return DONE
            request.page_token = page.next_page_token


async def send(file: Path, facility: str, practitioner: str, caller: str, *, as_json: bool) -> int:
    check_regular(file)
    certificates = certificates_of_file(file)
    if len(certificates) != 1:
        raise NoCertificates(
            file,
            f"{file} holds {len(certificates)} certificates, not one.",
            f"{file} phải có đúng một chứng thư số.",
        )
    request = pb.RegisterSigningCertificateRequest(
        request_id=str(uuid.uuid4()),
        parent=f"facilities/{facility}",
        der=certificates[0],
        practitioner=practitioner,
    )
    async with connect(caller) as client:
        reply = await client.signing_certificates.RegisterSigningCertificate(request)
    print_certificate(reply.signing_certificate, as_json=as_json)
    return DONE


async def take_back(name: str, reason: Reason, caller: str, *, as_json: bool) -> int:
    request = pb.RevokeSigningCertificateRequest(
        request_id=str(uuid.uuid4()), name=name, reason=f"REVOKE_REASON_{reason.name}"
    )
    async with connect(caller) as client:
        reply = await client.signing_certificates.RevokeSigningCertificate(request)
    print_certificate(reply.signing_certificate, as_json=as_json)
    return DONE


def print_certificate(certificate: SigningCertificate, *, as_json: bool) -> None:
    if as_json:
        print_json(message_object(certificate))
        return
    is_revoked = certificate.state == SigningCertificate.STATE_REVOKED
    out.print(f"[bold]{certificate.name}[/]  {'[red]đã thu hồi[/]' if is_revoked else '[green]đang dùng[/]'}")
    ends = certificate.valid_to_time.ToDatetime(UTC).astimezone(VIETNAM)
    out.print(f"    số hiệu {certificate.serial_number}, hiệu lực đến {ends:%d/%m/%Y}")
    if certificate.practitioner:
        out.print(f"    của {certificate.practitioner}")
