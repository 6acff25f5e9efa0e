"""`lientuyen consultations …`: opinions that one asks of another, from afar (hội chẩn từ xa)."""

from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from rich.markup import escape

from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.routing.v1 import consultation_service_pb2 as pb
from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1.consultation_pb2 import Consultation

from ..client import connect
from ..clock import local
from ..offline_signatures import NoCertificates, certificates_of_file
from ..opinion_signatures import OpinionUnverified, SigningKey, sign_opinion, verify_opinion
from .common import As, AsJson, Practitioner, check_regular, message_object, out, print_json, run
from .failures import DONE, CommandFailed, text_of
from .health_book import typed_personal_id
from .inbox import facility_of
from .referrals import ground, media_type_of
from .summary import write_private

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


def ask(
    personal_id: Annotated[list[str], typer.Argument(metavar="SỐ", help="Số định danh cá nhân (12 chữ số).")],
    consultant: Annotated[str, typer.Option("--to", metavar="MÃ", help="Cơ sở được hỏi: 79024.")],
    question: Annotated[
        Path, typer.Option(metavar="TỆP", help="Câu hỏi và tóm tắt bệnh án: .pdf hoặc .xml.")
    ],
    practitioner: Practitioner,
    speciality: Annotated[str, typer.Option(help="Chuyên khoa cần hỏi.")] = "",
    urgent: Annotated[bool, typer.Option("--urgent", help="Cấp cứu: cần trả lời trước.")] = False,
    caller: As = "facility/01999",
    as_json: AsJson = False,
) -> None:
    """Xin ý kiến hội chẩn từ xa của một cơ sở khác về một người bệnh."""
    check_regular(question)
    consultation = Consultation(
        requester=facility_of(caller),
        consultant=facility_of(consultant),
        practitioner=practitioner,
        speciality=speciality,
        urgent=urgent,
    )
    request = pb.RequestConsultationRequest(
        consultation=consultation,
        question=question.read_bytes(),
        question_media_type=media_type_of(question),
        access=ground(practitioner),
    )
    run(send(typed_personal_id(" ".join(personal_id)), request, caller, as_json=as_json))


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


def withdraw(
    name: Name,
    reason: Annotated[str, typer.Option(help="Lý do, cho nơi được hỏi; không ghi tên người bệnh.")],
    caller: As = "facility/01999",
    as_json: AsJson = False,
) -> None:
    """Rút một yêu cầu hội chẩn chưa được trả lời."""
    request = pb.WithdrawConsultationRequest(name=name, reason=reason)
    run(move("WithdrawConsultation", request, caller, as_json=as_json))


def opinion(
    name: Name,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="TỆP", help="Ghi ý kiến vào tệp này.")],
    caller: As = "facility/01999",
    as_json: AsJson = False,
) -> None:
    """Tải ý kiến hội chẩn về và kiểm tra chữ ký số của nó ngay tại máy này."""
    run(fetch(name, output, caller, as_json=as_json))


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


async def send(
    personal_id: str, request: pb.RequestConsultationRequest, caller: str, *, as_json: bool
) -> int:
    async with connect(caller) as client:
        find = persons.FindPersonRequest(
            personal_id=personal_id, facility=facility_of(caller), access=request.access
        )
        request.consultation.person = (await client.persons.FindPerson(find)).person.name
        reply = await client.consultations.RequestConsultation(request)
    print_consultation(reply.consultation, as_json=as_json)
    return DONE


async def fetch(name: str, output: Path, caller: str, *, as_json: bool) -> int:
    """Write the opinion on *name* into *output* when its signature holds."""
    request = pb.GetConsultationRequest(name=name, access=ground("phòng hội chẩn"))
    async with connect(caller) as client:
        consultation = (await client.consultations.GetConsultation(request)).consultation
        if not consultation.opinion_message:
            raise CommandFailed(
                "Yêu cầu hội chẩn này chưa được trả lời.",
                "This consultation is not answered yet.",
                reason="NOT_ANSWERED",
                field="name",
            )
        download = mailbox.DownloadMessageRequest(name=consultation.opinion_message)
        content = b"".join([part.chunk async for part in client.mailbox.DownloadMessage(download)])
    try:
        body = verify_opinion(content, consultation.opinion)
    except OpinionUnverified as error:
        raise unverified(str(error)) from None
    if body.consultation != consultation.name:
        raise unverified("the signature is of another consultation")
    write_private(output, content)
    print_consultation(consultation, as_json=as_json)
    return DONE


def unverified(why: str) -> CommandFailed:
    return CommandFailed(
        f"Chữ ký của ý kiến không hợp lệ: {why}.",
        f"The signature of the opinion does not hold: {why}.",
        reason="OPINION_UNVERIFIED",
        field="opinion",
    )


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
