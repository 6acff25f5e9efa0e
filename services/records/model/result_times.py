"""
When a result was performed and given, and which service (XML3) it belongs to.

XML4 names its service by MA_DICH_VU only, and a stay may have the same service several times: that key
is not unique.  A time is taken from the services of that code only where they leave no choice: there is
one, or the result's own NGAY_KQ picks it out, or all have the same time.  A supply (MA_VAT_TU) that went
into a service has its code too, and is none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kcb.report import Row
from kcb.vietnamese_text import folded

from .instants import instant_of

Services = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class ResultTimes:
    """When a result was given (NGAY_KQ) and performed (NGAY_TH_YL); None where that is not known."""

    given_time: datetime | None
    perform_time: datetime | None


def services_by_code(rows: Sequence[Row]) -> Services:
    services: dict[str, list[Row]] = {}
    for row in rows:
        code = folded(row.get("MA_DICH_VU"))
        if code and not row.get("MA_VAT_TU"):
            services.setdefault(code, []).append(row)
    return services


def candidates_for(result: Row, services: Services) -> Sequence[Row]:
    return services.get(folded(result.get("MA_DICH_VU")), ())


def times_of(result: Row, services: Services) -> ResultTimes:
    candidates = candidates_for(result, services)
    own_time = result.get("NGAY_KQ")
    fitting = [service for service in candidates if service.get("NGAY_KQ") == own_time]
    if own_time and fitting:
        candidates = fitting
    return ResultTimes(
        given_time=instant_of(own_time) or _agreed_time(candidates, "NGAY_KQ"),
        perform_time=_agreed_time(candidates, "NGAY_TH_YL"),
    )


def service_name(result: Row, services: Services) -> str:
    """Return what the services of the result's code are called: one name as a rule, else every one."""
    names = [service.get("TEN_DICH_VU") for service in candidates_for(result, services)]
    different = {folded(name): name for name in reversed(names) if name}
    return " / ".join(reversed(different.values()))


def _agreed_time(services: Sequence[Row], name: str) -> datetime | None:
    """Return the one time that all of *services* have; None when they differ or one has none."""
    values = {service.get(name) for service in services}
    return instant_of(values.pop()) if len(values) == 1 else None
