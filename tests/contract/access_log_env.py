"""A service with an access log that somebody changes behind its back, and the verifier of its months."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from lientuyen_client.access_log_reading import verify_month
from lientuyen_client.access_log_verification import Report
from lientuyen_client.client import Client
from lientuyen_client.running_stack import Stack
from tests.contract.routing_env import Routing
from tests.harness import eventually

INSERT = (
    "INSERT INTO audit (caller, practitioner, method, subject, purpose, legal_basis, reason, allowed,"
    " flagged, trace_id) SELECT 'facility/01999', '', 'm', 'p' || n, 1, 2, 'khám', true, false, ''"
    " FROM generate_series(1, $1::int) AS n RETURNING id"
)


class LoggedRouting(Routing):
    """Routing, whose hours last as long as a test wants: each round signs a head."""

    async def round(self, *, is_settled: bool = True) -> None:
        """Hash what there is, sign a head and hand it over.

        A row may be hashed when no transaction that began to write before it is under way, whosever: where
        that *is_settled*, it is waited for.
        """
        if is_settled:
            await eventually(self._is_settled)
        log = self.running.server.access_log
        log._hour = timedelta(microseconds=1)
        await log.run_round()

    async def _is_settled(self) -> bool:
        rows = await self.rows(
            "SELECT coalesce(max(transaction_id), 0) < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
            " FROM audit"
        )
        return bool(rows[0][0])

    async def look(self, count: int = 1) -> list[UUID]:
        """Add rows to the access log, in one transaction, and return their ids."""
        return [row["id"] for row in await self.rows(INSERT, count)]

    async def as_owner(self, *statements: str) -> None:
        """Do what the owner of the database can: no trigger stands in the way."""
        connection = await asyncpg.connect(self.running.settings.database_url)
        try:
            await connection.execute("SET session_replication_role = replica")
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def verify(self, month: str = "") -> Report:
        folder = self.world.pki.folder("operator/an")
        stack = Stack({"routing": self.running.address}, folder.path, single_identity=True)
        async with Client(stack, "operator/an") as client:
            return await verify_month(client, "routing", month or this_month(), folder.read().ca)


def this_month() -> str:
    return f"{datetime.now(UTC):%Y-%m}"


def faults_of(report: Report) -> list[tuple[str, UUID | None]]:
    return [(fault.reason, fault.row) for fault in report.faults]
