"""
The rules of the contract (buf.validate), checked on every message that comes in.

All faults at once, those of its texts too (`texts`), each with its exact path
(`lines[2].quantity`), the rule's id, and a sentence in two languages.  Neither
sentence holds the value: it may be a patient's.
"""

from typing import TYPE_CHECKING

import protovalidate
from google.protobuf.message import Message

from lientuyen.chassis.v1 import error_reasons as reasons

from .errors import InvalidArgument, Violation
from .legal_basis import subject_of
from .pattern_words import wanted
from .texts import text_faults

if TYPE_CHECKING:
    from protovalidate import FieldPathPb

# What to tell staff, by rule.  `{rule}` is the limit that the contract sets.
# A rule of our own (CEL) that is not here is told by its id.
VIETNAMESE = {
    "required": "Bắt buộc phải có.",
    "string.min_len": "Cần ít nhất {rule} ký tự.",
    "string.max_len": "Không được dài quá {rule} ký tự.",
    "string.len": "Phải có đúng {rule} ký tự.",
    "string.pattern": "Cần {rule}.",
    "string.prefix": "Phải bắt đầu bằng {rule}.",
    "string.uuid": "Phải là một UUID.",
    "string.in": "Không thuộc danh mục cho phép.",
    "bytes.min_len": "Cần ít nhất {rule} byte.",
    "bytes.max_len": "Không được dài quá {rule} byte.",
    "enum.defined_only": "Giá trị không thuộc danh mục.",
    "enum.not_in": "Bắt buộc phải chọn.",
    "repeated.min_items": "Cần ít nhất {rule} mục.",
    "repeated.max_items": "Không được quá {rule} mục.",
    "repeated.unique": "Các mục không được trùng nhau.",
    "gte": "Phải từ {rule} trở lên.",
    "gt": "Phải lớn hơn {rule}.",
    "lte": "Không được quá {rule}.",
    "lt": "Phải nhỏ hơn {rule}.",
    "gte_lte": "Ngoài khoảng cho phép.",
    "gte_lt": "Ngoài khoảng cho phép.",
    "gt_lte": "Ngoài khoảng cho phép.",
    "gt_lt": "Ngoài khoảng cho phép.",
    "access.subject": "Cần đúng một trong hai: người bệnh hoặc cơ sở.",
    "date.parts": "Ngày không có tháng là không hợp lệ.",
}


def violations_of(message: Message) -> list[Violation]:
    """Return every rule of the contract that *message* breaks; empty when it breaks none."""
    return [*map(_violation, protovalidate.collect_violations(message)), *text_faults(message)]


def check(message: Message) -> None:
    """Refuse *message* with InvalidArgument(FIELDS_INVALID) that names every fault."""
    violations = violations_of(message)
    if violations:
        subject = subject_of(message)
        about = {"subject": subject} if subject else {}  # for the row of a text that hides something
        raise InvalidArgument(reasons.FIELDS_INVALID, violations=violations, **about)


def _violation(violation: protovalidate.Violation) -> Violation:
    proto = violation.proto
    rule = proto.rule_id
    return Violation(
        field=_path(proto.field),
        rule=rule,
        en=proto.message or f"breaks the rule {rule}",
        vi=_vietnamese(rule, violation.rule_value),
    )


def _vietnamese(rule: str, limit: object) -> str:
    known = rule.removesuffix("_empty")
    limit = wanted(str(limit)) if known == "string.pattern" else limit
    text = VIETNAMESE.get(known) or VIETNAMESE.get(known.rpartition(".")[2])
    return text.format(rule=limit) if text else f"Không hợp lệ (quy tắc {rule})."


def _path(path: "FieldPathPb | None") -> str:
    """Return *path* as `a.b[2].c`; the empty string is the message itself.

    A textual map key stands as `["…"]`: a key comes from the caller, like a value.
    """
    parts: list[str] = []
    for element in path.elements if path is not None else ():
        text = element.field_name
        if element.subscript is not None:
            key = element.subscript.value
            text += '["…"]' if isinstance(key, str) else f"[{key}]"
        parts.append(text)
    return ".".join(parts)
