"""Wiring."""

from functools import partial
from pathlib import Path

from chassis.db import Database
from chassis.encryption import Encryptor
from chassis.idempotency import Idempotency
from chassis.outbox import Relay
from chassis.pagination import Paginator
from chassis.peers import Peer
from chassis.purging import keep_purging
from chassis.server import Server
from chassis.tls import TlsFolder
from common.identity import Identity
from kcb.xml_parser import MAX_FILE_BYTES
from lientuyen.records.v1 import (
    dossier_service_pb2_grpc,
    encounter_service_pb2_grpc,
    health_book_service_pb2_grpc,
    health_check_service_pb2_grpc,
    held_record_service_pb2_grpc,
    immunization_service_pb2_grpc,
    reuse_service_pb2_grpc,
)
from services.unimplemented import UNIMPLEMENTED

from . import access
from .directory import CardRegister, Directory, SigningDirectory
from .model.signing_authority import SigningAuthority
from .peers import PersonLookup, Pharmacy, Routing
from .service.bed_checks import BedChecks
from .service.brought_papers import BroughtPapers
from .service.directory_checks import DirectoryChecks
from .service.dossiers import DossierService
from .service.encounter_keys import EncounterKeys
from .service.encounter_tracking import EncounterTracker
from .service.encounters import EncounterService, LateEncounters
from .service.health_books import HealthBookService
from .service.health_check_checks import HealthCheckChecks
from .service.health_check_signatures import HealthCheckSignatures
from .service.health_checks import HealthCheckService
from .service.held_records import HeldRecordService
from .service.immunizations import ImmunizationService
from .service.laboratory_directory import LaboratoryDirectory
from .service.originals import Originals
from .service.outbox_handlers import OutboxHandlers
from .service.past_results import PastResults
from .service.patient_summaries import PatientSummaries
from .service.prevention import Prevention
from .service.read_policy import ReadPolicy
from .service.received_referrals import ReceivedReferrals
from .service.replacements import Replacements
from .service.reuse import ReuseService
from .service.signature_checks import SignatureChecks
from .service.signing_register import SigningRegister
from .service.slip_checks import SlipChecks
from .service.submission_checks import SubmissionChecks
from .settings import Settings
from .store.bed_uses import PURGE as BEDS_PURGE

# Bytes of one message: a file that is somewhat too large is refused as a file, and its stream goes on.
MAX_REQUEST_BYTES = MAX_FILE_BYTES + 16 * 1024 * 1024


async def build(settings: Settings) -> Server:
    signing_ca = settings.signing_ca.read_bytes() if settings.signing_ca else b""
    db = await Database.open(settings.database_url, max_size=settings.pool_size)
    encryptor = Encryptor(settings.keys_dir)
    idempotency, paginator = Idempotency(db, encryptor), Paginator(encryptor)
    tls = TlsFolder(settings.tls_dir)
    identity = Peer("identity", settings.identity_address, tls)
    routing = Peer("routing", settings.routing_address, tls)
    pharmacy = Peer("pharmacy", settings.pharmacy_address, tls)
    # Whom we ask what only warns: their silence is not taken for that of those whom a dossier waits for.
    adviser = Peer("identity", settings.identity_address, tls)
    slip_adviser = Peer("routing", settings.routing_address, tls)
    received = ReceivedReferrals(Routing(routing), Identity(identity))
    read_policy = ReadPolicy(Identity(identity), received)
    past_results = PastResults(LaboratoryDirectory(identity))
    encounter_keys = EncounterKeys(db, Identity(identity))
    replacements = Replacements(db, Identity(identity))
    authority = SigningAuthority(signing_ca, settings.trust_domain)
    signatures = SignatureChecks(db, SigningRegister(SigningDirectory(identity)), authority)
    persons, dispensings = PersonLookup(identity), Pharmacy(pharmacy)
    checks = SubmissionChecks(
        persons,
        signatures,
        DirectoryChecks(Directory(adviser)),
        BroughtPapers(CardRegister(adviser), Routing(slip_adviser)),
    )

    server = Server(
        settings,
        service="records",
        db=db,
        encryptor=encryptor,
        rules=access.RULES,
        unimplemented=UNIMPLEMENTED,
        folder=Path(__file__).parent,
        max_request=MAX_REQUEST_BYTES,
    )
    server.add(
        dossier_service_pb2_grpc.add_DossierServiceServicer_to_server,
        DossierService(
            db,
            idempotency,
            paginator,
            encryptor,
            checks,
            encounter_keys,
            replacements,
            SlipChecks(Routing(slip_adviser)),
            read_policy,
            Originals(db, encryptor, checks.large_files),
            EncounterTracker(db, settings.holidays),
            BedChecks(db),
        ),
    )
    server.add(
        encounter_service_pb2_grpc.add_EncounterServiceServicer_to_server,
        EncounterService(db, paginator, settings.holidays),
    )
    server.add(
        health_book_service_pb2_grpc.add_HealthBookServiceServicer_to_server,
        HealthBookService(
            db,
            paginator,
            read_policy,
            dispensings,
            Routing(routing),
            Prevention(db, encryptor),
            past_results,
            PatientSummaries(db, encryptor, read_policy, persons, dispensings),
        ),
    )
    server.add(
        held_record_service_pb2_grpc.add_HeldRecordServiceServicer_to_server,
        HeldRecordService(db, paginator, Identity(identity)),
    )
    server.add(
        reuse_service_pb2_grpc.add_ReuseServiceServicer_to_server,
        ReuseService(db, idempotency, paginator, read_policy, past_results),
    )
    server.add(
        health_check_service_pb2_grpc.add_HealthCheckServiceServicer_to_server,
        HealthCheckService(
            db,
            idempotency,
            encryptor,
            Identity(identity),
            checks,
            HealthCheckChecks(persons, HealthCheckSignatures(signatures)),
        ),
    )
    server.add(
        immunization_service_pb2_grpc.add_ImmunizationServiceServicer_to_server,
        ImmunizationService(db, idempotency, paginator, encryptor, persons, read_policy),
    )
    late_encounters = LateEncounters(db)
    late_encounters.watch()
    server.background(late_encounters.keep_reading)
    server.background(partial(keep_purging, db, BEDS_PURGE))
    server.background(Relay(db, OutboxHandlers(db, encryptor, Routing(routing)).by_topic()).run)
    for peer in (identity, routing, pharmacy, adviser, slip_adviser):
        server.closing(peer.close)
    return server
