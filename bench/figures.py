"""
From measured slices to figures, a table and JSON.  Pure: no clock, no I/O.

Latencies are seconds in slices and milliseconds in figures.  A figure over
nothing is None and shown as a dash, never as a zero.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from rich.markup import escape
from rich.table import Table

# The floors a ratio is taken to, and the heads of their columns.
ECHO, ECHO_TLS = "echo", "echo_tls"

# Whose processor time is not the bench's.
OTHERS = "others"

# Sentences of failures that are kept: the first ones tell the story.
MAX_FAILURES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Slice:
    """What a slice of one load gave.

    *cpu* is processor seconds by process (client, identity …, `db records` for the sessions of a
    database), *peak_mib* the most memory that each service had; *settling* is seconds until what was left to
    do behind the answers was done.
    """

    seconds: float
    latencies: Sequence[float]
    errors: int = 0
    failures: Sequence[str] = ()
    cpu: Mapping[str, float] = field(default_factory=dict)
    peak_mib: Mapping[str, float] = field(default_factory=dict)
    settling: float = 0.0


@dataclass(frozen=True, slots=True)
class Ratio:
    """Remote calls a second over a floor's: the median of the rounds, and the lowest and the highest of them.

    In a round a load is measured right after its floors, so what slows the machine down for some
    seconds slows both; and a round in which it did not does not count more than another.
    """

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    *persons* is how many were stored, None where that does not matter; *rows_per_second* is None where a
    call carries none.  *ratios* are by floor; *cpu_us* is processor time a call, in microseconds, by
    process; *peak_mib* the most memory that each service had; *settled_per_second* calls a second when the
    time counts too until all that was left to do behind the answers was done.
    """

    name: str
    conditions: str
    calls: int
    seconds: float
    calls_per_second: float | None
    remote_calls: int
    p50_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    ratios: Mapping[str, Ratio]
    cpu_us: Mapping[str, float]
    errors: int
    failures: Sequence[str]
    persons: int | None = None
    rows_per_second: float | None = None
    settled_per_second: float | None = None
    peak_mib: Mapping[str, float] = field(default_factory=dict)


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Return the smallest of *values* that *percent* of them do not exceed (nearest rank); None of none."""
    if not values:
        return None
    rank = max(1, math.ceil(percent / 100 * len(values)))
    return sorted(values)[rank - 1]


def rate(slices: Iterable[Slice]) -> float | None:
    """Return answered calls a second over all *slices*; None when there was no time."""
    timed = list(slices)
    seconds = sum(piece.seconds for piece in timed)
    return sum(len(piece.latencies) for piece in timed) / seconds if seconds else None


def figure(
    name: str,
    conditions: str,
    slices: Sequence[Slice],
    floors: Mapping[str, Sequence[Slice]],
    *,
    remote_calls: int = 1,
    persons: int | None = None,
    rows: int = 0,
) -> Figure:
    """Return the figures of a load from its *slices* and those of the *floors*, one of each a round.

    A slice without time, such as a warm-up, is of no round.  *remote_calls* is how many RPCs (or
    statements) one call of the load makes: a journey of three is compared with three calls of the floor.
    """
    latencies = [latency * 1000 for piece in slices for latency in piece.latencies]
    speed = rate(slices)
    return Figure(
        name=name,
        conditions=conditions,
        calls=len(latencies),
        seconds=sum(piece.seconds for piece in slices),
        calls_per_second=speed,
        remote_calls=remote_calls,
        p50_ms=percentile(latencies, 50),
        p99_ms=percentile(latencies, 99),
        max_ms=max(latencies, default=None),
        ratios=_ratios(slices, remote_calls, floors),
        cpu_us=_cpu_us(slices, len(latencies)),
        errors=sum(piece.errors for piece in slices),
        failures=[failure for piece in slices for failure in piece.failures][:MAX_FAILURES_SHOWN],
        persons=persons,
        rows_per_second=speed * rows if speed and rows else None,
        settled_per_second=_settled_rate(slices),
        peak_mib=_peaks(slices),
    )


def _settled_rate(slices: Sequence[Slice]) -> float | None:
    return rate([replace(piece, seconds=piece.seconds + piece.settling) for piece in slices if piece.seconds])


def _peaks(slices: Sequence[Slice]) -> dict[str, float]:
    services = dict.fromkeys(service for piece in slices for service in piece.peak_mib)
    return {service: max(piece.peak_mib.get(service, 0.0) for piece in slices) for service in services}


def _ratios(
    slices: Sequence[Slice], remote_calls: int, floors: Mapping[str, Sequence[Slice]]
) -> dict[str, Ratio]:
    timed = [piece for piece in slices if piece.seconds]
    ratios = {}
    for name, beside in floors.items():
        speeds = [(rate([mine]), rate([floor])) for mine, floor in zip(timed, beside, strict=False)]
        if rounds := [mine * remote_calls / floor for mine, floor in speeds if mine and floor]:
            ratios[name] = Ratio(median(rounds), min(rounds), max(rounds))
    return ratios


def _cpu_us(slices: Sequence[Slice], calls: int) -> dict[str, float]:
    groups = dict.fromkeys(group for piece in slices for group in piece.cpu)
    if not calls:
        return {}
    return {group: sum(piece.cpu.get(group, 0.0) for piece in slices) / calls * 1e6 for group in groups}


def table(figures: Sequence[Figure]) -> Table:
    """Return *figures* as the one table of a run; the conditions stand under each name, once."""
    drawn = Table(show_lines=True, caption=CAPTION, caption_justify="left")
    drawn.add_column("load", ratio=1)
    for head in ("calls/s", "p50 ms", "p99 ms", "÷ echo", "÷ TLS echo", "÷ store", "µs CPU", "errors"):
        drawn.add_column(head, justify="right", no_wrap=True)
    named: set[str] = set()
    for figure in figures:
        # The conditions of a load differ in the size alone, which its title tells; a floor's in the callers.
        under = "" if figure.name in named and figure.persons else f"\n{escape(figure.conditions)}"
        named.add(figure.name)
        drawn.add_row(
            f"[bold]{titled(figure.name, figure.persons)}[/]{under}",
            speed(figure),
            number(figure.p50_ms),
            number(figure.p99_ms),
            ranged(figure.ratios.get(ECHO)),
            ranged(figure.ratios.get(ECHO_TLS)),
            stores(figure.ratios),
            spent(figure.cpu_us),
            f"[red]{figure.errors}[/]" if figure.errors else "0",
        )
    return drawn


DASH = "–"

# What of the processor time is not shown: idle services that look at their queues.
MIN_SHARE_SHOWN = 0.02

CAPTION = (
    "÷: remote calls a second over those of the bare floor, measured right before by the same client: the "
    "median of the rounds, and the lowest and the highest.  µs CPU: processor time a call, by process; what "
    "is under 2 % of it is not shown."
)


def titled(name: str, persons: int | None) -> str:
    """Return the head of a line: the load, and at which size of the population."""
    return name if persons is None else f"{name} · {persons:,}"


def speed(figure: Figure) -> str:
    """Return calls a second, and under them rows a second where calls carry rows."""
    rows = f"\n{number(figure.rows_per_second)} rows" if figure.rows_per_second else ""
    return number(figure.calls_per_second) + rows


def ranged(rounds: Ratio | None) -> str:
    """Return the median, and under it from where to where the rounds went."""
    return f"{ratio(rounds.median)}\n{ratio(rounds.low)}–{ratio(rounds.high)}" if rounds else DASH


def stores(ratios: Mapping[str, Ratio]) -> str:
    """Return the ratios to the floors that are not echoes, each with its name, a line each."""
    lines = [
        f"{name} {ratio(rounds.median)}" for name, rounds in ratios.items() if name not in (ECHO, ECHO_TLS)
    ]
    return "\n".join(lines) or DASH


def spent(cpu_us: Mapping[str, float]) -> str:
    """Return who spent processor time, a line each; those that hardly did are left out."""
    least = sum(cpu_us.values()) * MIN_SHARE_SHOWN
    return (
        "\n".join(f"{process} {number(spent)}" for process, spent in cpu_us.items() if spent >= least) or DASH
    )


def number(value: float | None) -> str:
    """Return *value* with three digits that count: `3,790`, `8.31`, `0.26`."""
    if value is None:
        return DASH
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def ratio(value: float | None) -> str:
    """Return a ratio as it is told: `0.67`; one that is small keeps its digits: `0.013`."""
    if value is None:
        return DASH
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def others(figures: Sequence[Figure]) -> float:
    """Return how many cores were busy with what is not the bench's: near 0 on a quiet machine."""
    seconds = sum(figure.seconds for figure in figures)
    spent = sum(figure.cpu_us.get(OTHERS, 0.0) * figure.calls / 1e6 for figure in figures)
    return spent / seconds if seconds else 0.0
