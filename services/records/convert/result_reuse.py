"""The answers about reusable results, and what was decided on them, as messages."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from google.protobuf.duration_pb2 import Duration

from lientuyen.records.v1 import health_book_service_pb2 as pb

from ..model.health_books import ResultEntry
from ..model.laboratory_quality import LOWER_QUALITY, QUALITY_UNKNOWN
from ..model.result_reuse import (
    NEVER_REUSED,
    NONE_FOUND,
    NOT_POSITIVE,
    NOT_SEARCHED,
    TIME_UNKNOWN,
    TOO_OLD,
    ReuseChoice,
)
from ..model.reuse_periods import Certainty
from .health_books import result_to_pb

# Why not: as the contract has it, in Vietnamese, in English.
WHY_NOT = {
    "": (pb.ReuseAnswer.WHY_NOT_UNSPECIFIED, "Có thể dùng lại kết quả.", "The result may be reused."),
    NONE_FOUND: (pb.ReuseAnswer.WHY_NOT_NONE_FOUND, "Chưa có kết quả.", "No such result is known."),
    TOO_OLD: (
        pb.ReuseAnswer.WHY_NOT_TOO_OLD,
        "Kết quả đã quá thời hạn dùng lại.",
        "The latest result is too old.",
    ),
    NOT_SEARCHED: (
        pb.ReuseAnswer.WHY_NOT_NOT_SEARCHED,
        "Cơ sở chưa có kết quả; chưa tra cứu kết quả của cơ sở khác.",
        "There is none of the caller's own, and others' were not looked at.",
    ),
    NEVER_REUSED: (
        pb.ReuseAnswer.WHY_NOT_NEVER_REUSED,
        "Loại xét nghiệm này không dùng lại kết quả.",
        "Tests of this kind are never reused.",
    ),
    TIME_UNKNOWN: (
        pb.ReuseAnswer.WHY_NOT_TIME_UNKNOWN,
        "Không xác định được thời điểm lấy mẫu hoặc thực hiện của kết quả.",
        "Nobody knows when the test was sampled or performed.",
    ),
    NOT_POSITIVE: (
        pb.ReuseAnswer.WHY_NOT_NOT_POSITIVE,
        "Loại xét nghiệm này chỉ dùng lại kết quả dương tính.",
        "Of tests of this kind only positive results are reused.",
    ),
    LOWER_QUALITY: (
        pb.ReuseAnswer.WHY_NOT_LOWER_QUALITY,
        "Phòng xét nghiệm thực hiện có mức chất lượng thấp hơn của cơ sở.",
        "The laboratory has a lower level of quality than the caller's.",
    ),
    QUALITY_UNKNOWN: (
        pb.ReuseAnswer.WHY_NOT_QUALITY_UNKNOWN,
        "Chưa rõ mức chất lượng của phòng xét nghiệm thực hiện.",
        "No level of quality or accreditation of the laboratory is known.",
    ),
}

CERTAINTIES = {
    Certainty.LAW: pb.RULE_CERTAINTY_LAW,
    Certainty.DRAFT: pb.RULE_CERTAINTY_DRAFT,
    Certainty.CHOSEN: pb.RULE_CERTAINTY_CHOSEN,
}


def reuse_answer_to_pb(choice: ReuseChoice, entries: Iterable[ResultEntry], now: datetime) -> pb.ReuseAnswer:
    why_not, message_vi, message_en = WHY_NOT[choice.why_not]
    results = {entry.id: result_to_pb(entry, now) for entry in entries}
    period = choice.period
    return pb.ReuseAnswer(
        order=pb.OrderedTest(
            service_code=choice.order.service_code, indicator_code=choice.order.indicator_code
        ),
        reusable=bool(choice.results) and not choice.why_not,
        results=[results[result] for result in choice.results],
        newer_results=[results[result] for result in choice.newer],
        age=_duration(choice.age),
        allowed_age=_duration(period.length),
        rule=period.name,
        rule_source=period.source,
        rule_certainty=CERTAINTIES[period.certainty],
        laboratory_level=choice.quality.level,
        laboratory_accredited=choice.quality.accredited,
        why_not=why_not,
        message_vi=message_vi,
        message_en=message_en,
    )


def _duration(length: timedelta | None) -> Duration | None:
    return None if length is None else Duration(seconds=int(length.total_seconds()))
