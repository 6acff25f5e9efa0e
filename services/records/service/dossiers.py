"""Dossiers and check-ins."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import grpc

from chassis import audit, call_context
from chassis.db import Database, Transaction
from chassis.encryption import Encryptor
from chassis.errors import NotFound, PermissionDenied, ServiceError
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator, from_micros, to_micros
from chassis.streams import answers_as_done
from kcb.validate import CHECK_IN_KIND, DOSSIER
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1.dossier_service_pb2_grpc import DossierServiceServicer
from lientuyen.type.v1.access_pb2 import AccessContext

from ..convert import dossiers as convert
from ..convert.names import dossier_id, person_name
from ..model.dossiers import Dossier
from ..store import dossiers as store
from .dossier_submission import Intake, Judged, inspect
from .read_policy import Readers, is_the_person

Context = grpc.aio.ServicerContext[object, object]

# Bytes of one piece of an original.
CHUNK = 64 * 1024

# Files of one stream that are worked on at once: identity is asked about one while another is stored.
AT_ONCE = 4

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
END_OF_TIME = datetime(9000, 1, 1, tzinfo=UTC)
LAST_ID = UUID(int=2**128 - 1)


class DossierService(DossierServiceServicer):
    """Takes and keeps dossiers."""

    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        paginator: Paginator,
        encryptor: Encryptor,
        intake: Intake,
        readers: Readers,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._encryptor = encryptor
        self._intake = intake
        self._readers = readers

    async def ValidateDossier(
        self, request: pb.ValidateDossierRequest, context: Context
    ) -> pb.ValidateDossierResponse:
        report = await inspect(request.content)
        return pb.ValidateDossierResponse(
            accepted=report.accepted, findings=[convert.finding_to_pb(found) for found in report.findings]
        )

    async def SubmitDossier(
        self, request: pb.SubmitDossierRequest, context: Context
    ) -> pb.SubmitDossierResponse:
        judged = await self._intake.judge(request.content, DOSSIER)
        return await self._idempotency.run_once(
            request, pb.SubmitDossierResponse, lambda tx: self._take(tx, judged)
        )

    async def _take(self, tx: Transaction, judged: Judged) -> pb.SubmitDossierResponse:
        dossier, unchanged = await self._intake.take_dossier(tx, judged)
        return convert.taken_to_pb(dossier, unchanged=unchanged)

    async def SubmitDossiers(
        self, request_iterator: AsyncIterator[pb.SubmitDossiersRequest], context: Context
    ) -> AsyncIterator[pb.SubmitDossiersResponse]:
        """Answer files as they are done; a file that fails is an answer, and the stream goes on."""
        async for answer in answers_as_done(request_iterator, self._one_of_many, at_once=AT_ONCE):
            yield answer

    async def _one_of_many(self, request: pb.SubmitDossiersRequest) -> pb.SubmitDossiersResponse:
        try:
            judged = await self._intake.judge(request.content, DOSSIER)
            taken = await self._idempotency.run_once(
                request, pb.SubmitDossierResponse, lambda tx: self._take(tx, judged)
            )
        except ServiceError as error:
            if isinstance(error, PermissionDenied):  # the stream goes on, so the server does not see it
                await audit.record_refusal(self._db, error, None)
            return pb.SubmitDossiersResponse(request_id=request.request_id, refusal=refusal_to_pb(error))
        return pb.SubmitDossiersResponse(request_id=request.request_id, accepted=taken)

    async def SubmitCheckIn(
        self, request: pb.SubmitCheckInRequest, context: Context
    ) -> pb.SubmitCheckInResponse:
        judged = await self._intake.judge(request.content, CHECK_IN_KIND)
        return await self._idempotency.run_once(
            request, pb.SubmitCheckInResponse, lambda tx: self._check_in(tx, judged)
        )

    async def _check_in(self, tx: Transaction, judged: Judged) -> pb.SubmitCheckInResponse:
        rows = await self._intake.take_check_in(tx, judged)
        return pb.SubmitCheckInResponse(
            check_ins=[convert.check_in_to_pb(row) for row in rows],
            warnings=[convert.finding_to_pb(found) for found in judged.doubts],
            sha256=judged.sha256.hex(),
        )

    async def GetDossier(self, request: pb.GetDossierRequest, context: Context) -> pb.GetDossierResponse:
        dossier = await self._admitted(request.name, request.access)
        return pb.GetDossierResponse(dossier=convert.dossier_to_pb(dossier))

    async def _admitted(self, name: str, access: AccessContext) -> Dossier:
        """Return a dossier that the caller may see; only VNeID hears that there is none."""
        async with self._db.connection() as tx:
            dossier = await store.get(tx, dossier_id(name))
        if dossier is None and is_the_person(access):
            raise NotFound(reasons.DOSSIER_NOT_FOUND, name=name)
        if dossier is None:
            raise PermissionDenied(reasons.DOSSIER_DENIED, name=name)
        person = person_name(dossier.person)
        flagged = await self._readers.admit(name, person, access, dossier.classes, dossier.facility)
        async with self._db.transaction() as tx:
            await audit.record(tx, subject=person, access=access, flagged=flagged)
        return dossier

    async def ListDossiers(
        self, request: pb.ListDossiersRequest, context: Context
    ) -> pb.ListDossiersResponse:
        call_context.require_facility("facility", request.facility)
        position = self._paginator.position(request.page_token, request)
        size = self._paginator.size(request.page_size)
        async with self._db.transaction() as tx:
            found = await store.list_of(
                tx,
                request.facility.rpartition("/")[2],
                link_key=request.link_key,
                since=(
                    request.received_since.ToDatetime(UTC)
                    if request.HasField("received_since")
                    else BEGINNING
                ),
                before=(from_micros(position[0]), UUID(str(position[1])))
                if position
                else (END_OF_TIME, LAST_ID),
                limit=size + 1,
            )
            page, following = self._paginator.cut(
                found, size, lambda one: [to_micros(one.receive_time), str(one.id)], request
            )
            for subject in (request.facility, *sorted({person_name(one.person) for one in page})):
                await audit.record(tx, subject=subject, access=request.access)
        return pb.ListDossiersResponse(
            dossiers=[convert.dossier_to_pb(one) for one in page], next_page_token=following
        )

    async def GetOriginal(
        self, request: pb.GetOriginalRequest, context: Context
    ) -> AsyncIterator[pb.GetOriginalResponse]:
        dossier = await self._admitted(request.name, request.access)
        async with self._db.connection() as tx:
            sealed = await store.original(tx, dossier.id)
        assert sealed is not None, "every dossier has its original"
        content = self._encryptor.decrypt(sealed, associated_data=dossier.id.bytes)
        for at in range(0, len(content), CHUNK):
            piece = pb.GetOriginalResponse(chunk=content[at : at + CHUNK])
            if at == 0:
                piece.sha256, piece.size_bytes = dossier.sha256.hex(), dossier.size_bytes
            yield piece


def refusal_to_pb(error: ServiceError) -> pb.DossierRefusal:
    """Return what a status would have said, for one of many files: all of it, for nothing limits it here."""
    return pb.DossierRefusal(
        code=error.code.value[0],
        reason=error.reason.name,
        domain=error.reason.domain,
        message_vi=error.message_vi,
        message_en=str(error),
        findings=convert.findings_of(error.violations),
    )
