"""Reading an access log and its heads from a service, and what routing keeps of them, to verify a month."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from lientuyen.chassis.v1 import audit_service_pb2 as pb
from lientuyen.routing.v1 import transparency_service_pb2 as log
from lientuyen.routing.v1.receipt_proof_pb2 import WitnessedHead

from .access_log_verification import Fault, HourHead, Report, missing_heads, verified_heads, verify_hour
from .client import Client

PAGE_SIZE: Final = 500
HOUR: Final = timedelta(hours=1)


class MonthAway(Exception):
    """The rows of the month are in an archive alone."""


async def verify_month(client: Client, service: str, month: str, authority: bytes) -> Report:
    """Return what there is of *month*, `2026-11`, in the access log of *service*."""
    report = Report(month)
    messages: list[pb.AccessLogHead] = []
    away: list[str] = []
    outside: list[bytes] = []
    async for page in _heads(client, service, month):
        messages += page.heads
        away = list(page.months_away)
        outside = list(page.ids_outside)
    if month in away:
        raise MonthAway
    report.faults += [Fault("ROW_OUTSIDE", row=UUID(bytes=row)) for row in outside]
    hours = list(verified_heads(messages, service, authority, report.faults))
    if hours:
        begin, end = bounds(month)
        witnessed = [one async for one in _witnessed(client, hours[0].head.origin, begin)]
        report.faults += missing_heads(hours, witnessed, begin, end, datetime.now(UTC))
        await _verify_hours(client, service, hours, away, report)
    return report


async def _verify_hours(
    client: Client, service: str, hours: list[HourHead], away: list[str], report: Report
) -> None:
    begin, _ = bounds(report.month)
    is_beginning = hours[0].hour_end > begin  # of the log: there is no head from before the month
    befores = [None, *hours] if is_beginning else hours
    for before, after in zip(befores, hours if is_beginning else hours[1:], strict=False):
        pieces = client.audit(service).DownloadAccessLogHashes(
            pb.DownloadAccessLogHashesRequest(
                first_size=before.head.size if before else 0, second_size=after.head.size
            )
        )
        rows, faults = await verify_hour(before, after, pieces, away)
        report.rows += rows
        report.faults += faults
        report.hours_without_head += hours_between(before, after) if before else 0
    report.heads, report.last_head = len(hours), hours[-1].head


def hours_between(before: HourHead, after: HourHead) -> int:
    """Return how many hours ended between two heads without one: the service did not run."""
    return max((after.hour_end - before.hour_end) // HOUR - 1, 0)


async def _heads(client: Client, service: str, month: str) -> AsyncIterator[pb.ListAccessLogHeadsResponse]:
    request = pb.ListAccessLogHeadsRequest(month=month, page_size=PAGE_SIZE)
    while True:
        page = await client.audit(service).ListAccessLogHeads(request)
        yield page
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


async def _witnessed(client: Client, origin: str, begin: datetime) -> AsyncIterator[WitnessedHead]:
    """Yield what routing keeps of a log, the newest first, until a page is from before *begin*."""
    request = log.ListWitnessedHeadsRequest(origin=origin, page_size=PAGE_SIZE)
    while True:
        page = await client.transparency.ListWitnessedHeads(request)
        for one in page.witnessed_heads:
            yield one
        if not page.next_page_token or page.witnessed_heads[-1].receive_time.ToDatetime(UTC) < begin:
            return
        request.page_token = page.next_page_token


def bounds(month: str) -> tuple[datetime, datetime]:
    """Return the first instants of the month written `2026-11` and of the one after it, in UTC."""
    begin = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC)
    return begin, (begin + timedelta(days=32)).replace(day=1)
