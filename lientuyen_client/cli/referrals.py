"""`lientuyen referrals list|get|accept|decline|use|complete`: patients who are sent from one to another."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from lientuyen.records.v1 import health_book_service_pb2 as books
from lientuyen.routing.v1 import referral_service_pb2 as pb
from lientuyen.routing.v1.referral_pb2 import Referral, ReferralOutcome
from lientuyen.type.v1.access_pb2 import AccessContext

from ..client import connect
from ..clock import local
from .common import As, AsJson, Practitioner, check_regular, err, message_object, out, print_json, run
from .failures import DONE
from .inbox import facility_of
from .summary import write_private

Name = Annotated[
    str, typer.Argument(metavar="PHIẾU", help="Tên mà `list` ghi: //routing.lientuyen/referrals/…")
]
Summary = Annotated[
    Path | None,
    typer.Option(metavar="TỆP", help="Lấy cả bản tóm tắt do nơi chuyển lập (FHIR) vào tệp này."),
]
Report = Annotated[
    Path | None,
    typer.Option(metavar="TỆP", help="Giấy ra viện hoặc phiếu chuyển về, gửi kèm cho nơi chuyển."),
]

STATES = {
    Referral.STATE_ISSUED: "đã phát hành",
    Referral.STATE_DELIVERED: "đã giao",
    Referral.STATE_ACCEPTED: "đã tiếp nhận",
    Referral.STATE_DECLINED: "từ chối",
    Referral.STATE_COMPLETED: "hoàn thành",
    Referral.STATE_CANCELLED: "đã hủy",
    Referral.STATE_EXPIRED: "hết hạn",
}
STEPS = {
    Referral.STEP_NEXT: "chuyển lên cấp kế tiếp",
    Referral.STEP_SKIPS: "chuyển vượt cấp: cần có lý do",
    Referral.STEP_SAME: "chuyển cùng cấp",
    Referral.STEP_DOWN: "chuyển về cấp dưới",
}
# KET_QUA_DTRI and MA_LOAI_RV, as QĐ 3176 lists them.
RESULTS = {
    "1": "khỏi",
    "2": "đỡ",
    "3": "không thay đổi",
    "4": "nặng hơn",
    "5": "tử vong",
    "6": "tiên lượng nặng, xin về",
    "7": "chưa xác định",
    "8": "tử vong ngoại viện",
}
DISCHARGES = {
    "1": "ra viện",
    "2": "chuyển theo yêu cầu chuyên môn",
    "3": "trốn viện",
    "4": "xin ra viện",
    "5": "chuyển theo yêu cầu người bệnh",
}
MEDIA_TYPES = {".xml": "application/xml", ".pdf": "application/pdf", ".txt": "text/plain"}


def list_referrals(caller: As = "facility/79999", as_json: AsJson = False) -> None:
    """Liệt kê phiếu chuyển mà cơ sở đã gửi hoặc được gửi, mới nhất trước."""
    run(show_all(caller, as_json=as_json))


def get(
    name: Name,
    summary: Summary = None,
    caller: As = "facility/79999",
    practitioner: Practitioner = "phòng tiếp đón",
    as_json: AsJson = False,
) -> None:
    """Xem một phiếu chuyển; với --summary, cả tóm tắt và kết quả của nơi chuyển."""
    run(show_one(name, summary, caller, practitioner, as_json=as_json))


def accept(name: Name, caller: As = "facility/79999", as_json: AsJson = False) -> None:
    """Tiếp nhận người bệnh được chuyển đến."""
    run(move("AcceptReferral", pb.AcceptReferralRequest(name=name), caller, as_json=as_json))


def decline(
    name: Name,
    reason: Annotated[str, typer.Option(help="Lý do, cho nơi chuyển; không ghi tên người bệnh.")],
    caller: As = "facility/79999",
    as_json: AsJson = False,
) -> None:
    """Từ chối tiếp nhận, kèm lý do."""
    run(move("DeclineReferral", pb.DeclineReferralRequest(name=name, reason=reason), caller, as_json=as_json))


def use(
    name: Name,
    encounter: Annotated[str, typer.Option(metavar="MA_LK", help="Mã đợt khám, chữa bệnh dùng phiếu này.")],
    caller: As = "facility/79999",
    as_json: AsJson = False,
) -> None:
    """Dùng phiếu chuyển cho một đợt khám, chữa bệnh: mỗi phiếu một lần."""
    request = pb.UseReferralRequest(name=name, encounter=encounter)
    run(move("UseReferral", request, caller, as_json=as_json))


def complete(
    name: Name,
    result: Annotated[str, typer.Option(metavar="1–8", help="KET_QUA_DTRI: kết quả điều trị.")] = "",
    discharge: Annotated[str, typer.Option(metavar="1–5", help="MA_LOAI_RV: loại ra viện.")] = "",
    diagnosis: Annotated[str, typer.Option(metavar="ICD-10", help="Mã bệnh chính khi ra viện.")] = "",
    summary: Annotated[str, typer.Option(help="Điều nơi chuyển cần biết; không ghi tên người bệnh.")] = "",
    report: Report = None,
    caller: As = "facility/79999",
    as_json: AsJson = False,
) -> None:
    """Ghi nhận điều trị xong và phản hồi kết quả cho nơi chuyển."""
    outcome = ReferralOutcome(treatment_result=result, discharge_type=discharge, summary=summary)
    if diagnosis:
        outcome.diagnosis.system, outcome.diagnosis.code = "ICD-10", diagnosis
    request = pb.CompleteReferralRequest(name=name, outcome=outcome if outcome.ByteSize() else None)
    if report is not None:
        check_regular(report)
        request.report, request.report_media_type = report.read_bytes(), media_type_of(report)
    run(move("CompleteReferral", request, caller, as_json=as_json))


def media_type_of(path: Path) -> str:
    return MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")


async def show_all(caller: str, *, as_json: bool) -> int:
    request = pb.ListReferralsRequest(
        facility=facility_of(caller), page_size=500, access=ground("phòng tiếp đón")
    )
    count = 0
    async with connect(caller) as client:
        while True:
            page = await client.referrals.ListReferrals(request)
            for referral in page.referrals:
                count += 1
                print_line_of(referral, as_json=as_json)
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
    if not count and not as_json:
        out.print("chưa có phiếu chuyển nào")
    return DONE


async def show_one(name: str, summary: Path | None, caller: str, practitioner: str, *, as_json: bool) -> int:
    """Print the referral *name*, and write what its sender made of the person into the file *summary*."""
    async with connect(caller) as client:
        request = pb.GetReferralRequest(name=name, access=ground(practitioner))
        referral = (await client.referrals.GetReferral(request)).referral
        print_referral(referral, as_json=as_json)
        if summary is None:
            return DONE
        access = ground(practitioner, referral.name)
        reply = await client.health_book.GetPatientSummary(
            books.GetPatientSummaryRequest(person=referral.person, access=access)
        )
    write_private(summary, reply.document)
    for service in reply.unreachable:
        err.print(f"[yellow]không có dữ liệu của {escape(service)}[/]")
    return DONE


async def move(method: str, request: object, caller: str, *, as_json: bool) -> int:
    async with connect(caller) as client:
        reply = await getattr(client.referrals, method)(request)
    print_referral(reply.referral, as_json=as_json)
    return DONE


def ground(practitioner: str, referral: str = "") -> AccessContext:
    return AccessContext(
        practitioner=practitioner,
        purpose=AccessContext.PURPOSE_TREATMENT,
        legal_basis=AccessContext.LEGAL_BASIS_OWN_RECORD,
        referral=referral,
    )


def print_line_of(referral: Referral, *, as_json: bool) -> None:
    if as_json:
        print_json(message_object(referral))
        return
    way = f"{referral.sender.split('/')[-1]} → {referral.recipient.split('/')[-1]}"
    when = f"{local(referral.issue_time):%d/%m/%Y}"
    out.print(f"{escape(referral.name)}  {way}  {when}  [bold]{STATES.get(referral.state, '')}[/]")


def print_referral(referral: Referral, *, as_json: bool) -> None:
    print_line_of(referral, as_json=as_json)
    if as_json:
        return
    last = referral.valid_until
    facts = [
        ("người chuyển", referral.practitioner),
        ("số phiếu", referral.slip_number),
        ("chẩn đoán", " ".join(filter(None, (referral.diagnosis.code, referral.diagnosis.display)))),
        ("có giá trị đến", f"{last.day:02}/{last.month:02}/{last.year}" if last.year else ""),
        ("cấp", STEPS.get(referral.step, "")),
        ("dùng cho đợt", referral.encounter),
        ("ghi chú", referral.note),
    ]
    if referral.HasField("read_until_time"):
        facts.append(("được xem dữ liệu đến", f"{local(referral.read_until_time):%d/%m/%Y %H:%M}"))
    if referral.HasField("outcome"):
        facts += outcome_facts(referral.outcome)
    for label, value in facts:
        if value:
            out.print(f"    {label}: {escape(value)}")


def outcome_facts(outcome: ReferralOutcome) -> list[tuple[str, str]]:
    return [
        ("kết quả", RESULTS.get(outcome.treatment_result, outcome.treatment_result)),
        ("ra viện", DISCHARGES.get(outcome.discharge_type, outcome.discharge_type)),
        ("chẩn đoán ra viện", outcome.diagnosis.code),
        ("phản hồi", outcome.summary),
        ("giấy tờ kèm theo", outcome.message),
    ]
