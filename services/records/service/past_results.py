"""Results as the rules of reuse judge them: with what their laboratories are recognised by."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from chassis.errors import ServiceError
from common.values import day_of

from ..model.clinical_history import TimeBasis
from ..model.health_books import ResultEntry
from ..model.laboratory_quality import NOT_ASKED, QUALITY_UNKNOWN, Quality, quality_of
from ..model.result_reuse import PastResult, is_positive
from ..model.reuse_periods import period_for
from .laboratory_directory import LaboratoryDirectory, Recognitions


class PastResults:
    def __init__(self, directory: LaboratoryDirectory) -> None:
        self._directory = directory

    async def judge(
        self, entries: Sequence[ResultEntry], reader: str, now: datetime
    ) -> tuple[list[PastResult], tuple[str, ...]]:
        """Return *entries* for the facility *reader* (bare code), and which services did not answer."""
        sources = {entry.source.facility for entry in entries if _needs_quality(entry, reader, now)}
        directory, unreachable = await self._recognitions(sources | {reader} if sources else set())
        return [
            _past_result(entry, now, _quality(entry, reader, directory, now) if sources else NOT_ASKED)
            for entry in entries
        ], unreachable

    async def _recognitions(self, facilities: set[str]) -> tuple[dict[str, Recognitions], tuple[str, ...]]:
        codes = sorted(facilities)
        try:
            recognitions = await asyncio.gather(*map(self._directory.recognitions, codes))
        except ServiceError:
            return {}, ("identity",)
        return dict(zip(codes, recognitions, strict=True)), ()


def _needs_quality(entry: ResultEntry, reader: str, now: datetime) -> bool:
    result = entry.result
    period = period_for(result.service_code, result.indicator_code, day_of(now))
    return entry.source.facility != reader and period.laboratory


def _quality(entry: ResultEntry, reader: str, directory: dict[str, Recognitions], now: datetime) -> Quality:
    """Return whether *reader* may use what the laboratory makes; its own it may."""
    facility, result = entry.source.facility, entry.result
    if facility == reader:
        return NOT_ASKED
    if result.known_time is None:
        return Quality(why_not=QUALITY_UNKNOWN)
    source, own = directory.get(facility, ()), directory.get(reader, ())
    return quality_of(source, own, result.service_code, day_of(result.known_time), day_of(now))


def _past_result(entry: ResultEntry, now: datetime, quality: Quality) -> PastResult:
    result = entry.result
    return PastResult(
        entry.id,
        entry.source.dossier,
        result.service_code,
        result.indicator_code,
        result.known_time,
        performed=result.time_basis(now) is TimeBasis.PERFORMED,
        positive=is_positive(result.value, result.conclusion),
        quality=quality,
    )
