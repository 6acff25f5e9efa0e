"""What records holds of a person, and whom it knows to have seen them."""

from chassis.deadline import leaving_time
from chassis.errors import ServiceError
from chassis.peers import Peer
from common.identity import Decision
from common.restricted import RESTRICTED
from common.values import date_to_pb, timestamp_from_pb
from lientuyen.records.v1 import held_record_service_pb2 as pb
from lientuyen.records.v1.held_record_service_pb2_grpc import HeldRecordServiceStub
from lientuyen.type.v1.access_pb2 import AccessContext

from ..model.held_records import HeldByRecords, HeldEncounter
from ..model.record_requests import RecordRequest

# Encounters that one answer tells of.
MAX_ENCOUNTERS = 100


class HeldRecords:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._stub = HeldRecordServiceStub(peer.channel)

    async def list_for(self, request: RecordRequest, decision: Decision) -> HeldByRecords:
        """Return what the requester may see of what records holds; a records that is silent holds nothing.

        *decision* is identity's: what it withholds is left out.
        """
        question = pb.ListHeldRecordsRequest(
            person=request.person,
            reader=request.requester,
            withheld_classes=[
                f"RESTRICTED_CLASS_{kind.name}" for kind in sorted(decision.withheld & RESTRICTED)
            ],
            since=date_to_pb(request.since),
            until=date_to_pb(request.until),
            page_size=MAX_ENCOUNTERS,
            access=AccessContext.FromString(request.access),
        )
        try:
            with leaving_time():
                answer = await self._peer.ask(self._stub.ListHeldRecords, question)
        except ServiceError:
            return HeldByRecords(unreachable=["records"])
        return HeldByRecords(
            [_held_encounter(each) for each in answer.held_records],
            bool(answer.next_page_token),
            list(answer.facilities),
            list(answer.unreachable),
        )


def _held_encounter(held: pb.HeldRecord) -> HeldEncounter:
    return HeldEncounter(
        dossier=held.dossier,
        facility=held.facility,
        form_of_care=held.form_of_care,
        arrive_time=timestamp_from_pb(held.arrive_time),
        discharge_time=timestamp_from_pb(held.discharge_time) if held.HasField("discharge_time") else None,
        result_count=held.result_count,
    )
