"""Dossiers and check-ins: submitting, reading, listing."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import grpc

from chassis import audit, call_context
from chassis.db import Database, Transaction
from chassis.encryption import Encryptor
from chassis.errors import NotFound, PermissionDenied, ServiceError
from chassis.idempotency import Idempotency, answered_first
from chassis.pagination import Paginator
from chassis.refusals import note_refused_part
from chassis.streams import answer_stream
from common.identity import is_data_subject
from common.names import last_part, person_name
from common.values import timestamp_from_pb
from kcb.validate import CHECK_IN_KIND, DOSSIER
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1.dossier_service_pb2_grpc import DossierServiceServicer
from lientuyen.type.v1.access_pb2 import AccessContext

from ..convert import dossiers as convert
from ..convert.findings import fault_to_pb, finding_to_pb
from ..convert.names import dossier_id
from ..model.dossiers import Dossier
from ..model.slips import Slip
from ..store import dossiers as store
from ..store import slips as slip_store
from .bed_checks import BedChecks, free_beds, keep_beds
from .check_in_submission import accept_check_in
from .dossier_submission import accept_dossier
from .encounter_keys import EncounterKeys
from .encounter_tracking import EncounterTracker
from .originals import Originals
from .read_policy import ReadPolicy
from .replacements import Replacements
from .slip_checks import SlipChecks
from .submission_checks import SubmissionChecks
from .withdrawal import withdraw_dossier

Context = grpc.aio.ServicerContext[object, object]

# Files of one stream that are worked on at once: identity is asked about one while another is stored.
MAX_CONCURRENT_FILES = 4

# Bytes of the files in work after which no other of the stream is read: a large one goes alone.
MAX_STREAM_BYTES = 1024 * 1024

# Before everything that was ever received or measured.
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)


class DossierService(DossierServiceServicer):
    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        paginator: Paginator,
        encryptor: Encryptor,
        checks: SubmissionChecks,
        encounter_keys: EncounterKeys,
        replacements: Replacements,
        slip_checks: SlipChecks,
        read_policy: ReadPolicy,
        originals: Originals,
        tracker: EncounterTracker,
        bed_checks: BedChecks,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._encryptor = encryptor
        self._checks = checks
        self._encounter_keys = encounter_keys
        self._replacements = replacements
        self._slip_checks = slip_checks
        self._read_policy = read_policy
        self._originals = originals
        self._tracker = tracker
        self._bed_checks = bed_checks

    async def ValidateDossier(
        self, request: pb.ValidateDossierRequest, context: Context
    ) -> pb.ValidateDossierResponse:
        async with self._checks.turn(request.ByteSize()):
            report = await self._checks.validate(request.content)
        return pb.ValidateDossierResponse(
            accepted=report.accepted, findings=map(finding_to_pb, report.findings)
        )

    async def SubmitDossier(
        self, request: pb.SubmitDossierRequest, context: Context
    ) -> pb.SubmitDossierResponse:
        return await self._submit(request)

    async def SubmitDossiers(
        self, request_iterator: AsyncIterator[pb.SubmitDossiersRequest], context: Context
    ) -> AsyncIterator[pb.SubmitDossiersResponse]:
        """Answer files as they are done; a file that fails is an answer, and the stream goes on."""
        async for response in answer_stream(
            request_iterator,
            self._submit_of_many,
            max_concurrency=MAX_CONCURRENT_FILES,
            size=pb.SubmitDossiersRequest.ByteSize,
            max_bytes=MAX_STREAM_BYTES,
        ):
            yield response

    async def _submit_of_many(self, request: pb.SubmitDossiersRequest) -> pb.SubmitDossiersResponse:
        try:
            accepted = await self._submit(request)
        except ServiceError as error:
            if isinstance(error, PermissionDenied):  # the stream goes on, so the server does not see it
                await audit.record_refusal(self._db, error, None)
            note_refused_part(error)
            refusal = convert.refusal_to_pb(error)
            return pb.SubmitDossiersResponse(request_id=request.request_id, refusal=refusal)
        return pb.SubmitDossiersResponse(request_id=request.request_id, accepted=accepted)

    @answered_first(pb.SubmitDossierResponse)
    async def _submit(
        self, request: pb.SubmitDossierRequest | pb.SubmitDossiersRequest
    ) -> pb.SubmitDossierResponse:
        async with self._checks.turn(request.ByteSize()):
            try:
                return await self._check_and_accept(request)
            except ServiceError as error:
                await self._tracker.refused(request.content, error)
                raise

    async def _check_and_accept(
        self, request: pb.SubmitDossierRequest | pb.SubmitDossiersRequest
    ) -> pb.SubmitDossierResponse:
        file = await self._encounter_keys.check(await self._checks.check(request.content, DOSSIER))
        file = await self._bed_checks.check(file)
        replacement = await self._replacements.prepare(file, request.replaces_version)
        slips = await self._slip_checks.check(file)

        async def accept(tx: Transaction) -> pb.SubmitDossierResponse:
            dossier, unchanged = await accept_dossier(tx, self._encryptor, file, replacement, slips)
            await self._tracker.accepted(tx, dossier, file.report)
            if not unchanged:
                await keep_beds(tx, file.report)
            filed = await slip_store.list_slips(tx, [dossier.id])
            return convert.submission_to_pb(dossier, filed, unchanged=unchanged)

        return await self._idempotency.run_once(request, pb.SubmitDossierResponse, accept)

    @answered_first(pb.SubmitCheckInResponse)
    async def SubmitCheckIn(
        self, request: pb.SubmitCheckInRequest, context: Context
    ) -> pb.SubmitCheckInResponse:
        async with self._checks.turn(request.ByteSize()):
            file = await self._encounter_keys.check(await self._checks.check(request.content, CHECK_IN_KIND))

            async def accept(tx: Transaction) -> pb.SubmitCheckInResponse:
                check_ins = await accept_check_in(tx, self._encryptor, file)
                await self._tracker.checked_in(tx, check_ins)
                return pb.SubmitCheckInResponse(
                    check_ins=map(convert.check_in_to_pb, check_ins),
                    warnings=[fault_to_pb(fault, refuses=False) for fault in file.warnings],
                    sha256=file.sha256.hex(),
                )

            return await self._idempotency.run_once(request, pb.SubmitCheckInResponse, accept)

    async def GetDossier(self, request: pb.GetDossierRequest, context: Context) -> pb.GetDossierResponse:
        dossier = await self._authorized(request.name, request.access)
        async with self._db.connection() as tx:
            slips = await slip_store.list_slips(tx, [dossier.id])
        return pb.GetDossierResponse(dossier=convert.dossier_to_pb(dossier, slips))

    async def _authorized(self, name: str, access: AccessContext) -> Dossier:
        """Return a dossier that the caller may see; only VNeID hears that there is none."""
        async with self._db.connection() as tx:
            dossier = await store.get(tx, dossier_id(name))
        if dossier is None and is_data_subject(access):
            raise NotFound(reasons.DOSSIER_NOT_FOUND, name=name)
        if dossier is None:
            raise PermissionDenied(reasons.DOSSIER_DENIED, name=name)
        flagged = await self._read_policy.authorize_dossier(dossier, access)
        async with self._db.transaction() as tx:
            await audit.record(tx, subject=person_name(dossier.person), access=access, flagged=flagged)
        return dossier

    async def ListDossiers(
        self, request: pb.ListDossiersRequest, context: Context
    ) -> pb.ListDossiersResponse:
        call_context.require_facility("facility", request.facility)
        page = self._paginator.open(request)
        since = timestamp_from_pb(request.received_since) if request.HasField("received_since") else EARLIEST
        async with self._db.transaction() as tx:
            dossiers = await store.list_dossiers(
                tx,
                last_part(request.facility),
                link_key=request.link_key,
                since=since,
                before=page.before,
                limit=page.limit,
            )
            slips = await slip_store.list_slips(tx, [dossier.id for dossier in dossiers])
            listed, next_page_token = page.close(
                [(each, convert.dossier_to_pb(each, slips_of(each, slips))) for each in dossiers],
                key=lambda each: (each[0].receive_time, each[0].id),
                bytes_of=lambda each: each[1].ByteSize(),
            )
            persons = sorted({person_name(dossier.person) for dossier, _ in listed})
            for subject in (request.facility, *persons):
                await audit.record(tx, subject=subject, access=request.access)
        return pb.ListDossiersResponse(
            dossiers=[message for _, message in listed], next_page_token=next_page_token
        )

    @answered_first(pb.WithdrawDossierResponse)
    async def WithdrawDossier(
        self, request: pb.WithdrawDossierRequest, context: Context
    ) -> pb.WithdrawDossierResponse:
        async def withdraw(tx: Transaction) -> pb.WithdrawDossierResponse:
            dossier = await withdraw_dossier(tx, self._encryptor, request)
            encounter = last_part(dossier.facility), dossier.link_key
            await self._tracker.withdrawn(tx, *encounter)
            await free_beds(tx, *encounter)
            return pb.WithdrawDossierResponse(dossier=dossier)

        return await self._idempotency.run_once(request, pb.WithdrawDossierResponse, withdraw)

    async def GetOriginal(
        self, request: pb.GetOriginalRequest, context: Context
    ) -> AsyncIterator[pb.GetOriginalResponse]:
        dossier = await self._authorized(request.name, request.access)
        whole: dict[str, Any] = {"sha256": dossier.sha256.hex(), "size_bytes": dossier.size_bytes}
        async with aclosing(self._originals.read(dossier)) as chunks:
            async for chunk in chunks:
                yield pb.GetOriginalResponse(chunk=chunk, **whole)
                whole = {}  # told in the first answer only


def slips_of(dossier: Dossier, slips: Sequence[Slip]) -> list[Slip]:
    return [slip for slip in slips if slip.dossier == dossier.id]
