"""Wiring."""

import json
from datetime import timedelta

from chassis.db import Database
from chassis.encryption import Encryptor
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator
from chassis.server import Server
from lientuyen.identity.v1 import (
    consent_service_pb2_grpc,
    eligibility_service_pb2_grpc,
    facility_service_pb2_grpc,
    person_service_pb2_grpc,
    place_service_pb2_grpc,
    practitioner_service_pb2_grpc,
)
from services.unbuilt import UNBUILT

from . import access
from .model.guard import Allowance, Rate
from .model.matching.weights import Table, shipped, table_of
from .portal import app as portal
from .service.consents import ConsentService
from .service.decisions import Decisions
from .service.directory import Directory
from .service.eligibility import EligibilityService
from .service.facilities import FacilityService
from .service.guard import Guard
from .service.lookups import CONNECTIONS, PLANS, Lookups
from .service.matching import Matching
from .service.merging import Merging
from .service.persons import PersonService
from .service.places import PlaceService
from .service.practitioners import PractitionerService
from .service.reviews import Reviews
from .settings import Settings


def hospital(settings: Settings) -> Allowance:
    """Return what one hospital may look up."""
    return Allowance(
        lookups=Rate(settings.lookups_per_second, settings.lookups_burst),
        misses=Rate(settings.misses_per_minute / 60, settings.misses_burst),
    )


def weights(settings: Settings) -> Table:
    """Return what agreements are worth: as estimated from the deployment's own register, or as shipped."""
    if settings.matching_weights is None:
        return shipped()
    return table_of(json.loads(settings.matching_weights.read_text(encoding="utf8")))


async def build(settings: Settings) -> Server:
    """Wire the service; read top to bottom."""
    db = await Database.open(settings.database_url, max_size=settings.pool_size)
    lookups_db = await Database.open(settings.database_url, max_size=CONNECTIONS, settings=PLANS)
    encryptor = Encryptor(settings.keys_dir)
    idempotency, paginator = Idempotency(db, encryptor), Paginator(encryptor)
    decisions = Decisions(
        emergency=timedelta(hours=settings.emergency_hours),
        ordinary=timedelta(seconds=settings.decision_seconds),
    )
    guard = Guard(
        db, hospital=hospital(settings), places=settings.lookups_at_once, grid=settings.even_ms / 1000
    )
    guard.watch()
    reviews = Reviews(db)
    reviews.watch()
    lookups, directory = Lookups(lookups_db, decisions), Directory(db)
    matching = Matching(db, decisions, guard, weights(settings))

    server = Server(
        settings, service="identity", db=db, encryptor=encryptor, rules=access.RULES, unbuilt=UNBUILT
    )
    server.closing(lookups_db.close)
    server.background(guard.keep_notes)
    server.background(reviews.keep_looking)
    server.closing(guard.note)
    source = portal.build(settings, db, server)
    server.add(
        person_service_pb2_grpc.add_PersonServiceServicer_to_server,
        PersonService(idempotency, lookups, matching, Merging(db, idempotency, paginator), guard),
    )
    server.add(
        eligibility_service_pb2_grpc.add_EligibilityServiceServicer_to_server,
        EligibilityService(idempotency, lookups, directory, source, guard),
    )
    server.add(
        facility_service_pb2_grpc.add_FacilityServiceServicer_to_server,
        FacilityService(db, idempotency, paginator, directory),
    )
    server.add(
        practitioner_service_pb2_grpc.add_PractitionerServiceServicer_to_server,
        PractitionerService(db, idempotency, paginator),
    )
    server.add(place_service_pb2_grpc.add_PlaceServiceServicer_to_server, PlaceService(paginator))
    server.add(
        consent_service_pb2_grpc.add_ConsentServiceServicer_to_server,
        ConsentService(db, idempotency, paginator, decisions),
    )
    return server
