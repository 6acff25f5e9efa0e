"""
Asking for a person's records: who may ask, who is asked, and the messages that ask.

Who is named is asked, or else whoever is known to have seen the person: by what records may tell the
requester, and, when nothing is withheld from it, by referrals.  A facility that was never named and cannot
be asked is noted as unreachable; one that was named and cannot be asked refuses the whole.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.db import Database, Transaction
from chassis.errors import FailedPrecondition, InvalidArgument, NotFound, ResourceExhausted, Unavailable
from chassis.idempotency import Idempotency
from chassis.pagination import NEWEST
from common.identity import Decision
from common.restricted import RESTRICTED
from common.values import day_of
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import record_request_service_pb2 as pb

from ..convert.record_requests import named_holders, record_request_from_pb, record_request_to_pb
from ..model import record_requests as model
from ..model.messages import Kind
from ..model.record_requests import DEFAULT_ANSWER_WITHIN, MAX_HOLDERS, Holder, HolderState, RecordRequest
from ..peers.facility_directory import FacilityDirectory
from ..peers.held_records import HeldRecords
from ..store import record_requests as store
from ..store.referrals import list_referrals
from .access_log import log_access
from .authorization import Elsewhere, require_here
from .mailbox_quotas import MailboxQuotas
from .mailbox_writer import MailboxWriter, new_message
from .record_request_grounds import RecordRequestGrounds

MEDIA_TYPE: Final = "application/x-protobuf; message=lientuyen.routing.v1.RecordRequest"

# What a request to one holder takes in its mailbox, in bytes, at most.
MAX_REQUEST_BYTES: Final = 8 * 1024


class RecordRequestCreation:
    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        writer: MailboxWriter,
        facilities: FacilityDirectory,
        quotas: MailboxQuotas,
        grounds: RecordRequestGrounds,
        held_records: HeldRecords,
        elsewhere: Elsewhere,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._writer = writer
        self._facilities = facilities
        self._quotas = quotas
        self._grounds = grounds
        self._held_records = held_records
        self._elsewhere = elsewhere

    async def create(self, request: pb.RequestRecordsRequest) -> pb.RequestRecordsResponse:
        new = _new_request(request)
        named = named_holders(request.record_request)
        if new.requester in named:
            raise InvalidArgument(reasons.REQUEST_TO_SELF)
        for holder in named:
            await self._require_holder(holder)
        decision = await self._grounds.require_to_ask(new)
        holders = [Holder(name) for name in named] or await self._known_holders(new, decision)
        within = request.answer_within.ToTimedelta() if request.HasField("answer_within") else None

        async def write(tx: Transaction) -> pb.RequestRecordsResponse:
            written = await self._write(tx, new, holders, within or DEFAULT_ANSWER_WITHIN)
            await log_access(tx, new.person, request.access)
            return pb.RequestRecordsResponse(record_request=record_request_to_pb(written))

        return await self._idempotency.run_once(request, pb.RequestRecordsResponse, write)

    async def _write(
        self, tx: Transaction, new: RecordRequest, holders: Sequence[Holder], within: timedelta
    ) -> RecordRequest:
        now, deadline = await store.now_and_deadline(tx, within)
        new = replace(new, create_time=now, deadline=deadline)
        messages = {
            holder.facility: await self._ask(tx, model.ask(new, [holder], now))
            for holder in sorted(holders, key=lambda holder: holder.facility)
            if holder.state is HolderState.ASKED
        }
        asked = [replace(holder, ask=messages.get(holder.facility)) for holder in holders]
        written = model.ask(new, asked, now)
        await store.insert_record_request(tx, written)
        return written

    async def _ask(self, tx: Transaction, request: RecordRequest) -> UUID:
        """Put *request*, as its only holder sees it, into that one's mailbox; return the message's id."""
        body = record_request_to_pb(request).SerializeToString(deterministic=True)
        message = new_message(
            request.requester,
            request.holders[0].facility,
            Kind.RECORD_REQUEST,
            MEDIA_TYPE,
            body,
            about=request.name,
            person=request.person,
        )
        await self._writer.write(tx, message, body)
        return message.id

    async def _known_holders(self, new: RecordRequest, decision: Decision) -> list[Holder]:
        """Return whoever is known to have seen the person, the latest first, and can be asked or not."""
        held = await self._held_records.list_for(new, decision)
        if held.unreachable:
            raise Unavailable(reasons.HOLDERS_NOT_KNOWN, peer=held.unreachable[0])
        names = list(held.facilities)
        if not decision.withheld & RESTRICTED:
            names += await self._parties_of_referrals(new, decision)
        others = [name for name in dict.fromkeys(names) if name != new.requester]
        return [await self._reached(new, name) for name in others[:MAX_HOLDERS]]

    async def _parties_of_referrals(self, new: RecordRequest, decision: Decision) -> list[str]:
        """Return who referred the person, and who took them on, in the days asked about."""
        async with self._db.connection() as tx:
            referrals = await list_referrals(
                tx, decision.persons or (new.person,), "", "", NEWEST, limit=MAX_HOLDERS
            )
        within = [each for each in referrals if _is_asked_about(new, each.issue_time)]
        accepted = [each.recipient for each in within if each.accept_time is not None]
        return [*(each.sender for each in within), *accepted]

    async def _require_holder(self, name: str) -> None:
        await self._facilities.require_recipient(name)
        require_here(self._elsewhere, name, Kind.RECORD_REQUEST)

    async def _reached(self, new: RecordRequest, name: str) -> Holder:
        try:
            await self._require_holder(name)
            await self._quotas.require_any_room(self._db, new.requester, name, MAX_REQUEST_BYTES)
        except (NotFound, FailedPrecondition, ResourceExhausted):
            return Holder(name, HolderState.UNREACHABLE)
        return Holder(name)


def _new_request(request: pb.RequestRecordsRequest) -> RecordRequest:
    try:
        new = record_request_from_pb(
            request.record_request, request.access, request_id=uuid4(), now=clock.now()
        )
    except ValueError:
        raise InvalidArgument(reasons.DAY_INVALID, field="record_request.records_since") from None
    if new.since and new.until and new.until < new.since:
        raise InvalidArgument(reasons.DAY_INVALID, field="record_request.records_until")
    return new


def _is_asked_about(request: RecordRequest, moment: datetime) -> bool:
    day = day_of(moment)
    return (request.since is None or request.since <= day) and (request.until is None or day <= request.until)
