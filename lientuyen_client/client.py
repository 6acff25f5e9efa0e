"""
The client of the four services: `connect`, and a typed stub for each service of the contract.

    async with connect("facility/01999") as client:
        reply = await client.persons.FindPerson(FindPersonRequest(personal_id="…", access=access))

Each attribute is the generated stub of one service of the contract, typed as
such; its calls carry request ids, deadlines and traces, are retried when nobody
answered, and raise the errors of `lientuyen_client.errors`.
"""

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self
from urllib.parse import urlsplit

import grpc
from cryptography import x509
from cryptography.x509.oid import ExtensionOID
from google.protobuf import descriptor_pool

from lientuyen.chassis.v1 import audit_service_pb2_grpc, outbox_service_pb2_grpc, outcome_service_pb2_grpc
from lientuyen.identity.v1 import (
    consent_service_pb2_grpc,
    eligibility_service_pb2_grpc,
    facility_service_pb2_grpc,
    node_service_pb2_grpc,
    person_service_pb2_grpc,
    place_service_pb2_grpc,
    practitioner_service_pb2_grpc,
    signing_certificate_service_pb2_grpc,
)
from lientuyen.pharmacy.v1 import (
    dispensing_service_pb2_grpc,
    drug_service_pb2_grpc,
    lot_service_pb2_grpc,
    prescription_service_pb2_grpc,
)
from lientuyen.records.v1 import (
    dossier_service_pb2_grpc,
    encounter_service_pb2_grpc,
    health_book_service_pb2_grpc,
    health_check_service_pb2_grpc,
    immunization_service_pb2_grpc,
    reuse_service_pb2_grpc,
)
from lientuyen.routing.v1 import (
    appointment_service_pb2_grpc,
    consultation_service_pb2_grpc,
    mailbox_service_pb2_grpc,
    node_status_service_pb2_grpc,
    receipt_service_pb2_grpc,
    record_request_service_pb2_grpc,
    referral_service_pb2_grpc,
    transparency_service_pb2_grpc,
)

from . import running_stack
from .clock import VIETNAM
from .errors import Unauthenticated
from .retrying_calls import RetryingStub

log = logging.getLogger("lientuyen_client")

# attribute → (service, module of the stub)
STUBS: dict[str, tuple[str, Any]] = {
    "persons": ("identity", person_service_pb2_grpc.PersonServiceStub),
    "eligibility": ("identity", eligibility_service_pb2_grpc.EligibilityServiceStub),
    "facilities": ("identity", facility_service_pb2_grpc.FacilityServiceStub),
    "nodes": ("identity", node_service_pb2_grpc.NodeServiceStub),
    "practitioners": ("identity", practitioner_service_pb2_grpc.PractitionerServiceStub),
    "signing_certificates": (
        "identity",
        signing_certificate_service_pb2_grpc.SigningCertificateServiceStub,
    ),
    "places": ("identity", place_service_pb2_grpc.PlaceServiceStub),
    "consents": ("identity", consent_service_pb2_grpc.ConsentServiceStub),
    "dossiers": ("records", dossier_service_pb2_grpc.DossierServiceStub),
    "encounters": ("records", encounter_service_pb2_grpc.EncounterServiceStub),
    "health_book": ("records", health_book_service_pb2_grpc.HealthBookServiceStub),
    "health_checks": ("records", health_check_service_pb2_grpc.HealthCheckServiceStub),
    "immunizations": ("records", immunization_service_pb2_grpc.ImmunizationServiceStub),
    "reuse": ("records", reuse_service_pb2_grpc.ReuseServiceStub),
    "mailbox": ("routing", mailbox_service_pb2_grpc.MailboxServiceStub),
    "referrals": ("routing", referral_service_pb2_grpc.ReferralServiceStub),
    "appointments": ("routing", appointment_service_pb2_grpc.AppointmentServiceStub),
    "consultations": ("routing", consultation_service_pb2_grpc.ConsultationServiceStub),
    "record_requests": ("routing", record_request_service_pb2_grpc.RecordRequestServiceStub),
    "node_links": ("routing", node_status_service_pb2_grpc.NodeStatusServiceStub),
    "receipts": ("routing", receipt_service_pb2_grpc.ReceiptServiceStub),
    "transparency": ("routing", transparency_service_pb2_grpc.TransparencyServiceStub),
    "prescriptions": ("pharmacy", prescription_service_pb2_grpc.PrescriptionServiceStub),
    "dispensing": ("pharmacy", dispensing_service_pb2_grpc.DispensingServiceStub),
    "drugs": ("pharmacy", drug_service_pb2_grpc.DrugServiceStub),
    "lots": ("pharmacy", lot_service_pb2_grpc.LotServiceStub),
}


