"""
`lientuyen demo`: the coordination journey on a fresh stack, in one trace.

It starts a stack of its own in a new folder, plays the story, draws the trace,
and stops all that it started.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from .. import stack as stacks
from .. import traces
from ..clock import today
from ..demo import people
from ..demo.journey import Cast, JourneyBroken, State, Step, lost, play, visit_day
from ..demo.script import STEPS
from ..errors import ServiceError
from .common import BUG, err, out, show_error
from .up import wait_until_up

# Spans come in batches; they are all there when none came for this long.
QUIET, SPANS_WAIT = 1.5, 20.0


def demo(
    keep: Annotated[bool, typer.Option(help="Keep the stack's folder, with logs and traces.")] = False,
) -> None:
    """Play the whole journey of a patient, and draw its trace."""
    home = Path(tempfile.mkdtemp(prefix="lientuyen-demo-"))
    try:
        with fresh_stack(home) as stack:
            code = asyncio.run(tell(stack, home))
    except JourneyBroken as broken:
        err.print(f"[red]the journey broke:[/] {broken}")
        code = BUG
    except ServiceError as error:
        show_error(error)
        code = BUG
    finally:
        if keep:
            out.print(f"[dim]kept: {home}[/]")
        else:
            shutil.rmtree(home, ignore_errors=True)
    raise typer.Exit(code)


@contextmanager
def fresh_stack(home: Path) -> Iterator[stacks.Stack]:
    """Start a stack in *home*; stop it, whatever happens."""
    environment = {
        **os.environ,
        "OTEL_TRACES_SAMPLER": "parentbased_always_on",
        "OTEL_BSP_SCHEDULE_DELAY": "300",
    }
    begin = time.monotonic()
    with out.status("khởi động PostgreSQL và bốn dịch vụ…"):
        log = (home / "up.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "laptop", "--home", str(home)],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            found = stack_of(process, home)
        except BaseException:
            stop(process)
            raise
    out.print(
        f"stack ready in {time.monotonic() - begin:.1f} s: PostgreSQL, identity, records, routing, pharmacy"
    )
    try:
        yield found
    finally:
        stop(process)


def stack_of(process: subprocess.Popen[bytes], home: Path) -> stacks.Stack:
    """Return the stack when it is there; say what went wrong when it never is."""
    if found := wait_until_up(process, home):
        return found
    sys.stderr.write((home / "up.log").read_text(encoding="utf8", errors="replace")[-4000:])
    raise JourneyBroken("the stack did not start")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop what *process* started, and wait until it is gone."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def tell(stack: stacks.Stack, home: Path) -> int:
    """Seed, play, count, draw."""
    provider = tracing(home)
    cast, state = Cast(stack), State(visit_day(today()))
    try:
        await people.seed(cast("operator/dev"), cast("authority/bhxh"), today())
        hospitals, pharmacies = len(people.HOSPITALS), len(people.PHARMACIES)
        out.print(f"seeded: {hospitals} hospitals, {pharmacies} pharmacies, 1 patient, 1 card\n")
        trace_id = await play(cast, STEPS, state, show)
        gone = await lost(cast, state)
    finally:
        await cast.close()
        provider.shutdown()
    spans = await gathered(home, trace_id)
    return report(trace_id, spans, gone)


def tracing(home: Path) -> TracerProvider:
    """Send the client's spans to the stack's collector."""
    provider = TracerProvider(resource=Resource.create({"service.name": "lientuyen-client"}))
    endpoint = stacks.collector(home)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, insecure=True)))
    trace.set_tracer_provider(provider)
    return provider


async def gathered(home: Path, trace_id: str) -> list[traces.Span]:
    """Return the spans of the journey, when no more come."""
    until, quiet_since, seen = time.monotonic() + SPANS_WAIT, time.monotonic(), -1
    while time.monotonic() < until and time.monotonic() - quiet_since < QUIET:
        spans = traces.read(home, trace_id)
        if len(spans) != seen:
            seen, quiet_since = len(spans), time.monotonic()
        await asyncio.sleep(0.2)
    return traces.read(home, trace_id)


def show(step: Step) -> None:
    """Print one step."""
    took = f"[bold]{step.milliseconds:7.0f} ms[/]"
    out.print(f"[dim]{step.number:2}[/] [cyan]{step.who:8}[/] {step.title:54} {took}")
    out.print(f"   [dim]{step.detail}[/]", soft_wrap=True)


def report(trace_id: str, spans: list[traces.Span], gone: list[str]) -> int:
    """Draw the trace and print the verdict; return the exit code."""
    roots = traces.tree(spans)
    took_part = traces.services(spans)
    out.print(f"\ntrace [bold]{trace_id}[/]: {len(spans)} spans")
    out.print(traces.draw(roots))
    for write in gone:
        err.print(f"[red]lost:[/] {write}")
    out.print(
        f"journey: {len(STEPS)} steps, {len(took_part)} services, {len(roots)} trace, {len(gone)} lost",
        highlight=False,
    )
    return 0 if (len(took_part), len(roots), len(gone)) == (4, 1, 0) else BUG
