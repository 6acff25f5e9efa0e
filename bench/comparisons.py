"""What lines of the table say when they are laid side by side.  Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .figures import DASH, OTHERS, Figure, number, ratio, titled

# Whom a stranger must not tell apart: the same question about a number somebody has and one nobody has.
KNOWN, UNKNOWN = "find_known", "find_unknown"

# Loads that begin by the clock, and the echo at the same rate.
PACED = {
    "check_eligibility_250": "echo_250",
    "check_eligibility_paced": "echo_paced",
    "get_health_book_100": "echo_100",
    "find_reusable_results_100": "echo_100",
}


# Loads of which it is told what one call costs whom.
COSTED = (
    "submit_signed_dossiers",
    "list_results",
    "get_health_book_100",
    "find_reusable_results_100",
    "send_receive_acknowledge",
)


@dataclass(frozen=True, slots=True)
class Flatness:
    """One load at two sizes of the population: the figures of *many* over those of *few*."""

    name: str
    few: int
    many: int
    calls_per_second: float | None
    p50: float | None
    p99: float | None

    def sentence(self) -> str:
        """Return it in a line."""
        return (
            f"flat {self.many:,} / {self.few:,} persons: {self.name}: "
            f"calls/s × {ratio(self.calls_per_second)}, p50 × {ratio(self.p50)}, p99 × {ratio(self.p99)}"
        )


@dataclass(frozen=True, slots=True)
class Secrecy:
    """What a stranger with a clock sees at one size: milliseconds for known and unknown numbers."""

    persons: int | None
    known_p50_ms: float | None
    unknown_p50_ms: float | None
    known_p99_ms: float | None
    unknown_p99_ms: float | None

    def sentence(self) -> str:
        """Return it in a line."""
        among = DASH if self.persons is None else f"{self.persons:,}"
        return (
            f"known / unknown number among {among} persons: "
            f"p50 {number(self.known_p50_ms)} / {number(self.unknown_p50_ms)} ms, "
            f"p99 {number(self.known_p99_ms)} / {number(self.unknown_p99_ms)} ms"
        )


@dataclass(frozen=True, slots=True)
class Latency:
    """A load whose calls begin by the clock, beside the bare echo at the same rate: milliseconds."""

    name: str
    persons: int | None
    p50_ms: float | None
    p99_ms: float | None
    echo_p99_ms: float | None
    # The 99th percentile over that of the echo.
    p99_ratio: float | None

    def sentence(self) -> str:
        """Return it in a line."""
        among = DASH if self.persons is None else f"{self.persons:,}"
        return (
            f"{self.name} among {among} persons: p50 {number(self.p50_ms)} ms, p99 {number(self.p99_ms)} ms: "
            f"{ratio(self.p99_ratio)} times that of the bare echo at its rate, {number(self.echo_p99_ms)} ms"
        )


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call of a load costs: milliseconds of processor by process, and the peak of memory in MiB."""

    name: str
    persons: int | None
    calls_per_second: float | None
    settled_per_second: float | None
    cpu_ms: dict[str, float]
    peak_mib: dict[str, float]

    def sentence(self) -> str:
        """Return it in a line."""
        spent = ", ".join(f"{process} {number(value)}" for process, value in self.cpu_ms.items())
        peaks = ", ".join(f"{service} {value:,.0f}" for service, value in self.peak_mib.items())
        speed = f"{number(self.calls_per_second)}/s, to the end of what it left to do "
        return (
            f"{titled(self.name, self.persons)}: {speed}{number(self.settled_per_second)}/s; "
            f"CPU-ms a call {number(sum(self.cpu_ms.values()))}: {spent}; at most MiB: {peaks}"
        )


def costs(figures: Sequence[Figure]) -> list[Cost]:
    """Return what a call of each costed load costs; what is under a hundredth of all is left out."""
    return [
        Cost(
            figure.name,
            figure.persons,
            figure.calls_per_second,
            figure.settled_per_second,
            _own_cpu_ms(figure),
            dict(figure.peak_mib),
        )
        for figure in figures
        if figure.name in COSTED and figure.calls
    ]


def _own_cpu_ms(figure: Figure) -> dict[str, float]:
    own = {process: spent / 1000 for process, spent in figure.cpu_us.items() if process != OTHERS}
    return {process: spent for process, spent in own.items() if spent >= sum(own.values()) / 100}


def latencies(figures: Sequence[Figure]) -> list[Latency]:
    """Return each load that begins by the clock, beside the echo that took turns with it."""
    echoes = {figure.name: figure for figure in figures if figure.calls}
    return [
        Latency(
            figure.name,
            figure.persons,
            figure.p50_ms,
            figure.p99_ms,
            echoes[PACED[figure.name]].p99_ms,
            _over(figure.p99_ms, echoes[PACED[figure.name]].p99_ms),
        )
        for figure in figures
        if figure.calls and PACED.get(figure.name) in echoes
    ]


def flatness(figures: Sequence[Figure]) -> list[Flatness]:
    """Return each load that was measured at several sizes, each size beside the next smaller one."""
    pairs = []
    for name in dict.fromkeys(figure.name for figure in figures):
        sized = sorted((figure for figure in figures if figure.name == name and figure.persons), key=_persons)
        for few, many in pairwise(sized):
            pairs.append(
                Flatness(
                    name,
                    _persons(few),
                    _persons(many),
                    _over(many.calls_per_second, few.calls_per_second),
                    _over(many.p50_ms, few.p50_ms),
                    _over(many.p99_ms, few.p99_ms),
                )
            )
    return pairs


def secrecy(figures: Sequence[Figure]) -> list[Secrecy]:
    """Return, for each size at which both were measured, how long known and unknown numbers take."""
    known, unknown = (
        {figure.persons: figure for figure in figures if figure.name == name and figure.calls}
        for name in (KNOWN, UNKNOWN)
    )
    return [
        Secrecy(size, figure.p50_ms, unknown[size].p50_ms, figure.p99_ms, unknown[size].p99_ms)
        for size, figure in known.items()
        if size in unknown
    ]


def _persons(figure: Figure) -> int:
    return figure.persons or 0


def _over(many: float | None, few: float | None) -> float | None:
    return many / few if many is not None and few else None
