"""Wiring."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from chassis.allowances import Allowance
from chassis.db import Database
from chassis.encryption import Encryptor
from chassis.gcra import Rate
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator
from chassis.peers import Peer
from chassis.purging import keep_purging
from chassis.rate_limiter import RateLimiter
from chassis.server import Server
from chassis.tls import TlsFolder
from common.identity import Identity
from lientuyen.pharmacy.v1 import (
    dispensing_service_pb2_grpc,
    drug_service_pb2_grpc,
    lot_service_pb2_grpc,
    prescription_service_pb2_grpc,
)
from lientuyen.pharmacy.v1 import error_reasons as reasons
from services.unimplemented import UNIMPLEMENTED

from . import access
from .service.code_guard import CODE_SHARES, CodeGuard
from .service.dispensings import DispensingService
from .service.drugs import DrugService
from .service.prescriptions import PrescriptionService
from .service.read_policy import ReadPolicy
from .settings import Settings
from .store.claims import PURGE as CLAIMS_PURGE


def hospital(settings: Settings) -> Allowance:
    return Allowance(
        lookups=Rate(settings.lookups_per_second, settings.lookups_burst),
        failures=Rate(settings.misses_per_minute / 60, settings.misses_burst),
    )


async def build(settings: Settings) -> Server:
    db = await Database.open(settings.database_url, max_size=settings.pool_size)
    encryptor = Encryptor(settings.keys_dir)
    idempotency, paginator = Idempotency(db, encryptor), Paginator(encryptor)
    peer = Peer("identity", settings.identity_address, TlsFolder(settings.tls_dir))
    identity = Identity(peer)
    read_policy = ReadPolicy(identity)
    claim_duration = timedelta(minutes=settings.claim_minutes)
    rate_limiter = RateLimiter(
        db,
        hospital=hospital(settings),
        limit_reached=reasons.LOOKUP_LIMIT_REACHED,
        shares=CODE_SHARES,
    )
    rate_limiter.watch()
    code_guard = CodeGuard(db, rate_limiter)

    server = Server(
        settings,
        service="pharmacy",
        db=db,
        encryptor=encryptor,
        rules=access.RULES,
        unimplemented=UNIMPLEMENTED,
        folder=Path(__file__).parent,
    )
    server.background(rate_limiter.keep_reporting)
    server.background(partial(keep_purging, db, CLAIMS_PURGE))
    server.closing(rate_limiter.report)
    server.add(
        prescription_service_pb2_grpc.add_PrescriptionServiceServicer_to_server,
        PrescriptionService(db, idempotency, paginator, identity, read_policy, code_guard),
    )
    server.add(
        dispensing_service_pb2_grpc.add_DispensingServiceServicer_to_server,
        DispensingService(db, idempotency, paginator, read_policy, code_guard, claim_duration),
    )
    server.add(
        drug_service_pb2_grpc.add_DrugServiceServicer_to_server, DrugService(db, idempotency, paginator)
    )
    server.add(
        lot_service_pb2_grpc.add_LotServiceServicer_to_server,
        lot_service_pb2_grpc.LotServiceServicer(),  # type: ignore[abstract]
    )
    server.closing(peer.close)
    return server
