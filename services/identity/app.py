"""Wiring."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from chassis.allowances import Allowance
from chassis.db import Database
from chassis.encryption import Encryptor
from chassis.gcra import Rate
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator
from chassis.rate_limiter import RateLimiter
from chassis.server import Server
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
from lientuyen.identity.v1 import error_reasons as reasons
from services.unimplemented import UNIMPLEMENTED

from . import access
from .lookup.batched_lookup import MAX_CONNECTIONS, Lookups
from .lookup.store import LOOKUP_SESSION
from .matching.matcher import Matcher
from .matching.model.weights import Table, shipped, table_of
from .policies.emergency_review_gauges import EmergencyReviewGauges
from .policies.facility_cache import FacilityCache
from .policies.read_decisions import Decisions
from .portal import app as portal
from .service.consents import ConsentService
from .service.eligibility import EligibilityService
from .service.facilities import FacilityService
from .service.nodes import NodeService
from .service.persons import PersonService
from .service.places import PlaceService
from .service.practitioners import PractitionerService
from .service.signing_certificates import SigningCertificateService
from .settings import Settings


def hospital(settings: Settings) -> Allowance:
    return Allowance(
        lookups=Rate(settings.lookups_per_second, settings.lookups_burst),
        failures=Rate(settings.misses_per_minute / 60, settings.misses_burst),
    )


def weights(settings: Settings) -> Table:
    """Return what agreements are worth: as estimated from the deployment's own register, or as shipped."""
    if settings.matching_weights is None:
        return shipped()
    return table_of(json.loads(settings.matching_weights.read_text(encoding="utf8")))


async def build(
    settings: Settings,
    *,
    new_rate_limiter: Callable[..., RateLimiter] = RateLimiter,
    new_review_gauges: Callable[[Database], EmergencyReviewGauges] = EmergencyReviewGauges,
    new_lookups: Callable[[Database, Decisions], Lookups] = Lookups,
    new_matcher: Callable[[Database, Decisions, RateLimiter, Table], Matcher] = Matcher,
) -> Server:
    """Wire the service; read top to bottom.  Tests bring clocks, intervals and pauses of their own."""
    db = await Database.open(settings.database_url, max_size=settings.pool_size)
    lookups_db = await Database.open(settings.database_url, max_size=MAX_CONNECTIONS, settings=LOOKUP_SESSION)
    encryptor = Encryptor(settings.keys_dir)
    idempotency, paginator = Idempotency(db, encryptor), Paginator(encryptor)
    decisions = Decisions(
        emergency=timedelta(hours=settings.emergency_hours),
        ordinary=timedelta(seconds=settings.decision_seconds),
    )
    rate_limiter = new_rate_limiter(
        db,
        hospital=hospital(settings),
        limit_reached=reasons.LOOKUP_LIMIT_REACHED,
        slots=settings.lookups_at_once,
    )
    rate_limiter.watch()
    review_gauges = new_review_gauges(db)
    review_gauges.watch()
    lookups, facilities = new_lookups(lookups_db, decisions), FacilityCache(db)
    matcher = new_matcher(db, decisions, rate_limiter, weights(settings))

    server = Server(
        settings,
        service="identity",
        db=db,
        encryptor=encryptor,
        rules=access.RULES,
        unimplemented=UNIMPLEMENTED,
        folder=Path(__file__).parent,
    )
    server.closing(lookups_db.close)
    server.background(rate_limiter.keep_reporting)
    server.background(review_gauges.keep_reading)
    server.closing(rate_limiter.report)
    source = portal.build(settings, db, server)
    server.add(
        person_service_pb2_grpc.add_PersonServiceServicer_to_server,
        PersonService(db, idempotency, paginator, lookups, matcher, rate_limiter),
    )
    server.add(
        eligibility_service_pb2_grpc.add_EligibilityServiceServicer_to_server,
        EligibilityService(db, idempotency, lookups, facilities, source, rate_limiter),
    )
    server.add(
        facility_service_pb2_grpc.add_FacilityServiceServicer_to_server,
        FacilityService(db, idempotency, paginator, facilities),
    )
    server.add(
        practitioner_service_pb2_grpc.add_PractitionerServiceServicer_to_server,
        PractitionerService(db, idempotency, paginator),
    )
    server.add(
        signing_certificate_service_pb2_grpc.add_SigningCertificateServiceServicer_to_server,
        SigningCertificateService(db, idempotency, paginator),
    )
    server.add(
        node_service_pb2_grpc.add_NodeServiceServicer_to_server,
        NodeService(db, idempotency, paginator, settings),
    )
    server.add(place_service_pb2_grpc.add_PlaceServiceServicer_to_server, PlaceService(paginator))
    server.add(
        consent_service_pb2_grpc.add_ConsentServiceServicer_to_server,
        ConsentService(db, idempotency, paginator, decisions),
    )
    return server
