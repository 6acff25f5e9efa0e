"""What the fuzzer calls: all that reads a file, whose only refusals are findings and Unreadable."""

from contextlib import suppress
from datetime import UTC, datetime

from kcb.ksk_validate import validate_ksk
from kcb.signed_file import read_signed_file
from kcb.stated_encounter import stated_encounter
from kcb.validate import DOSSIER, validate
from kcb.xml_parser import Unreadable
from services.records.model.clinical_history import derive_history

from .inputs import content_of

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def judge(data: bytes) -> None:
    """Read the file that *data* stands for, as records and a hospital do; raise what is no finding."""
    content = content_of(data)
    with suppress(Unreadable):
        read_signed_file(content)
    report = validate(content, now=NOW)
    for finding in report.findings:
        assert finding.vi, finding.rule
        assert finding.path, finding.rule
    if report.accepted and report.kind == DOSSIER:
        derive_history(report)
    stated_encounter(content)
    if report.kind != DOSSIER:
        validate_ksk(content, now=NOW)
