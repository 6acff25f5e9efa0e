"""Health checks (khám sức khỏe): taking one, and those of a mobile check-up."""

from collections.abc import AsyncIterator

import grpc

from chassis import audit, telemetry
from chassis.db import Database, Transaction
from chassis.encryption import Encryptor
from chassis.errors import PermissionDenied, ServiceError
from chassis.idempotency import Idempotency, answered_first
from chassis.refusals import note_refused_part
from chassis.streams import answer_stream
from common.identity import Identity
from common.names import person_name
from lientuyen.records.v1 import health_check_service_pb2 as pb
from lientuyen.records.v1.health_check_service_pb2_grpc import HealthCheckServiceServicer

from ..convert.dossiers import refusal_to_pb
from ..convert.health_checks import submission_to_pb
from ..store import health_checks as store
from .dossiers import MAX_CONCURRENT_FILES, MAX_STREAM_BYTES
from .health_check_checks import CheckedHealthCheck, HealthCheckChecks
from .health_check_submission import accept_check
from .replacements import Replacement
from .submission_checks import SubmissionChecks

Context = grpc.aio.ServicerContext[object, object]


class HealthCheckService(HealthCheckServiceServicer):
    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        encryptor: Encryptor,
        identity: Identity,
        files: SubmissionChecks,
        checks: HealthCheckChecks,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._encryptor = encryptor
        self._identity = identity
        self._files = files
        self._checks = checks

    async def SubmitHealthCheck(
        self, request: pb.SubmitHealthCheckRequest, context: Context
    ) -> pb.SubmitHealthCheckResponse:
        return await self._submit(request)

    async def SubmitHealthChecks(
        self, request_iterator: AsyncIterator[pb.SubmitHealthChecksRequest], context: Context
    ) -> AsyncIterator[pb.SubmitHealthChecksResponse]:
        """Answer files as they are done; one that is refused is an answer, and the stream goes on."""
        async for response in answer_stream(
            request_iterator,
            self._submit_of_many,
            max_concurrency=MAX_CONCURRENT_FILES,
            size=pb.SubmitHealthChecksRequest.ByteSize,
            max_bytes=MAX_STREAM_BYTES,
        ):
            yield response

    async def _submit_of_many(self, request: pb.SubmitHealthChecksRequest) -> pb.SubmitHealthChecksResponse:
        try:
            accepted = await self._submit(request)
        except ServiceError as error:
            if isinstance(error, PermissionDenied):  # the stream goes on, so the server does not see it
                await audit.record_refusal(self._db, error, None)
            note_refused_part(error)
            return pb.SubmitHealthChecksResponse(request_id=request.request_id, refusal=refusal_to_pb(error))
        return pb.SubmitHealthChecksResponse(request_id=request.request_id, accepted=accepted)

    @answered_first(pb.SubmitHealthCheckResponse)
    async def _submit(
        self, request: pb.SubmitHealthCheckRequest | pb.SubmitHealthChecksRequest
    ) -> pb.SubmitHealthCheckResponse:
        async with self._files.turn(request.ByteSize()):
            file = await self._checks.check(request.content)
            replacement = await self._prepare(file, request.replaces_version)

            async def accept(tx: Transaction) -> pb.SubmitHealthCheckResponse:
                check, unchanged = await accept_check(tx, self._encryptor, file, replacement)
                return submission_to_pb(check, unchanged=unchanged)

            response = await self._idempotency.run_once(request, pb.SubmitHealthCheckResponse, accept)
        layout = f"form-{file.report.form}" if file.report.form else "modules"
        telemetry.count("lientuyen.health_check.taken", layout=layout)
        return response

    async def _prepare(self, file: CheckedHealthCheck, version: int) -> Replacement:
        """Return how *file* comes after what stands; Unavailable when identity is needed and silent.

        Identity is asked, while no connection is held, only when another entry stands.
        """
        facility, link_key = file.report.facility, file.report.get("MA_LK")
        async with self._db.connection() as tx:
            latest = await store.get_latest(tx, self._encryptor, facility, link_key)
        persons = {file.person}
        if latest and latest.person != file.person:
            names = person_name(file.person), person_name(latest.person)
            if await self._identity.is_same_person(*names):
                persons.add(latest.person)
        return Replacement(version, frozenset(persons))
