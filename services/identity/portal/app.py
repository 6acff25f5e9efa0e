"""Wiring of the insurance portal."""

from datetime import timedelta

from chassis import telemetry
from chassis.db import Database
from chassis.server import Server

from ..settings import Settings
from .breaker import GuardedPortal, PortalLimits
from .client import Credentials, PortalClient
from .coverage_source import CoverageSource, RegisterCoverageSource
from .gateway import PortalGateway
from .reverification import Reverification


def build(settings: Settings, db: Database, server: Server) -> CoverageSource:
    if not settings.portal_url:
        return RegisterCoverageSource()
    limits = PortalLimits(
        timeout_s=settings.portal_seconds,
        max_failures=settings.portal_failures,
        recovery_s=settings.portal_recovery_seconds,
        max_concurrency=settings.portal_at_once,
    )
    client = PortalClient(
        settings.portal_url,
        _credentials(settings),
        connections=limits.max_concurrency,
        ca_file=settings.portal_ca_file,
    )
    portal = GuardedPortal(client, limits)
    gateway = PortalGateway(
        db,
        portal,
        fresh=timedelta(seconds=settings.coverage_fresh_seconds),
        max_cached=settings.coverage_remembered,
    )
    reverification = Reverification(db, gateway, portal)
    server.background(reverification.run)
    server.closing(client.close)
    server.closing(gateway.close)
    telemetry.gauge("lientuyen.verification.open", lambda: [(reverification.open_tasks, {})], unit="{person}")
    telemetry.gauge("lientuyen.verification.oldest.age", lambda: [(reverification.oldest_s, {})], unit="s")
    telemetry.gauge("lientuyen.portal.left_alone", lambda: [(int(portal.is_open), {})])
    return gateway


def _credentials(settings: Settings) -> Credentials:
    return Credentials(
        username=settings.portal_username,
        password=settings.portal_password.get_secret_value(),
        password_file=settings.portal_password_file,
        staff_name=settings.portal_staff_name,
        staff_id=settings.portal_staff_id,
    )
