"""The routing service, wired."""

from datetime import timedelta

from chassis import telemetry
from chassis.db import Database
from chassis.encryption import Encryptor
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator
from chassis.peers import Peer
from chassis.server import Server
from chassis.tls import TlsFolder
from lientuyen.routing.v1.appointment_service_pb2_grpc import add_AppointmentServiceServicer_to_server
from lientuyen.routing.v1.mailbox_service_pb2_grpc import add_MailboxServiceServicer_to_server
from lientuyen.routing.v1.receipt_service_pb2_grpc import add_ReceiptServiceServicer_to_server
from lientuyen.routing.v1.record_request_service_pb2_grpc import add_RecordRequestServiceServicer_to_server
from lientuyen.routing.v1.referral_service_pb2_grpc import add_ReferralServiceServicer_to_server
from services.unbuilt import UNBUILT

from . import access
from .peers import facility_directory as peers
from .service.appointments import AppointmentService
from .service.expiry_and_retention import Sweeper
from .service.mailbox import MailboxService
from .service.mailbox_writer import Post
from .service.message_delivery import Receiving
from .service.message_upload import Sending
from .service.notifier import Wakeups
from .service.receipt_signing import Signer
from .service.receipts import ReceiptService
from .service.record_requests import RecordRequestService
from .service.referrals import ReferralService
from .settings import Settings


async def build(settings: Settings) -> Server:
    """Wire the service; read top to bottom."""
    encryptor = Encryptor(settings.keys_dir)
    post = Post(encryptor, Signer.of(settings.signing_dir, settings.tls_dir))
    db = await Database.open(settings.database_url, max_size=settings.pool_size)
    idempotency, paginator, wakeups = Idempotency(db, encryptor), Paginator(encryptor), Wakeups(db)
    identity = peers.Identity(Peer("identity", settings.identity_address, TlsFolder(settings.tls_dir)))
    sending = Sending(db, idempotency, post, identity)
    receiving = Receiving(
        db, post, wakeups, max_attempts=settings.max_attempts, poll_seconds=settings.poll_seconds
    )
    sweeper = Sweeper(
        db,
        post,
        wakeups,
        receiving,
        every=settings.sweep_seconds,
        retention=timedelta(days=settings.body_retention_days),
    )
    mailboxes = MailboxService(db, idempotency, paginator, post, wakeups, sending, receiving)
    referrals = ReferralService(db, idempotency, paginator, post, wakeups, identity, settings.holidays)
    requests = RecordRequestService(db, idempotency, post, wakeups, identity)

    server = Server(
        settings, service="routing", db=db, encryptor=encryptor, rules=access.RULES, unbuilt=UNBUILT
    )
    server.add(add_MailboxServiceServicer_to_server, mailboxes)
    server.add(add_ReferralServiceServicer_to_server, referrals)
    server.add(
        add_AppointmentServiceServicer_to_server, AppointmentService(db, idempotency, paginator, identity)
    )
    server.add(add_RecordRequestServiceServicer_to_server, requests)
    server.add(add_ReceiptServiceServicer_to_server, ReceiptService(db))
    for task in (wakeups.tell, wakeups.hear, sweeper.run):
        server.background(task)
    server.closing(identity.close)
    telemetry.gauge("lientuyen.mailbox.depth", lambda: [(sweeper.depth, {})], unit="{message}")
    return server
