"""What doctors did with reusable results, and the reports of it (docs/adr/0072)."""

from datetime import date, datetime
from functools import partial
from typing import Final

import grpc

from chassis import audit, call_context, clock, telemetry
from chassis.call_context import require_facility
from chassis.db import Database, Transaction
from chassis.errors import NotFound
from chassis.idempotency import Idempotency, answered_first
from chassis.pagination import Paginator
from common.names import last_part
from common.values import day_of
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1 import reuse_service_pb2 as pb
from lientuyen.records.v1.reuse_service_pb2_grpc import ReuseServiceServicer

from ..convert.reuse_decisions import decision_to_pb, report_to_pb, result_id
from ..model.health_books import ResultEntry
from ..model.read_scope import ReadScope
from ..model.result_reuse import OrderedTest, choose_results
from ..model.reuse_decisions import Kind, RepeatReason, ReuseDecision
from ..store import reuse_decisions as store
from ..store.health_books import get_result
from .past_results import PastResults
from .read_policy import ReadPolicy

Context = grpc.aio.ServicerContext[object, object]

# Where the first page of the reports begins: after every month.
LATEST_MONTH: Final = date(9000, 1, 1)


class ReuseService(ReuseServiceServicer):
    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        paginator: Paginator,
        read_policy: ReadPolicy,
        past_results: PastResults,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._read_policy = read_policy
        self._past_results = past_results

    @answered_first(pb.RecordReuseDecisionResponse)
    async def RecordReuseDecision(
        self, request: pb.RecordReuseDecisionRequest, context: Context
    ) -> pb.RecordReuseDecisionResponse:
        scope = await self._read_policy.scope(request.person, request.access)
        entry = await self._result(request, scope)
        now = clock.now()
        reusable = await self._is_reusable(entry, now)
        first: list[ReuseDecision] = []
        response = await self._idempotency.run_once(
            request,
            pb.RecordReuseDecisionResponse,
            partial(record, request, scope, entry, now, reusable, first),
        )
        for decision in first[-1:]:
            count(decision)
        return response

    async def _result(self, request: pb.RecordReuseDecisionRequest, scope: ReadScope) -> ResultEntry:
        """Return the result decided on; NotFound(RESULT_NOT_FOUND) when the caller may not see one."""
        async with self._db.connection() as tx:
            entry = await get_result(tx, scope, result_id(request.result))
        if entry is None:
            raise NotFound(reasons.RESULT_NOT_FOUND, name=request.result)
        return entry

    async def _is_reusable(self, entry: ResultEntry, now: datetime) -> bool:
        reader = call_context.caller().code or ""
        results, _ = await self._past_results.judge([entry], reader, now)
        order = OrderedTest(entry.result.service_code, entry.result.indicator_code)
        return not choose_results(order, results, now, searched_all=True).why_not

    async def ListReuseReports(
        self, request: pb.ListReuseReportsRequest, context: Context
    ) -> pb.ListReuseReportsResponse:
        require_facility("facility", request.facility)
        page = self._paginator.open(request)
        ordinal, after = page.position or (LATEST_MONTH.toordinal(), "")
        async with self._db.connection() as tx:
            reports = await store.list_reports(
                tx,
                last_part(request.facility),
                month=date.fromordinal(int(ordinal)),
                after=str(after),
                limit=page.limit,
            )
        reports, next_page_token = page.close(
            reports, key=lambda report: (report.month.toordinal(), report.facility)
        )
        return pb.ListReuseReportsResponse(
            reports=map(report_to_pb, reports), next_page_token=next_page_token
        )


async def record(
    request: pb.RecordReuseDecisionRequest,
    scope: ReadScope,
    entry: ResultEntry,
    now: datetime,
    reusable: bool,
    first: list[ReuseDecision],
    tx: Transaction,
) -> pb.RecordReuseDecisionResponse:
    """Keep the decision beside its row in the access log; in *first* unless it replaces another."""
    source, result = entry.source, entry.result
    decision = ReuseDecision(
        facility=call_context.caller().code or "",
        day=day_of(now),
        dossier=source.dossier,
        service_code=result.service_code,
        kind=Kind(request.kind),
        repeat_reason=RepeatReason(request.repeat_reason),
        repeat_text=request.repeat_text.strip(),
        source_facility=source.facility,
        reusable=reusable,
        price=await store.price_of(tx, scope.persons, source.dossier, result.service_code),
        decide_time=now,
    )
    first.clear()
    if await store.put(tx, decision):
        first.append(decision)
    await audit.record(tx, subject=request.person, access=request.access, flagged=scope.flagged)
    return pb.RecordReuseDecisionResponse(decision=decision_to_pb(decision))


def count(decision: ReuseDecision) -> None:
    telemetry.count(
        "lientuyen.reuse.decisions",
        kind=decision.kind.name,
        reason=decision.repeat_reason.name,
        reusable=str(decision.reusable).lower(),
    )
    if decision.avoids_repeat:
        telemetry.count("lientuyen.reuse.saved", decision.price or 0)
