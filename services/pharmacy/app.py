"""Wiring."""

from datetime import timedelta
from pathlib import Path

from chassis.db import Database
from chassis.encryption import Encryptor
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator
from chassis.peers import Peer
from chassis.server import Server
from chassis.tls import TlsFolder
from common.identity import Identity
from lientuyen.pharmacy.v1 import (
    dispensing_service_pb2_grpc,
    drug_service_pb2_grpc,
    lot_service_pb2_grpc,
    prescription_service_pb2_grpc,
)
from services.unimplemented import UNIMPLEMENTED

from . import access
from .service.dispensings import DispensingService
from .service.drugs import DrugService
from .service.prescriptions import PrescriptionService
from .service.read_policy import ReadPolicy
from .settings import Settings


async def build(settings: Settings) -> Server:
    db = await Database.open(settings.database_url, max_size=settings.pool_size)
    encryptor = Encryptor(settings.keys_dir)
    idempotency, paginator = Idempotency(db, encryptor), Paginator(encryptor)
    peer = Peer("identity", settings.identity_address, TlsFolder(settings.tls_dir))
    identity = Identity(peer)
    read_policy = ReadPolicy(identity)
    claim_duration = timedelta(minutes=settings.claim_minutes)

    server = Server(
        settings,
        service="pharmacy",
        db=db,
        encryptor=encryptor,
        rules=access.RULES,
        unimplemented=UNIMPLEMENTED,
        folder=Path(__file__).parent,
    )
    server.add(
        prescription_service_pb2_grpc.add_PrescriptionServiceServicer_to_server,
        PrescriptionService(db, idempotency, paginator, identity, read_policy),
    )
    server.add(
        dispensing_service_pb2_grpc.add_DispensingServiceServicer_to_server,
        DispensingService(db, idempotency, paginator, identity, read_policy, claim_duration),
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
