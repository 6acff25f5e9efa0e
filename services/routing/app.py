"""The routing service, wired."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

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
from .adapters.wiring import batch_transport
from .model.quotas import Quota, Quotas
from .nodes.directory import NodeDirectory
from .nodes.model import Node, NodeKind
from .nodes.status import NodeStatusService
from .nodes.wiring import Parts, Transports, add_nodes
from .peers.authorities import Authorities
from .peers.facility_directory import FacilityDirectory
from .peers.facility_levels import FacilityLevels
from .peers.held_records import HeldRecords
from .peers.signing_directory import SigningDirectory
from .peers.transports import Transport
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

# What adds a servicer to a server, and the servicer.
Servicer: TypeAlias = tuple[Callable[..., None], Any]


@dataclass(frozen=True, slots=True)
class Core:
    """What the features of the service share."""

    settings: Settings
    db: Database
    encryptor: Encryptor
    idempotency: Idempotency
    paginator: Paginator
    notifier: Notifier
    quotas: MailboxQuotas
    writer: MailboxWriter
    signing: SigningFolder
    identity_peer: Peer
    records_peer: Peer
    identity: Identity
    facilities: FacilityDirectory
    directory: NodeDirectory
    endings: RecordRequestEndings
    grounds: RecordRequestGrounds
    clearance: DeliveryClearance
    delivery: MessageDelivery


async def build(settings: Settings, *, transports: Transports | None = None) -> Server:
    """Wire the service; *transports* are the ways to systems that are no node of ours, or those shipped."""
    core = await _core(settings)
    server = Server(
        settings,
        service="routing",
        db=core.db,
        encryptor=core.encryptor,
        rules=access.RULES,
        unimplemented=UNIMPLEMENTED,
        folder=Path(__file__).parent,
    )
    for add, servicer in (*_mail(core), *_slips(core), *_record_requests(core)):
        server.add(add, servicer)
    _add_receipt_log(server, core)
    _add_periodic_tasks(server, core)
    parts = Parts(
        settings,
        core.db,
        core.encryptor,
        core.writer,
        core.notifier,
        core.facilities,
        core.clearance,
        core.identity_peer,
        core.directory,
        transports if transports is not None else _transports(settings),
    )
    add_nodes(server, parts)
    for peer in (core.identity_peer, core.records_peer):
        server.closing(peer.close)
    return server


def _transports(settings: Settings) -> Transports:
    def to_batch_api(node: Node) -> Transport | None:
        return batch_transport(settings.adapters_dir, node.id, node.address, node.authorities)

    return {NodeKind.BATCH_API: to_batch_api}


async def _core(settings: Settings) -> Core:
    encryptor, quotas = Encryptor(settings.keys_dir), MailboxQuotas(quotas_of(settings))
    signing, tls = SigningFolder.of(settings.signing_dir, settings.tls_dir), TlsFolder(settings.tls_dir)
    writer = MailboxWriter(encryptor, ReceiptSigner(signing), quotas)
    db = await Database.open(settings.database_url, max_size=settings.pool_size)
    notifier, endings = Notifier(db), RecordRequestEndings(writer)
    identity_peer = Peer("identity", settings.identity_address, tls)
    identity = Identity(identity_peer)
    grounds = RecordRequestGrounds(db, identity, notifier, endings)
    clearance = DeliveryClearance(db, grounds)
    return Core(
        settings=settings,
        db=db,
        encryptor=encryptor,
        idempotency=Idempotency(db, encryptor),
        paginator=Paginator(encryptor),
        notifier=notifier,
        quotas=quotas,
        writer=writer,
        signing=signing,
        identity_peer=identity_peer,
        records_peer=Peer("records", settings.records_address, tls),
        identity=identity,
        facilities=FacilityDirectory(identity_peer),
        directory=NodeDirectory(db, identity_peer, settings.node, settings.directory_seconds),
        endings=endings,
        grounds=grounds,
        clearance=clearance,
        delivery=MessageDelivery(
            db,
            encryptor,
            writer,
            notifier,
            clearance,
            max_attempts=settings.max_attempts,
            poll_interval_s=settings.poll_seconds,
        ),
    )


def _mail(core: Core) -> Iterator[Servicer]:
    answers = RecordAnswers(core.db, core.grounds)
    upload = MessageUpload(
        core.db, core.idempotency, core.encryptor, core.writer, core.facilities, core.quotas, answers
    )
    mailboxes = MailboxService(
        core.db,
        core.idempotency,
        core.paginator,
        core.encryptor,
        core.writer,
        core.notifier,
        upload,
        core.delivery,
        core.clearance,
        core.directory.elsewhere,
    )
    yield add_MailboxServiceServicer_to_server, mailboxes
    yield add_ReceiptServiceServicer_to_server, ReceiptService(core.db, core.settings.node)
    status = NodeStatusService(core.db, core.paginator, core.directory)
    yield add_NodeStatusServiceServicer_to_server, status


def _slips(core: Core) -> Iterator[Servicer]:
    db, idempotency, paginator = core.db, core.idempotency, core.paginator
    writer, notifier, identity, facilities = core.writer, core.notifier, core.identity, core.facilities
    levels, holidays = FacilityLevels(core.identity_peer), core.settings.holidays
    referral_creation = ReferralCreation(
        db, idempotency, writer, notifier, identity, facilities, levels, holidays
    )
    outcomes = ReferralOutcomes(core.encryptor, writer)
    yield (
        add_ReferralServiceServicer_to_server,
        ReferralService(db, idempotency, paginator, writer, notifier, identity, referral_creation, outcomes),
    )
    appointment_creation = AppointmentCreation(db, idempotency, writer, notifier, identity)
    yield (
        add_AppointmentServiceServicer_to_server,
        AppointmentService(db, idempotency, paginator, writer, notifier, identity, appointment_creation),
    )
    signatures = OpinionSignatures(SigningDirectory(core.identity_peer))
    yield (
        add_ConsultationServiceServicer_to_server,
        ConsultationService(
            db,
            idempotency,
            paginator,
            writer,
            notifier,
            identity,
            facilities,
            signatures,
            core.directory.elsewhere,
        ),
    )


def _record_requests(core: Core) -> Iterator[Servicer]:
    held_records = HeldRecords(core.records_peer)
    creation = RecordRequestCreation(
        core.db,
        core.idempotency,
        core.writer,
        core.facilities,
        core.quotas,
        core.grounds,
        held_records,
        core.directory.elsewhere,
    )
    yield (
        add_RecordRequestServiceServicer_to_server,
        RecordRequestService(
            core.db,
            core.idempotency,
            core.paginator,
            core.writer,
            core.notifier,
            core.grounds,
            core.endings,
            held_records,
            creation,
        ),
    )


def _add_receipt_log(server: Server, core: Core) -> None:
    settings = core.settings
    origin = origin_of(settings.trust_domain, "routing", RECEIPTS)
    receipt_log = ReceiptLog(core.db, core.signing, origin, settings.log_seconds)
    witness = HeadWitness(Authorities(settings.trust_domain, settings.tls_dir))
    transparency = TransparencyService(
        core.db, core.idempotency, core.paginator, witness, settings.trust_domain
    )
    server.access_log.submit = transparency.keep_own
    server.add(add_TransparencyServiceServicer_to_server, transparency)
    server.background(receipt_log.run)
    receipt_log.watch()


def _add_periodic_tasks(server: Server, core: Core) -> None:
    settings, figures = core.settings, MailboxFigures()
    periodic_tasks = PeriodicTasks(
        core.db,
        core.writer,
        core.notifier,
        core.delivery,
        core.quotas,
        core.endings,
        figures,
        SlipDeadlines(core.writer, reminder_days=settings.reminder_days),
        interval_s=settings.sweep_seconds,
        body_retention=timedelta(days=settings.body_retention_days),
    )
    for task in (core.notifier.broadcast, core.notifier.listen, periodic_tasks.run):
        server.background(task)
    core.quotas.watch()
    figures.watch()


def quotas_of(settings: Settings) -> Quotas:
    return Quotas(
        share=Quota.of_mib(settings.share_messages, settings.share_mib),
        sender=Quota.of_mib(settings.sender_messages, settings.sender_mib),
        recipient=Quota.of_mib(settings.recipient_messages, settings.recipient_mib),
        reserved=Quota.of_mib(settings.reserved_messages, settings.reserved_mib),
    )
