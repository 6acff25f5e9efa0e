"""Wiring."""

from datetime import timedelta

from chassis.db import Database
from chassis.paging import Pages
from chassis.replies import Replies
from chassis.sealed import Sealer
from chassis.server import Server
from lientuyen.identity.v1 import (
    consent_service_pb2_grpc,
    eligibility_service_pb2_grpc,
    facility_service_pb2_grpc,
    person_service_pb2_grpc,
    practitioner_service_pb2_grpc,
)
from services.unbuilt import UNBUILT

from . import access
from .service.consents import ConsentService
from .service.decisions import Decisions
from .service.eligibility import EligibilityService
from .service.facilities import FacilityService
from .service.persons import PersonService
from .service.practitioners import PractitionerService
from .settings import Settings


async def build(settings: Settings) -> Server:
    """Wire the service; read top to bottom."""
    db = await Database.open(settings.database_url, max_size=settings.pool_size)
    sealer = Sealer(settings.keys_dir)
    replies, pages = Replies(db, sealer), Pages(sealer)
    decisions = Decisions(
        emergency=timedelta(hours=settings.emergency_hours),
        ordinary=timedelta(seconds=settings.decision_seconds),
    )

    server = Server(settings, service="identity", db=db, sealer=sealer, rules=access.RULES, unbuilt=UNBUILT)
    server.add(
        person_service_pb2_grpc.add_PersonServiceServicer_to_server,
        PersonService(db, replies, decisions),  # type: ignore[abstract]
    )
    server.add(
        eligibility_service_pb2_grpc.add_EligibilityServiceServicer_to_server,
        EligibilityService(db, replies, decisions),
    )
    server.add(
        facility_service_pb2_grpc.add_FacilityServiceServicer_to_server,
        FacilityService(db, replies, pages),
    )
    server.add(
        practitioner_service_pb2_grpc.add_PractitionerServiceServicer_to_server,
        PractitionerService(db, replies, pages),
    )
    server.add(
        consent_service_pb2_grpc.add_ConsentServiceServicer_to_server,
        ConsentService(db, replies, pages, decisions),
    )
    return server
