"""
`lientuyen validate`: is this file good, and if not, where and why?

The rules travel with the package (`kcb`) and run on this machine: no stack is needed,
and nothing of the patient leaves it.  Signatures are checked against a folder of certificates,
and without one they are said not to be.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from kcb.ksk_report import KskReport
from kcb.report import Finding, Report
from kcb.signing_certificates import SigningCertificate
from kcb.validate import validate as validate_content

from ..facility_lists import read_lists
from ..offline_signatures import SignatureVerdict, check_signature, read_certificates
from .common import AsJson, err, fault_table, out, print_json, printable, read_file, show_file_failure
from .failures import DONE, REFUSED, text_of

# What is said of the signature, in a line.
SIGNATURE_WORDS = {
    "good": "[green]chữ ký số hợp lệ[/]",
    "bad": "[red]chữ ký số không hợp lệ[/]",
    "none": "[dim]chưa ký số[/]",
    "not-checked": "[yellow]chưa kiểm tra chữ ký số (cần --certificates)[/]",
}

# From this many files on, progress is shown.
MIN_FILES_FOR_PROGRESS = 50

Files = Annotated[
    list[Path], typer.Argument(metavar="TỆP", help="Hồ sơ (XML1…XML15) hoặc tệp trạng thái KCB (XML0).")
]
Certificates = Annotated[
    Path | None,
    typer.Option(
        metavar="THƯ_MỤC",
        help="Thư mục chứng thư số (PEM hoặc DER) để kiểm tra chữ ký; thư mục con mang mã cơ sở.",
    ),
]


Lists = Annotated[
    Path | None,
    typer.Option(
        "--lists",
        metavar="THƯ_MỤC",
        help="Thư mục danh mục CSV: 01.csv đến 06.csv (01/DM đến 06/DM), icd10-20260701.csv, facilities.csv…",
    ),
]


def validate(
    files: Files, certificates: Certificates = None, lists: Lists = None, as_json: AsJson = False
) -> None:
    """Kiểm tra tệp theo QĐ 3176/QĐ-BYT: mọi lỗi, kèm bảng, dòng và trường.

    Tệp không đọc được thì báo riêng; các tệp khác vẫn được kiểm tra.  Không cần hệ thống nào đang chạy.
    Chữ ký số chỉ được kiểm tra khi có --certificates; quy tắc cần danh mục, khi có danh mục đó.
    """
    known = None if certificates is None else read_certificates(certificates)
    paths: Iterable[Path] = files
    if len(files) > MIN_FILES_FOR_PROGRESS:
        paths = track(files, "kiểm tra", console=err)
    check = partial(validate_content, registers=read_lists(lists)) if lists else validate_content
    raise typer.Exit(
        max(check_file(path, as_json=as_json, validate=check, certificates=known) for path in paths)
    )


def check_file(
    path: Path,
    *,
    as_json: bool,
    validate: Callable[[bytes], Report] = validate_content,
    certificates: Sequence[SigningCertificate] | None = None,
) -> int:
    try:
        content = read_file(path)
        report = validate(content)
        verdict = check_signature(content, report, certificates)
        report = verdict.added_to(report)
    except Exception as error:  # of the file, or a fault of the checks: the others are checked all the same
        return show_file_failure(path, error, as_json=as_json)
    if as_json:
        print_json(report_object(path, report, verdict))
    else:
        print_report(path, report, verdict)
    return DONE if report.accepted else REFUSED


def report_object(
    path: Path, report: Report | KskReport, verdict: SignatureVerdict | None = None
) -> dict[str, object]:
    return {
        "file": text_of(path),
        "accepted": report.accepted,
        **({} if verdict is None else {"signature": verdict.state}),
        "findings": [finding_to_json(finding) for finding in report.findings],
    }


def finding_to_json(finding: Finding) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "severity": "refuse" if finding.refuses else "warn",
        "path": finding.path,
        "message_vi": finding.vi,
        "message_en": finding.en,
        "expected": finding.expected,
        "found": finding.found,
    }


def print_report(path: Path, report: Report | KskReport, verdict: SignatureVerdict | None = None) -> None:
    mark = "[green]✓ hợp lệ[/]" if report.accepted else f"[red]✗ {len(report.refusals)} lỗi[/]"
    warnings = f"  [yellow]{len(report.warnings)} cảnh báo[/]" if report.warnings else ""
    signature = "" if verdict is None else f"  {SIGNATURE_WORDS[verdict.state]}"
    out.print(f"{mark}  {printable(path)}{warnings}{signature}")
    if report.findings:
        out.print(
            fault_table((finding.path, rule_of(finding), words_of(finding)) for finding in report.findings)
        )


def words_of(finding: Finding) -> str:
    """Return the sentence, with how the value stands to what is wanted: `… (hiện: -35 min)`."""
    return f"{finding.vi} (hiện: {finding.found})" if finding.found else finding.vi


def rule_of(finding: Finding) -> str:
    colour = "red" if finding.refuses else "yellow"
    return f"[{colour}]{finding.rule}[/]"
