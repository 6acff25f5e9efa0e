"""`lientuyen health-check validate|submit`: health checks (khám sức khỏe), or those of a mobile check-up."""

import uuid
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from kcb.ksk_validate import validate_ksk
from lientuyen.records.v1 import health_check_service_pb2 as pb
from lientuyen.records.v1.dossier_service_pb2 import DossierRefusal
from lientuyen.records.v1.finding_pb2 import Finding

from ..client import Client, connect
from ..errors import DeadlineExceeded, Unavailable
from .common import As, AsJson, fault_table, out, print_json, printable, read_file, run, show_file_failure
from .failures import DONE, NOBODY, REFUSED, CommandFailed, text_of
from .submit import SECONDS_PER_MIB
from .validate import print_report, report_object

Files = Annotated[
    list[Path],
    typer.Argument(metavar="TỆP", help="Tệp KHAMSUCKHOE, mỗi tệp một người (QĐ 2062 hoặc mẫu QĐ 1551)."),
]
ReplacesVersion = Annotated[
    int, typer.Option(min=0, help="Phiên bản mà tệp này thay thế: xác nhận đổi người hoặc mất chữ ký số.")
]

# What nobody answered: the code of gRPC that a refusal of one file carries.
UNAVAILABLE = 14

# Always the same, so that the same file sent again is the same request.
NAMESPACE = uuid.UUID("8a0c5a0e-7f4e-4a5c-8b8f-2b4c1d9e6f10")

# A stream may wait for turns; each file of it has as long as a file alone.
MIN_TIMEOUT_S = 30.0


def validate(files: Files, as_json: AsJson = False) -> None:
    """Kiểm tra tệp khám sức khỏe: mọi lỗi, kèm phân hệ và trường.  Không cần hệ thống nào đang chạy."""
    raise typer.Exit(max(check_file(path, as_json=as_json) for path in files))


def check_file(path: Path, *, as_json: bool) -> int:
    try:
        report = validate_ksk(read_file(path))
    except Exception as error:  # of the file: the others are checked all the same
        return show_file_failure(path, error, as_json=as_json)
    if as_json:
        print_json(report_object(path, report))
    else:
        print_report(path, report)
    return DONE if report.accepted else REFUSED


def submit(
    files: Files,
    caller: As = "facility/01999",
    replaces_version: ReplacesVersion = 0,
    as_json: AsJson = False,
) -> None:
    """Gửi kết quả khám sức khỏe, một hoặc cả đợt khám lưu động: mỗi người một kết quả."""
    if replaces_version and len(files) != 1:
        raise CommandFailed(
            "--replaces-version chỉ dùng khi gửi một tệp.",
            "--replaces-version is for one file.",
            reason="USAGE",
            field="--replaces-version",
        )
    run(send_all(files, caller, replaces_version, as_json=as_json))


async def send_all(files: Sequence[Path], caller: str, replaces_version: int, *, as_json: bool) -> int:
    """Send the files in one stream, and show each as it is answered; the others go on when one is refused."""
    waiting: dict[str, Path] = {}
    codes = [DONE]

    async def requests() -> AsyncIterator[pb.SubmitHealthChecksRequest]:
        for path in files:
            try:
                content = read_file(path)
            except Exception as error:  # of one file: the others are sent all the same
                codes.append(show_file_failure(path, error, as_json=as_json))
                continue
            request_id = request_id_of(content, caller, replaces_version)
            if request_id not in waiting:  # the same file named twice is one
                waiting[request_id] = path
                yield pb.SubmitHealthChecksRequest(
                    request_id=request_id, content=content, replaces_version=replaces_version
                )

    async with connect(caller) as client:
        codes.extend([code async for code in answers(client, requests(), waiting, files, as_json=as_json)])
    return max(codes)


async def answers(
    client: Client,
    requests: AsyncIterator[pb.SubmitHealthChecksRequest],
    waiting: dict[str, Path],
    files: Sequence[Path],
    *,
    as_json: bool,
) -> AsyncIterator[int]:
    """Give the exit code of each file; one that was not answered before the line broke may be sent again."""
    timeout = MIN_TIMEOUT_S + sum(SECONDS_PER_MIB * size_of(path) / 2**20 + 1 for path in files)
    answered = 0
    try:
        async for response in client.health_checks.SubmitHealthChecks(requests, timeout=timeout):
            path = waiting.pop(response.request_id)
            answered += 1
            yield show_answer(path, response, as_json=as_json)
    except (Unavailable, DeadlineExceeded) as error:
        if not answered:
            raise
        for path in waiting.values():
            yield show_file_failure(path, error, as_json=as_json)


def request_id_of(content: bytes, caller: str, replaces_version: int) -> str:
    """Return an id that is the file's own: sent again after a broken line, it has its first answer."""
    return str(uuid.uuid5(NAMESPACE, f"{caller} {replaces_version} {content.hex()}"))


def size_of(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def show_answer(path: Path, response: pb.SubmitHealthChecksResponse, *, as_json: bool) -> int:
    if response.HasField("refusal"):
        return show_refusal(path, response.refusal, as_json=as_json)
    taken = response.accepted
    if as_json:
        print_json(accepted_object(path, taken))
        return DONE
    count = len(taken.warnings)
    warnings = f"  [yellow]{count} cảnh báo[/]" if count else ""
    known = f"  đã có, giữ nguyên phiên bản {taken.health_check.version}" if taken.unchanged else ""
    out.print(f"[green]✓ đã nhận[/]  {printable(path)}  {taken.health_check.name}{known}{warnings}")
    return DONE


def accepted_object(path: Path, taken: pb.SubmitHealthCheckResponse) -> dict[str, Any]:
    return {
        "file": text_of(path),
        "accepted": True,
        "name": taken.health_check.name,
        "version": taken.health_check.version,
        "unchanged": taken.unchanged,
        "sha256": taken.health_check.sha256,
        "warnings": [finding_object(finding) for finding in taken.warnings],
    }


def show_refusal(path: Path, refusal: DossierRefusal, *, as_json: bool) -> int:
    if as_json:
        print_json(
            {
                "file": text_of(path),
                "accepted": False,
                "error": "REFUSED",
                "reason": refusal.reason,
                "message": refusal.message_en,
                "message_vi": refusal.message_vi,
                "metadata": dict(refusal.metadata),
                "violations": [finding_object(finding) for finding in refusal.findings],
            }
        )
    else:
        out.print(f"[red]✗ không nhận[/]  {printable(path)}  {refusal.message_vi}", soft_wrap=True)
        if refusal.findings:
            rows = ((finding.path, finding.rule, finding.message_vi) for finding in refusal.findings)
            out.print(fault_table(rows))
    return NOBODY if refusal.code == UNAVAILABLE else REFUSED


def finding_object(finding: Finding) -> dict[str, str]:
    return {
        "path": finding.path,
        "rule": finding.rule,
        "message": finding.message_en,
        "message_vi": finding.message_vi,
    }
