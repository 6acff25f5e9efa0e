"""Why routing does not take a slip, as a finding at the field of its table."""

from dataclasses import replace

from chassis.errors import ServiceError, sentence
from common.faults import Fault
from kcb.rule_catalogue import RULES

from ..model.slips import SlipVerdict

# The fields of a table that say where a slip goes, and its number.
RECIPIENT_FIELDS = {"XML13": "MA_CSKCB_DEN"}
NUMBER_FIELDS = {"XML13": "GIAY_CHUYEN_TUYEN", "XML14": "SO_GIAYHEN_KL"}

# A reason of routing → the rule, and the fields that are at fault; none: the table itself.
RULE_OF_REASON: dict[str, tuple[str, dict[str, str]]] = {
    "ERROR_REASON_RECIPIENT_UNKNOWN": ("slip-recipient-unknown", RECIPIENT_FIELDS),
    "ERROR_REASON_RECIPIENT_CLOSED": ("slip-recipient-closed", RECIPIENT_FIELDS),
    "ERROR_REASON_REFERRAL_TO_SELF": ("slip-to-self", RECIPIENT_FIELDS),
    "ERROR_REASON_REFERRAL_SLIP_EXISTS": ("slip-number-used", NUMBER_FIELDS),
    "ERROR_REASON_APPOINTMENT_SLIP_EXISTS": ("slip-number-used", NUMBER_FIELDS),
    "ERROR_REASON_REFERRAL_TAKEN": ("slip-taken", {}),
    "ERROR_REASON_APPOINTMENT_TAKEN": ("slip-taken", {}),
    "ERROR_REASON_APPOINTMENT_STATE": ("slip-taken", {}),
}


def slip_fault(rule: str, table_code: str, field: str = "", detail: str = "") -> Fault:
    """Return what is doubtful about a slip, by a rule of `kcb`; a dossier is never refused for it."""
    path = f"{table_code}.{field}" if field else table_code
    known, metadata = RULES[rule], {"detail": detail}
    en, vi = sentence(known.en, metadata), sentence(known.vi, metadata)
    return Fault(path, rule, en, vi, refuses=False)


def verdict_of(error: ServiceError, table_code: str, recipient_field: str = "") -> SlipVerdict:
    """Return the verdict that routing's refusal is; *recipient_field* is the table's name of that field."""
    reason = error.reason.name
    rule, fields = RULE_OF_REASON.get(reason, ("slip-refused", {}))
    if rule == "slip-refused" and "referral.recipient" in [fault.field for fault in error.violations]:
        rule, fields = "slip-recipient-unknown", RECIPIENT_FIELDS
    field = fields.get(table_code, "")
    if fields is RECIPIENT_FIELDS:
        field = recipient_field or field
    name = error.metadata.get("name", "")
    return replace(
        ended_verdict(error.metadata.get("ended", ""), table_code),
        fault=slip_fault(rule, table_code, field, name or reason),
        refuses=True,
        affected=error.metadata.get("recipient", "") if rule == "slip-taken" else "",
        resource=error.metadata.get("in_force", "") or (name if rule == "slip-taken" else ""),
    )


def ended_verdict(ended: str, table_code: str) -> SlipVerdict:
    """Return the verdict on a good slip that had become *ended*, which is in force no more; may be empty."""
    return SlipVerdict(ended=ended, ended_fault=slip_fault("slip-ended", table_code, detail=ended))
