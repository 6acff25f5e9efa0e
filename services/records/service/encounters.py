"""What is missing of a facility's encounters, and what is late: the list of them, and how many there are."""

import asyncio
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import grpc

from chassis import audit, clock, telemetry
from chassis.call_context import require_facility
from chassis.db import Database, Transaction
from chassis.pagination import Page, Paginator, from_micros
from common.names import last_part
from common.values import timestamp_from_pb
from lientuyen.records.v1 import encounter_service_pb2 as pb
from lientuyen.records.v1.encounter_service_pb2_grpc import EncounterServiceServicer

from ..convert.encounter_states import STATES_FROM_PB, status_to_pb
from ..model.encounter_deadlines import Duty, Holidays
from ..model.encounter_status import Facts, State, Tracked, status_of
from ..store import encounter_states as store

Context = grpc.aio.ServicerContext[object, object]

# Before everything that is listed, and after it.
FIRST: Final = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))
LAST: Final = datetime(9999, 1, 1, tzinfo=UTC)

# Seconds between two counts of what is late.
POLL_INTERVAL_S: Final = 60.0


class EncounterService(EncounterServiceServicer):
    def __init__(self, db: Database, paginator: Paginator, holidays: Holidays) -> None:
        self._db = db
        self._paginator = paginator
        self._holidays = holidays

    async def ListEncounters(
        self, request: pb.ListEncountersRequest, context: Context
    ) -> pb.ListEncountersResponse:
        require_facility("facility", request.facility)
        page, now, facility = self._paginator.open(request), clock.now(), last_part(request.facility)
        states = [STATES_FROM_PB[state] for state in request.states] or list(State)
        async with self._db.transaction() as tx:
            rows = await store.list_tracked(
                tx,
                facility,
                states,
                until=now if request.late else LAST,
                after=position_of(page, request),
                limit=page.limit,
            )
            facts = await facts_of(tx, facility, rows)
            await audit.record(tx, subject=request.facility, access=request.access)
        encounters, next_page_token = page.close(
            [(each.tracked, status_to_pb(status_of(each, self._holidays), now)) for each in facts],
            key=lambda each: (each[0].sort_time, each[0].id),
            bytes_of=lambda each: each[1].ByteSize(),
        )
        return pb.ListEncountersResponse(
            encounters=[message for _, message in encounters], next_page_token=next_page_token
        )


def position_of(page: Page, request: pb.ListEncountersRequest) -> tuple[datetime, UUID]:
    """Return after what the page begins."""
    if not page.position:
        return (timestamp_from_pb(request.due_since), UUID(int=0)) if request.HasField("due_since") else FIRST
    return from_micros(page.position[0]), UUID(str(page.position[1]))


async def facts_of(tx: Transaction, facility: str, rows: list[Tracked]) -> list[Facts]:
    """Return what is known of the encounters of *rows*, in their order."""
    link_keys = [row.link_key for row in rows]
    check_ins = await store.list_check_ins(tx, facility, link_keys)
    sent = await store.list_sent(tx, facility, link_keys)
    return [Facts(row, check_ins.get(row.link_key), sent.get(row.link_key)) for row in rows]


class LateEncounters:
    """Reports how many are late, as counted last.  Every replica reports the same: take the greatest."""

    def __init__(self, db: Database, *, poll_interval_s: float = POLL_INTERVAL_S) -> None:
        self._db = db
        self._poll_interval_s = poll_interval_s
        self._late: dict[Duty, int] = {}

    def watch(self) -> None:
        telemetry.gauge("lientuyen.encounters.late", self._reading, unit="{encounter}")

    def _reading(self) -> list[tuple[float, dict[str, str]]]:
        duties = (Duty.DOSSIER, Duty.CORRECTION, Duty.PAYMENT_REQUEST)
        return [(self._late.get(duty, 0), {"duty": duty.name.lower()}) for duty in duties]

    async def keep_reading(self) -> None:
        while True:
            await self.read()
            await asyncio.sleep(self._poll_interval_s)

    async def read(self) -> None:
        async with self._db.connection() as tx:
            self._late = await store.count_late(tx, clock.now())
