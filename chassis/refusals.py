"""
What is told of a refusal to who runs the service: a figure for each, and a log line with who asked and why.

    {"event": "request refused", "caller": "facility/01999", "method": "…/SubmitDossier",
     "request_id": "…", "code": "INVALID_ARGUMENT", "reason": "ERROR_REASON_FIELDS_INVALID", …}

A refusal inside an answer, of one file of a stream, counts as that of a call: a stream that goes on is
still the bringer's to repair.
"""

from . import telemetry, texts
from .call_context import current_or_none
from .errors import RETRY_AFTER, PermissionDenied, ServiceError
from .logs import log
from .spans import ERROR_REASON, SERVER_ERRORS, request_event


def leaves_row(refusal: ServiceError) -> bool:
    """Tell whether *refusal* belongs into the access log: who may not, or a text that hides something."""
    is_hidden = any(violation.rule.startswith(texts.RULES) for violation in refusal.violations)
    return isinstance(refusal, PermissionDenied) or is_hidden


def note_refusal(refusal: ServiceError, full_method: str = "") -> None:
    """Count and log *refusal*, of the call being answered or of a part of it.

    *full_method* is needed where the caller was not known yet.  A caller over its rate comes again
    and again, and its limiter logs it once: these are counted and not logged.
    """
    answering = current_or_none()
    method = full_method or (answering.full_method if answering is not None else "")
    reason = refusal.reason.name
    refusals = telemetry.current().counter(
        "lientuyen.rpc.server.refusals", "{refusal}", "Requests that were refused, and why."
    )
    refusals.add(
        1, {"rpc.method": method, "rpc.response.status_code": refusal.code.name, ERROR_REASON: reason}
    )
    if RETRY_AFTER not in refusal.metadata:
        (log.warning if refusal.code in SERVER_ERRORS else log.info)(
            "request refused", method=method, code=refusal.code.name, reason=reason
        )


def without_frames(refusal: ServiceError) -> ServiceError:
    """Return *refusal* without the frames that it passed: they hold the request, which may be megabytes.

    What ends a call stays in memory until Python looks for cycles, after thousands of small calls.
    """
    refusal.__cause__ = refusal.__context__ = None
    return refusal.with_traceback(None)


def note_refused_part(refusal: ServiceError) -> None:
    """Note *refusal* of one of the requests of a stream that goes on, in the call's span too."""
    answering = current_or_none()
    request_event(
        "request refused", answering.request_id if answering is not None else "", refusal.reason.name
    )
    note_refusal(refusal)
