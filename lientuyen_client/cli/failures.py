"""
What goes wrong in a command, in one place: an exit code, a reason, a sentence in two languages.

    exit code   of
    1           a refusal: the service said no, or the file has faults
    2           misuse: what was typed, a file that cannot be read, a certificate that is not there
    3           nobody: no stack, a service that is down, the deadline, a full disk
    70          a bug, of ours or of the other side

Neither sentence holds a value of a file or a number that was typed: both may be a patient's.
"""

import dataclasses
import errno
import os
import sqlite3
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import grpc

from .. import errors
from ..csv_files import UnreadableCsv
from ..offline_signatures import NoCertificates
from ..running_stack import NoCertificate, NoStack
from .usage_words import UsageError, usage_sentences

DONE, REFUSED, MISUSE, NOBODY, BUG = 0, 1, 2, 3, 70


@dataclasses.dataclass(frozen=True, slots=True)
class Failure:
    """What a person or a program is told.  *field* is the option, field or file at fault, if one is."""

    exit_code: int
    code: str
    message: str
    message_vi: str
    reason: str = ""
    field: str = ""
    metadata: Mapping[str, str] = dataclasses.field(default_factory=dict)
    violations: tuple[errors.Violation, ...] = ()
    trace_id: str = ""


class CommandFailed(Exception):
    """A command knows by itself that it cannot go on."""

    def __init__(
        self, message_vi: str, message: str, *, reason: str, field: str = "", exit_code: int = MISUSE
    ) -> None:
        super().__init__(message)
        self.failure = Failure(exit_code, CODES[exit_code], message, message_vi, reason, field)


CODES: Final = {REFUSED: "REFUSED", MISUSE: "MISUSE", NOBODY: "UNAVAILABLE", BUG: "BUG"}

FULL_VI, FULL = "Đĩa đầy, hoặc vượt hạn mức dung lượng", "No space is left"
# errno → exit code, reason, sentence.  Any other is the file's fault, in the words of the system.
BY_ERRNO: Final = {
    errno.ENOENT: (MISUSE, "FILE_NOT_FOUND", "Không tìm thấy", "No such file"),
    errno.ENOTDIR: (MISUSE, "FILE_NOT_FOUND", "Không tìm thấy", "No such file"),
    errno.EISDIR: (MISUSE, "FILE_IS_FOLDER", "Là thư mục, cần một tệp", "A folder, not a file"),
    errno.EACCES: (MISUSE, "FILE_DENIED", "Không có quyền", "No permission"),
    errno.EPERM: (MISUSE, "FILE_DENIED", "Không có quyền", "No permission"),
    errno.EROFS: (MISUSE, "FILE_DENIED", "Chỉ đọc được, không ghi được", "Cannot be written"),
    errno.ENOSPC: (NOBODY, "DISK_FULL", FULL_VI, FULL),
    errno.EDQUOT: (NOBODY, "DISK_FULL", FULL_VI, FULL),
    errno.EFBIG: (NOBODY, "DISK_FULL", FULL_VI, FULL),
    errno.EPIPE: (REFUSED, "OUTPUT_CLOSED", "Không còn ai đọc kết quả", "Nobody reads the output any more"),
}


def failure_of(error: BaseException) -> Failure:
    """Return what *error* is to the user; what nobody expects is a bug, told by its place alone."""
    match error:
        case CommandFailed():
            return error.failure
        case errors.ServiceError():
            return of_service(error)
        case NoCertificate():
            return Failure(MISUSE, "MISUSE", str(error), error.message_vi, "NO_CERTIFICATE", "--as")
        case NoStack():
            return Failure(NOBODY, "UNAVAILABLE", str(error), error.message_vi, "NO_STACK")
        case UnreadableCsv():
            return Failure(MISUSE, "MISUSE", str(error), error.message_vi, error.reason, error.place)
        case NoCertificates():
            place = text_of(error.place)
            return Failure(MISUSE, "MISUSE", str(error), error.message_vi, "CERTIFICATES_UNREADABLE", place)
        case UsageError():
            message_vi, message, name = usage_sentences(error)
            return Failure(MISUSE, "MISUSE", message, message_vi, "USAGE", name)
        case sqlite3.Error():
            message_vi, message = "Không đọc được các vết đã ghi (traces.db).", "traces.db cannot be read."
            return Failure(MISUSE, "MISUSE", message, message_vi, "FILE_UNREADABLE", "traces.db")
        case UnicodeEncodeError(reason="surrogates not allowed"):
            message_vi, message = "Có ký tự không phải UTF-8.", "Something that was typed is not UTF-8."
            return Failure(MISUSE, "MISUSE", message, message_vi, "NOT_UTF8")
        case OSError():
            return of_system(error)
    return of_bug(error)


def of_service(error: errors.ServiceError) -> Failure:
    paths = [violation.path for violation in error.violations]
    return Failure(
        exit_code(error),
        error.code.name,
        error.message,
        error.message_vi,
        error.reason,
        error.metadata.get("field") or next(iter(paths), ""),
        error.metadata,
        error.violations,
        error.trace_id,
    )


def exit_code(error: errors.ServiceError) -> int:
    """Return 3 when nobody answered, 70 for a bug on the other side, 1 for every refusal."""
    if isinstance(error, errors.Unavailable | errors.DeadlineExceeded):
        return NOBODY
    return BUG if error.code in BUGS else REFUSED


BUGS: Final = (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.DATA_LOSS)


def of_system(error: OSError) -> Failure:
    strerror = os.strerror(error.errno) if error.errno else type(error).__name__
    unknown = (MISUSE, "FILE_UNREADABLE", f"Không dùng được ({strerror})", strerror)
    code, reason, message_vi, message = BY_ERRNO.get(error.errno or 0, unknown)
    name = text_of(error.filename) if error.filename else ""
    ending = f": {name}" if name else ""
    return Failure(code, CODES[code], f"{message}{ending}.", f"{message_vi}{ending}.", reason, name)


def of_bug(error: BaseException) -> Failure:
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    name = f"{type(error).__name__}, {place}"
    message_vi = f"Lỗi của chương trình ({name}): đề nghị báo người bảo trì."
    return Failure(
        BUG, "BUG", f"A bug of the program ({name}): please tell its maintainers.", message_vi, "BUG"
    )


def text_of(path: object) -> str:
    """Return a path as text on one line; bytes of its name that are no UTF-8 become U+FFFD."""
    raw = path if isinstance(path, str | bytes | os.PathLike) else str(path)
    return os.fsencode(raw).decode("utf8", "replace")


def failure_object(failure: Failure) -> dict[str, Any]:
    """Return *failure* as `--json` prints it."""
    return {
        "error": failure.code,
        "reason": failure.reason,
        "field": failure.field,
        "message": failure.message,
        "message_vi": failure.message_vi,
        "metadata": dict(failure.metadata),
        "trace_id": failure.trace_id,
        "violations": [
            {
                "path": fault.path,
                "rule": fault.rule,
                "message": fault.message,
                "message_vi": fault.message_vi,
            }
            for fault in failure.violations
        ],
    }
