"""The routing service, wired."""

from datetime import timedelta
from pathlib import Path

from chassis.db import Database
from chassis.encryption import Encryptor
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator
from chassis.peers import Peer
from chassis.server import Server
from chassis.signing import SigningFolder
from chassis.tls import TlsFolder
from common.identity import Identity
from lientuyen.routing.v1.appointment_service_pb2_grpc import add_AppointmentServiceServicer_to_server
from lientuyen.routing.v1.consultation_service_pb2_grpc import add_ConsultationServiceServicer_to_server
from lientuyen.routing.v1.mailbox_service_pb2_grpc import add_MailboxServiceServicer_to_server
from lientuyen.routing.v1.node_status_service_pb2_grpc import add_NodeStatusServiceServicer_to_server
from lientuyen.routing.v1.receipt_service_pb2_grpc import add_ReceiptServiceServicer_to_server
from lientuyen.routing.v1.record_request_service_pb2_grpc import add_RecordRequestServiceServicer_to_server
from lientuyen.routing.v1.referral_service_pb2_grpc import add_ReferralServiceServicer_to_server
from lientuyen.routing.v1.transparency_service_pb2_grpc import add_TransparencyServiceServicer_to_server
from services.unimplemented import UNIMPLEMENTED
from transparency.tree_heads import RECEIPTS, origin_of

from . import access
from .model.quotas import Quota, Quotas
from .nodes.directory import NodeDirectory
from .nodes.status import NodeStatusService
from .nodes.wiring import NO_TRANSPORTS, Parts, Transports, add_nodes
from .peers.authorities import Authorities
from .peers.facility_directory import FacilityDirectory
from .peers.facility_levels import FacilityLevels
from .peers.held_records import HeldRecords
from .peers.signing_directory import SigningDirectory
from .service.appointment_creation import AppointmentCreation
from .service.appointments import AppointmentService
from .service.consultations import ConsultationService
from .service.delivery_clearance import DeliveryClearance
from .service.expiry_and_retention import PeriodicTasks
from .service.head_witness import HeadWitness
from .service.mailbox import MailboxService
from .service.mailbox_figures import MailboxFigures
from .service.mailbox_quotas import MailboxQuotas
from .service.mailbox_writer import MailboxWriter
from .service.message_delivery import MessageDelivery
from .service.message_upload import MessageUpload
from .service.notifier import Notifier
from .service.opinion_signatures import OpinionSignatures
from .service.receipt_log import ReceiptLog
from .service.receipt_signing import ReceiptSigner
from .service.receipts import ReceiptService
from .service.record_answers import RecordAnswers
from .service.record_request_creation import RecordRequestCreation
from .service.record_request_endings import RecordRequestEndings
from .service.record_request_grounds import RecordRequestGrounds
from .service.record_requests import RecordRequestService
from .service.referral_creation import ReferralCreation
from .service.referral_outcomes import ReferralOutcomes
from .service.referrals import ReferralService
from .service.slip_deadlines import SlipDeadlines
from .service.transparency import TransparencyService
from .settings import Settings