def streaming_methods() -> list[dict[str, str]]:
    """Return the methods that stream, as a service config names them; `retrying_calls` retries the others."""
    pool = descriptor_pool.Default()
    names = [
        f"lientuyen.{service}.v1.{stub.__name__.removesuffix('Stub')}" for service, stub in STUBS.values()
    ]
    return [
        {"service": name, "method": method.name}
        for name in names
        for method in pool.FindServiceByName(name).methods
        if method.client_streaming or method.server_streaming
    ]


# Only a call that nobody answered is sent again, a stream only until its first reply; every write
# carries a request id, so that a second arrival has no second effect (AIP-194; gRFC A6).
SERVICE_CONFIG = json.dumps(
    {
        "methodConfig": [
            {
                "name": streaming_methods(),
                "retryPolicy": {
                    "maxAttempts": 5,
                    "initialBackoff": "0.5s",
                    "maxBackoff": "6s",
                    "backoffMultiplier": 2.5,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ],
        "loadBalancingConfig": [{"round_robin": {}}],
    }
)
OPTIONS = [
    ("grpc.service_config", SERVICE_CONFIG),
    # A mailbox stream may be silent for hours: a line that went dead is noticed within a minute.  The
    # servers allow a ping every 10 s; gRPC's own bound of two pings without data would end them.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.http2.ping_timeout_ms", 20_000),
    ("grpc.http2.max_pings_without_data", 0),
    # Answers are bounded by pages and chunks; this is the server's own bound.
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),
    # A refused dossier names many faults in its status details.
    ("grpc.max_metadata_size", 64 * 1024),
    # A restarted service is found again at once, not after the default two minutes.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2_000),
]


# From here on somebody has to look why the certificate was not renewed.
WARN_BEFORE = timedelta(days=14)


def credentials(folder: Path) -> grpc.ChannelCredentials:
    """Return mutual-TLS credentials from `ca.crt`, `tls.crt`, `tls.key` in *folder*, or raise NoCertificate.

    Raises Unauthenticated when the certificate has ended: a server closes the connection without a
    word.  The last two weeks before are told to the log of this module.
    """
    try:
        ca, chain, key = ((folder / name).read_bytes() for name in ("ca.crt", "tls.crt", "tls.key"))
        end = x509.load_pem_x509_certificate(chain).not_valid_after_utc
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise running_stack.NoCertificate(
            f"no certificate to call with: {folder} ({why})",
            f"Không có chứng thư để gọi: {folder} ({why}).",
        ) from None
    check_end(folder / "tls.crt", end)
    return grpc.ssl_channel_credentials(ca, key, chain)


def server_options(folder: Path, service: str) -> tuple[tuple[str, str], ...]:
    """Return the options of a channel that speaks to *service* and to nobody else of its trust domain.

    A service's certificate has the DNS name `identity.service.<trust domain>`, a facility's has none; the
    trust domain is that of our own certificate in *folder*.  Raises NoCertificate when it names none.
    """
    path = folder / "tls.crt"
    domain = trust_domain_of(x509.load_pem_x509_certificate(path.read_bytes()))
    if not domain:
        raise running_stack.NoCertificate(
            f"the certificate {path} names nobody (no SPIFFE id)",
            f"Chứng thư số {path} không nêu đơn vị nào (thiếu định danh SPIFFE).",
        )
    name = f"{service}.service.{domain}"
    return (("grpc.ssl_target_name_override", name), ("grpc.default_authority", name))


def trust_domain_of(certificate: x509.Certificate) -> str:
    """Return the trust domain of the SPIFFE id in *certificate*, or an empty string."""
    names = (
        each.value for each in certificate.extensions if each.oid == ExtensionOID.SUBJECT_ALTERNATIVE_NAME
    )
    uris = (uri for name in names for uri in name.get_values_for_type(x509.UniformResourceIdentifier))
    return next((urlsplit(uri).netloc for uri in uris if uri.startswith("spiffe://")), "")


def check_end(path: Path, end: datetime) -> None:
    left = end - datetime.now(UTC)
    if left < timedelta(0):
        raise Unauthenticated(
            grpc.StatusCode.UNAUTHENTICATED,
            f"the certificate {path} ended on {end:%Y-%m-%d}",
            message_vi=f"Chứng thư số {path} đã hết hạn ngày {end.astimezone(VIETNAM):%d/%m/%Y}.",
        )
    if left < WARN_BEFORE:
        log.warning("the certificate %s ends on %s", path, f"{end:%Y-%m-%d}")


class Client:
    """The four services, called as one identity.  Close it, or use it as a context."""

    if TYPE_CHECKING:
        persons: person_service_pb2_grpc.PersonServiceAsyncStub
        eligibility: eligibility_service_pb2_grpc.EligibilityServiceAsyncStub
        facilities: facility_service_pb2_grpc.FacilityServiceAsyncStub
        nodes: node_service_pb2_grpc.NodeServiceAsyncStub
        practitioners: practitioner_service_pb2_grpc.PractitionerServiceAsyncStub
        signing_certificates: signing_certificate_service_pb2_grpc.SigningCertificateServiceAsyncStub
        places: place_service_pb2_grpc.PlaceServiceAsyncStub
        consents: consent_service_pb2_grpc.ConsentServiceAsyncStub
        dossiers: dossier_service_pb2_grpc.DossierServiceAsyncStub
        encounters: encounter_service_pb2_grpc.EncounterServiceAsyncStub
        health_book: health_book_service_pb2_grpc.HealthBookServiceAsyncStub
        reuse: reuse_service_pb2_grpc.ReuseServiceAsyncStub
        health_checks: health_check_service_pb2_grpc.HealthCheckServiceAsyncStub
        immunizations: immunization_service_pb2_grpc.ImmunizationServiceAsyncStub
        mailbox: mailbox_service_pb2_grpc.MailboxServiceAsyncStub
        referrals: referral_service_pb2_grpc.ReferralServiceAsyncStub
        appointments: appointment_service_pb2_grpc.AppointmentServiceAsyncStub
        consultations: consultation_service_pb2_grpc.ConsultationServiceAsyncStub
        record_requests: record_request_service_pb2_grpc.RecordRequestServiceAsyncStub
        node_links: node_status_service_pb2_grpc.NodeStatusServiceAsyncStub
        receipts: receipt_service_pb2_grpc.ReceiptServiceAsyncStub
        transparency: transparency_service_pb2_grpc.TransparencyServiceAsyncStub
        prescriptions: prescription_service_pb2_grpc.PrescriptionServiceAsyncStub
        dispensing: dispensing_service_pb2_grpc.DispensingServiceAsyncStub
        drugs: drug_service_pb2_grpc.DrugServiceAsyncStub
        lots: lot_service_pb2_grpc.LotServiceAsyncStub

    def __init__(self, stack: running_stack.Stack, identity: str) -> None:
        folder = stack.tls_folder(identity)
        self._channels = {
            service: grpc.aio.secure_channel(
                address, credentials(folder), options=[*OPTIONS, *server_options(folder, service)]
            )
            for service, address in stack.addresses.items()
            if address
        }
        for name, (service, stub) in STUBS.items():
            if service in self._channels:
                setattr(self, name, self._methods(service, stub))

    def __getattr__(self, name: str) -> NoReturn:
        if name in STUBS:
            raise running_stack.no_address(STUBS[name][0])
        raise AttributeError(name)

    def _methods(self, service: str, stub: Any) -> Any:
        if service not in self._channels:
            raise running_stack.no_address(service)
        contract = stub.__name__.removesuffix("Stub")
        package = "chassis" if stub.__module__.startswith("lientuyen.chassis") else service
        return RetryingStub(stub(self._channels[service]), f"lientuyen.{package}.v1.{contract}", service)

    def outcomes(self, service: str) -> "outcome_service_pb2_grpc.OutcomeServiceAsyncStub":
        """Return the stub that tells what became of a write to *service* whose reply was lost."""
        methods: outcome_service_pb2_grpc.OutcomeServiceAsyncStub = self._methods(
            service, outcome_service_pb2_grpc.OutcomeServiceStub
        )
        return methods

    def audit(self, service: str) -> "audit_service_pb2_grpc.AuditServiceAsyncStub":
        """Return the stub over the access log of *service*."""
        methods: audit_service_pb2_grpc.AuditServiceAsyncStub = self._methods(
            service, audit_service_pb2_grpc.AuditServiceStub
        )
        return methods

    def outbox(self, service: str) -> "outbox_service_pb2_grpc.OutboxServiceAsyncStub":
        """Return the stub over the dead events of *service*, for operators."""
        methods: outbox_service_pb2_grpc.OutboxServiceAsyncStub = self._methods(
            service, outbox_service_pb2_grpc.OutboxServiceStub
        )
        return methods

    @property
    def services(self) -> tuple[str, ...]:
        """The services whose addresses are known."""
        return tuple(self._channels)

    async def close(self) -> None:
        for channel in self._channels.values():
            await channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def connect(identity: str, stack: running_stack.Stack | None = None) -> Client:
    """Return a client that calls as *identity* (`facility/01999`, `pharmacy/NT00001`, `authority/vneid`).

    Without a *stack* it is the one of the environment, or the one that `lientuyen up` started.
    Raises `NoStack` when there is none, and its kind `NoCertificate` when there is no certificate to call
    with.  An attribute of a service whose address was not given raises `NoStack` as well.
    """
    return Client(stack or running_stack.find_stack(), identity)
