"""`lientuyen consultations list|get|take|decline|answer`: opinions that one asks of another, from afar."""

from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from rich.markup import escape

from lientuyen.routing.v1 import consultation_service_pb2 as pb
from lientuyen.routing.v1.consultation_pb2 import Consultation

from ..client import connect
from ..clock import local
from ..offline_signatures import NoCertificates, certificates_of_file
from ..opinion_signatures import SigningKey, sign_opinion
from .common import As, AsJson, check_regular, message_object, out, print_json, run
from .failures import DONE, CommandFailed, text_of
from .inbox import facility_of
from .referrals import ground, media_type_of

Name = Annotated[
    str, typer.Argument(metavar="YÊU_CẦU", help="Tên mà `list` ghi: //routing.lientuyen/consultations/…")
]
Opinion = Annotated[Path, typer.Argument(metavar="TỆP", help="Ý kiến: .pdf, .xml hoặc .txt.")]
KeyFile = Annotated[Path, typer.Option("--key", metavar="TỆP", help="Khóa bí mật để ký, PEM.")]
CertificateFile = Annotated[
    Path, typer.Option("--certificate", metavar="TỆP", help="Chứng thư số đã đăng ký của người ký.")
]

STATES = {
    Consultation.STATE_ASKED: "chờ nhận",
    Consultation.STATE_TAKEN: "đang xem",
    Consultation.STATE_ANSWERED: "đã trả lời",
    Consultation.STATE_DECLINED: "từ chối",
    Consultation.STATE_WITHDRAWN: "đã rút",
    Consultation.STATE_EXPIRED: "quá hạn",
}


def list_consultations(caller: As = "facility/79999", as_json: AsJson = False) -> None:
    """Liệt kê yêu cầu hội chẩn từ xa mà cơ sở đã gửi hoặc được gửi, mới nhất trước."""
    run(show_all(caller, as_json=as_json))


def get(name: Name, caller: As = "facility/79999", as_json: AsJson = False) -> None:
    """Xem một yêu cầu hội chẩn từ xa."""
    run(show_one(name, caller, as_json=as_json))


def take(
    name: Name,
    practitioner: Annotated[str, typer.Option(help="Người nhận: số giấy phép hành nghề (GPHN).")],
    caller: As = "facility/79999",
    as_json: AsJson = False,
) -> None:
    """Nhận trả lời một yêu cầu hội chẩn."""
    request = pb.TakeConsultationRequest(name=name, practitioner=practitioner)
    run(move("TakeConsultation", request, caller, as_json=as_json))


def decline(
    name: Name,
    reason: Annotated[str, typer.Option(help="Lý do, cho nơi hỏi; không ghi tên người bệnh.")],
    caller: As = "facility/79999",
    as_json: AsJson = False,
) -> None:
    """Từ chối một yêu cầu hội chẩn, kèm lý do."""
    request = pb.DeclineConsultationRequest(name=name, reason=reason)
    run(move("DeclineConsultation", request, caller, as_json=as_json))


def answer(
    name: Name,
    opinion: Opinion,
    key: KeyFile,
    certificate: CertificateFile,
    caller: As = "facility/79999",
    as_json: AsJson = False,
) -> None:
    """Trả lời bằng một ý kiến, ký số bằng chứng thư đã đăng ký của người hành nghề."""
    check_regular(opinion)
    content, media_type = opinion.read_bytes(), media_type_of(opinion)
    signer, private = read_certificate(certificate), read_key(key)
    request = pb.AnswerConsultationRequest(
        name=name,
        opinion=content,
        opinion_media_type=media_type,
        signature=sign_opinion(full_name(name), content, media_type, private, signer),
    )
    run(move("AnswerConsultation", request, caller, as_json=as_json))


def full_name(name: str) -> str:
    """Return *name* as it is signed: with the service before it."""
    return name if name.startswith("//") else f"//routing.lientuyen/{name}"


def read_certificate(path: Path) -> x509.Certificate:
    check_regular(path)
    certificates = certificates_of_file(path)
    if len(certificates) != 1:
        raise NoCertificates(
            path,
            f"{path} holds {len(certificates)} certificates, not one.",
            f"{path} phải có đúng một chứng thư số.",
        )
    return x509.load_der_x509_certificate(certificates[0])


def read_key(path: Path) -> SigningKey:
    check_regular(path)
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise CommandFailed(
            f"Không phải khóa RSA hoặc ECDSA dạng PEM, không mật khẩu: {text_of(path)}.",
            f"Not an RSA or ECDSA key in PEM without a password: {text_of(path)}.",
            reason="KEY_UNREADABLE",
            field="--key",
        )
    return key


async def show_all(caller: str, *, as_json: bool) -> int:
    request = pb.ListConsultationsRequest(
        facility=facility_of(caller), page_size=500, access=ground("phòng hội chẩn")
    )
    count = 0
    async with connect(caller) as client:
        while True:
            page = await client.consultations.ListConsultations(request)
            for consultation in page.consultations:
                count += 1
                print_consultation(consultation, as_json=as_json)
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
    if not count and not as_json:
        out.print("chưa có yêu cầu hội chẩn nào")
    return DONE


async def show_one(name: str, caller: str, *, as_json: bool) -> int:
    request = pb.GetConsultationRequest(name=name, access=ground("phòng hội chẩn"))
    async with connect(caller) as client:
        consultation = (await client.consultations.GetConsultation(request)).consultation
    print_consultation(consultation, as_json=as_json)
    return DONE


async def move(method: str, request: object, caller: str, *, as_json: bool) -> int:
    async with connect(caller) as client:
        reply = await getattr(client.consultations, method)(request)
    print_consultation(reply.consultation, as_json=as_json)
    return DONE


def print_consultation(consultation: Consultation, *, as_json: bool) -> None:
    if as_json:
        print_json(message_object(consultation))
        return
    way = f"{consultation.requester.split('/')[-1]} → {consultation.consultant.split('/')[-1]}"
    urgent = "  [red]cấp cứu[/]" if consultation.urgent else ""
    out.print(f"{escape(consultation.name)}  {way}  [bold]{STATES.get(consultation.state, '')}[/]{urgent}")
    facts = [
        ("chuyên khoa", consultation.speciality),
        ("người hỏi", consultation.practitioner),
        ("cần trả lời trước", f"{local(consultation.answer_by_time):%d/%m/%Y %H:%M}"),
        ("người nhận", consultation.taker),
        ("người ký", consultation.opinion.practitioner),
        ("thư mang ý kiến", consultation.opinion_message),
        ("ghi chú", consultation.note),
    ]
    for label, value in facts:
        if value:
            out.print(f"    {label}: {escape(value)}")
