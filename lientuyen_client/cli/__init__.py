"""
The command `lientuyen`: one file a command.

Exit codes: 0 done · 1 refused, or faults were found, and which is on the screen · 2 what was typed, or a file
that cannot be read · 3 nobody answered (no stack, a service is down, the deadline passed), or the disk is
full · 70 a bug · 130, 143 ended by Ctrl-C, by SIGTERM.  `failures` makes them of what was raised.

Its help and its sentences are Vietnamese, with the names of QĐ 3176 and the contract as they are; `--json`
has both languages.  The log of `up` is English: it is for who runs a server.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper

import typer

from . import (
    certificates,
    consultations,
    dead_letters,
    demo,
    encounters,
    events,
    health_book,
    health_check,
    immunize,
    import_register,
    inbox,
    lookup,
    messages,
    nodes,
    receipts,
    record_requests,
    referrals,
    rules,
    submit,
    summary,
    trace,
    up,
    validate,
    verify_log,
)
from .common import show_failure
from .failures import DONE, MISUSE, REFUSED, failure_of
from .usage_words import VietnameseCommand, VietnameseGroup, speak_vietnamese


def new_app(help_text: str) -> typer.Typer:
    return typer.Typer(
        help=help_text,
        cls=VietnameseGroup,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )


speak_vietnamese()
app = new_app("Liên Tuyến: điều phối dữ liệu y tế giữa các tuyến.")
registers = new_app("Nạp sổ gốc từ tệp CSV (mỗi dòng một bản ghi).")
dead_events = new_app("Các sự kiện không gửi được (cho người vận hành).")
mail = new_app("Thông điệp giữa các cơ sở: đang ở đâu, từ lúc nào.")
undelivered = new_app("Thông điệp không giao được: xem, gửi lại, dừng.")
health_checks = new_app("Khám sức khỏe: kiểm tra và gửi kết quả (QĐ 1551, QĐ 2062).")
signers = new_app("Chứng thư số mà cơ sở dùng để ký.")
requests_for_records = new_app("Yêu cầu cung cấp hồ sơ bệnh án giữa các cơ sở.")
patients = new_app("Phiếu chuyển cơ sở khám bệnh, chữa bệnh: tiếp nhận, từ chối, phản hồi kết quả.")
opinions = new_app("Hội chẩn từ xa: nhận, từ chối, trả lời bằng ý kiến có chữ ký số.")
COMMANDS = (
    (app, "up", up.up),
    (app, "demo", demo.demo),
    (app, "lookup", lookup.lookup),
    (app, "validate", validate.validate),
    (app, "rules", rules.rules),
    (app, "submit", submit.submit),
    (app, "encounters", encounters.encounters),
    (app, "inbox", inbox.inbox),
    (app, "receipt", receipts.receipt),
    (app, "verify-receipt", receipts.verify_receipt),
    (app, "verify-log", verify_log.verify_log),
    (app, "health-book", health_book.health_book),
    (app, "immunize", immunize.immunize),
    (app, "summary", summary.summary),
    (app, "trace", trace.trace),
    (app, "nodes", nodes.nodes),
    (health_checks, "validate", health_check.validate),
    (health_checks, "submit", health_check.submit),
    (registers, "persons", import_register.persons),
    (registers, "coverages", import_register.coverages),
    (dead_events, "list", events.list_events),
    (dead_events, "replay", events.replay),
    (dead_events, "stop", events.stop),
    (mail, "mailboxes", messages.list_mailboxes),
    (mail, "list", messages.list_messages),
    (mail, "show", messages.show),
    (mail, "follow", messages.follow),
    (undelivered, "list", dead_letters.list_dead),
    (undelivered, "replay", dead_letters.replay),
    (undelivered, "stop", dead_letters.stop),
    (requests_for_records, "list", record_requests.list_requests),
    (requests_for_records, "show", record_requests.show),
    (requests_for_records, "ask", record_requests.ask),
    (requests_for_records, "answer", record_requests.answer),
    (requests_for_records, "decline", record_requests.decline),
    (requests_for_records, "cancel", record_requests.cancel),
    (patients, "list", referrals.list_referrals),
    (patients, "get", referrals.get),
    (patients, "accept", referrals.accept),
    (patients, "decline", referrals.decline),
    (patients, "use", referrals.use),
    (patients, "complete", referrals.complete),
    (opinions, "ask", consultations.ask),
    (opinions, "list", consultations.list_consultations),
    (opinions, "get", consultations.get),
    (opinions, "take", consultations.take),
    (opinions, "decline", consultations.decline),
    (opinions, "answer", consultations.answer),
    (opinions, "withdraw", consultations.withdraw),
    (opinions, "opinion", consultations.opinion),
    (signers, "list", certificates.list_certificates),
    (signers, "register", certificates.register),
    (signers, "revoke", certificates.revoke),
)
for group, name, command in COMMANDS:
    group.command(name, cls=VietnameseCommand)(command)
app.add_typer(registers, name="import", cls=VietnameseGroup)
app.add_typer(dead_events, name="events", cls=VietnameseGroup)
app.add_typer(mail, name="messages", cls=VietnameseGroup)
app.add_typer(undelivered, name="dead-letters", cls=VietnameseGroup)
app.add_typer(health_checks, name="health-check", cls=VietnameseGroup)
app.add_typer(requests_for_records, name="record-requests", cls=VietnameseGroup)
app.add_typer(patients, name="referrals", cls=VietnameseGroup)
app.add_typer(opinions, name="consultations", cls=VietnameseGroup)
app.add_typer(signers, name="certificates", cls=VietnameseGroup)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command of *arguments*, by default our own, and return its exit code; nothing is raised."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    as_json = "--json" in words
    if as_json and sys.stdout is None:
        return MISUSE
    for stream in (sys.stdout, sys.stderr):  # a terminal that has no Vietnamese shows question marks
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = exit_code(words)
        flush_output()
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        code = end(error, as_json=as_json)
    return code


def exit_code(words: Sequence[str]) -> int:
    result = app(args=words, standalone_mode=False, prog_name="lientuyen")
    return result if isinstance(result, int) else DONE


def flush_output() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def end(error: BaseException, *, as_json: bool) -> int:
    """Return the exit code of a command that raised *error*, which is shown."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else REFUSED
    if isinstance(error, KeyboardInterrupt):
        return 130
    try:
        code = show_failure(error, as_json=as_json)
        flush_output()
    except OSError:  # the reader has gone, or the disk is full: nothing more can be said
        leave_output()
        code = failure_of(error).exit_code
    return code


def leave_output() -> None:
    """Write no more, not when the interpreter ends either: what is left goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            os.dup2(nowhere, stream.fileno())
