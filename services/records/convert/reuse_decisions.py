"""Decisions on reusable results, and their reports, as messages."""

from typing import Final
from uuid import UUID

from common.names import RECORDS, facility_name
from common.values import PartialDate, date_to_pb, timestamp_to_pb
from lientuyen.records.v1 import reuse_pb2 as pb
from lientuyen.type.v1.money_pb2 import Money

from ..model.reuse_decisions import ReuseDecision, ReuseReport
from .names import checked_id

RESULTS: Final = f"{RECORDS}results/"


def result_id(name: str) -> UUID:
    return checked_id(name, RESULTS, "result")


def decision_to_pb(decision: ReuseDecision) -> pb.ReuseDecision:
    return pb.ReuseDecision(
        facility=facility_name(decision.facility),
        source_facility=facility_name(decision.source_facility),
        service_code=decision.service_code,
        kind=pb.ReuseDecision.Kind.Name(decision.kind),
        repeat_reason=pb.ReuseDecision.RepeatReason.Name(decision.repeat_reason),
        reusable=decision.reusable,
        price=None if decision.price is None else Money(dong=decision.price),
        decide_time=timestamp_to_pb(decision.decide_time),
    )


def report_to_pb(report: ReuseReport) -> pb.ReuseReport:
    return pb.ReuseReport(
        facility=facility_name(report.facility),
        month=date_to_pb(PartialDate(report.month.year, report.month.month)),
        avoided_repeats=report.avoided_repeats,
        saved=Money(dong=report.saved),
        unpriced=report.unpriced,
        repeats=[
            pb.ReuseReport.RepeatCount(reason=pb.ReuseDecision.RepeatReason.Name(reason), count=count)
            for reason, count in report.repeats.items()
        ],
    )