async def build(settings: Settings, *, transports: Transports = NO_TRANSPORTS) -> Server:
    """Wire the service; *transports* are the ways to systems that are no node of ours."""
    encryptor = Encryptor(settings.keys_dir)
    quotas = MailboxQuotas(quotas_of(settings))
    signing = SigningFolder.of(settings.signing_dir, settings.tls_dir)
    writer = MailboxWriter(encryptor, ReceiptSigner(signing), quotas)
    db = await Database.open(settings.database_url, max_size=settings.pool_size)
    idempotency, paginator, notifier = Idempotency(db, encryptor), Paginator(encryptor), Notifier(db)
    identity_peer = Peer("identity", settings.identity_address, TlsFolder(settings.tls_dir))
    identity, facilities = Identity(identity_peer), FacilityDirectory(identity_peer)
    directory = NodeDirectory(db, identity_peer, settings.node, settings.directory_seconds)
    records_peer = Peer("records", settings.records_address, TlsFolder(settings.tls_dir))
    endings = RecordRequestEndings(writer)
    grounds = RecordRequestGrounds(db, identity, notifier, endings)
    clearance = DeliveryClearance(db, grounds)
    answers = RecordAnswers(db, grounds)
    upload = MessageUpload(db, idempotency, encryptor, writer, facilities, quotas, answers)
    delivery = MessageDelivery(
        db,
        encryptor,
        writer,
        notifier,
        clearance,
        max_attempts=settings.max_attempts,
        poll_interval_s=settings.poll_seconds,
    )
    figures = MailboxFigures()
    periodic_tasks = PeriodicTasks(
        db,
        writer,
        notifier,
        delivery,
        quotas,
        endings,
        figures,
        SlipDeadlines(writer, reminder_days=settings.reminder_days),
        interval_s=settings.sweep_seconds,
        body_retention=timedelta(days=settings.body_retention_days),
    )
    mailboxes = MailboxService(
        db,
        idempotency,
        paginator,
        encryptor,
        writer,
        notifier,
        upload,
        delivery,
        clearance,
        directory.elsewhere,
    )
    referral_creation = ReferralCreation(
        db,
        idempotency,
        writer,
        notifier,
        identity,
        facilities,
        FacilityLevels(identity_peer),
        settings.holidays,
    )
    outcomes = ReferralOutcomes(encryptor, writer)
    referrals = ReferralService(
        db, idempotency, paginator, writer, notifier, identity, referral_creation, outcomes
    )
    appointment_creation = AppointmentCreation(db, idempotency, writer, notifier, identity)
    appointments = AppointmentService(
        db, idempotency, paginator, writer, notifier, identity, appointment_creation
    )
    signatures = OpinionSignatures(SigningDirectory(identity_peer))
    consultations = ConsultationService(
        db, idempotency, paginator, writer, notifier, identity, facilities, signatures
    )
    held_records = HeldRecords(records_peer)
    record_request_creation = RecordRequestCreation(
        db, idempotency, writer, facilities, quotas, grounds, held_records
    )
    record_requests = RecordRequestService(
        db, idempotency, paginator, writer, notifier, grounds, endings, held_records, record_request_creation
    )

    receipt_log = ReceiptLog(
        db, signing, origin_of(settings.trust_domain, "routing", RECEIPTS), settings.log_seconds
    )
    witness = HeadWitness(Authorities(settings.trust_domain, settings.tls_dir))
    transparency = TransparencyService(db, idempotency, paginator, witness, settings.trust_domain)

    server = Server(
        settings,
        service="routing",
        db=db,
        encryptor=encryptor,
        rules=access.RULES,
        unimplemented=UNIMPLEMENTED,
        folder=Path(__file__).parent,
    )
    server.access_log.submit = transparency.keep_own
    server.add(add_MailboxServiceServicer_to_server, mailboxes)
    server.add(add_ReferralServiceServicer_to_server, referrals)
    server.add(add_AppointmentServiceServicer_to_server, appointments)
    server.add(add_ConsultationServiceServicer_to_server, consultations)
    server.add(add_RecordRequestServiceServicer_to_server, record_requests)
    server.add(add_ReceiptServiceServicer_to_server, ReceiptService(db, settings.node))
    server.add(add_TransparencyServiceServicer_to_server, transparency)
    for task in (notifier.broadcast, notifier.listen, periodic_tasks.run, receipt_log.run):
        server.background(task)
    server.add(add_NodeStatusServiceServicer_to_server, NodeStatusService(db, paginator, directory))
    add_nodes(
        server,
        Parts(settings, db, encryptor, writer, notifier, facilities, identity_peer, directory, transports),
    )
    for peer in (identity_peer, records_peer):
        server.closing(peer.close)
    quotas.watch()
    receipt_log.watch()
    figures.watch()
    return server


def quotas_of(settings: Settings) -> Quotas:
    return Quotas(
        share=Quota.of_mib(settings.share_messages, settings.share_mib),
        sender=Quota.of_mib(settings.sender_messages, settings.sender_mib),
        recipient=Quota.of_mib(settings.recipient_messages, settings.recipient_mib),
        reserved=Quota.of_mib(settings.reserved_messages, settings.reserved_mib),
    )
