"""`lientuyen verify-log`: is a month of the access log (nhật ký truy cập) whole, and which row is not?"""

import re
from typing import Annotated, Final

import typer

from ..access_log_reading import MonthAway, verify_month
from ..access_log_verification import FAULTS, Fault, Report
from ..client import connect
from ..clock import VIETNAM
from ..running_stack import SERVICES
from .common import As, AsJson, out, print_json, run
from .failures import DONE, REFUSED, CommandFailed
from .receipts import Authority, read_authority

MONTH: Final = re.compile(r"2[0-9]{3}-(0[1-9]|1[0-2])")

Service = Annotated[str, typer.Argument(metavar="DỊCH VỤ", help=f"{', '.join(SERVICES)}.")]
Month = Annotated[str, typer.Argument(metavar="THÁNG", help="Theo giờ UTC, dạng 2026-11.")]


def verify_log(
    service: Service,
    month: Month,
    ca: Authority = None,
    caller: As = "operator/dev",
    as_json: AsJson = False,
) -> None:
    """Kiểm tra nhật ký truy cập của một tháng có nguyên vẹn không (cho người vận hành)."""
    if service not in SERVICES or not MONTH.fullmatch(month):
        raise CommandFailed(
            f"Cần tên dịch vụ ({', '.join(SERVICES)}) và tháng dạng 2026-11.",
            f"A service ({', '.join(SERVICES)}) and a month like 2026-11 are wanted.",
            reason="MONTH_FORM" if service in SERVICES else "NO_SERVICE",
            field="THÁNG" if service in SERVICES else "DỊCH VỤ",
        )
    run(verify(service, month, read_authority(ca), caller, as_json=as_json))


async def verify(service: str, month: str, authority: bytes, caller: str, *, as_json: bool) -> int:
    async with connect(caller) as client:
        try:
            report = await verify_month(client, service, month, authority)
        except MonthAway:
            raise CommandFailed(
                f"Tháng {month} đã được đưa ra thành tệp lưu trữ; hãy khôi phục rồi kiểm tra.",
                f"The month {month} is in an archive; restore it, then verify it.",
                reason="MONTH_AWAY",
                exit_code=REFUSED,
            ) from None
    if report.last_head is None and not report.faults:
        raise CommandFailed(
            f"Nhật ký của {service} chưa có mốc ký nào cho tháng {month}.",
            f"The log of {service} has no signed head of {month}.",
            reason="NO_HEADS",
            exit_code=REFUSED,
        )
    show(service, report, as_json=as_json)
    return REFUSED if report.faults else DONE


def show(service: str, report: Report, *, as_json: bool) -> None:
    for fault in report.faults:
        if as_json:
            print_json(fault_object(service, fault))
        else:
            out.print(f"[red]✗[/] {fault_line(service, fault)}", soft_wrap=True)
    if as_json:
        print_json(report_object(service, report))
        return
    if not report.faults:
        out.print(f"[green]✓ nhật ký của {service} tháng {report.month} nguyên vẹn[/]")
    out.print(f"  {report.rows} dòng, {report.heads} mốc ký, {report.hours_without_head} giờ không có mốc ký")
    if report.last_head is not None:
        out.print(f"  mốc ký cuối lúc {report.last_head.time.astimezone(VIETNAM):%H:%M %d/%m/%Y}")


def fault_line(service: str, fault: Fault) -> str:
    hour = f"  giờ kết thúc {fault.hour_end.astimezone(VIETNAM):%H:%M %d/%m/%Y}" if fault.hour_end else ""
    row = f"  //{service}.lientuyen/accesses/{fault.row}" if fault.row else ""
    return f"{FAULTS[fault.reason][0]}{hour}{row}"


def fault_object(service: str, fault: Fault) -> dict[str, object]:
    message_vi, message = FAULTS[fault.reason]
    return {
        "fault": fault.reason,
        "hour_end": fault.hour_end.isoformat() if fault.hour_end else "",
        "row": f"//{service}.lientuyen/accesses/{fault.row}" if fault.row else "",
        "message": message,
        "message_vi": message_vi,
    }


def report_object(service: str, report: Report) -> dict[str, object]:
    return {
        "service": service,
        "month": report.month,
        "whole": not report.faults,
        "rows": report.rows,
        "heads": report.heads,
        "hours_without_head": report.hours_without_head,
        "faults": len(report.faults),
        "tree_size": report.last_head.size if report.last_head else 0,
    }
