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

from ..clock import today
from ..demo import people
from ..demo.journey import Cast, JourneyBroken, State, Step, lost_writes, play, visit_day
from ..demo.journey_steps import STEPS
from ..running_stack import Stack, collector_url
from ..trace_tree import Span, build_tree, draw, read_spans, services
from .common import err, out
from .failures import BUG, NOBODY, CommandFailed
from .up import wait_until_up

# Spans come in batches; they are all there when none came for this long.
QUIET_S, SPANS_TIMEOUT_S = 1.5, 20.0


def demo(
    keep: Annotated[bool, typer.Option(help="Giữ lại thư mục của hệ thống, có nhật ký và vết.")] = False,
    nodes: Annotated[
        int, typer.Option(min=1, max=3, help="Số nút liên thông: 1, hoặc 3 (Bắc, Nam và một tỉnh).")
    ] = 1,
) -> None:
    """Diễn cả hành trình của một người bệnh và vẽ vết của nó."""
    end_on_signals()
    home = Path(tempfile.mkdtemp(prefix="lientuyen-demo-"))
    try:
        code = play_one(home) if nodes == 1 else play_nodes_in(home)
    except JourneyBroken as broken:
        err.print(f"[red]✗ hành trình bị gãy:[/] {broken}")
        code = BUG
    finally:
        if keep:
            out.print(f"[dim]giữ lại: {home}[/]")
        else:
            shutil.rmtree(home, ignore_errors=True)
    raise typer.Exit(code)


def play_one(home: Path) -> int:
    with fresh_stack(home) as stack:
        return asyncio.run(play_demo(stack, home))


def play_nodes_in(home: Path) -> int:
    from .demo_nodes import play_nodes

    return play_nodes(home)


def end_on_signals() -> None:
    """End as Ctrl-C does when we are told to, or the terminal is closed: what was started is stopped."""
    for signal_number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, lambda number, _: sys.exit(128 + number))


def forget_telemetry() -> None:
    """Leave out where traces go elsewhere: the demo draws its own, so they must come to its own collector."""
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        del os.environ[name]


@contextmanager
def fresh_stack(home: Path) -> Iterator[Stack]:
    forget_telemetry()
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
            stack = started_stack(process, home)
        except BaseException:
            stop(process)
            raise
    out.print(
        f"sẵn sàng sau {time.monotonic() - begin:.1f} s: PostgreSQL, identity, records, routing, pharmacy"
    )
    try:
        yield stack
    finally:
        stop(process)


def started_stack(process: subprocess.Popen[bytes], home: Path) -> Stack:
    if stack := wait_until_up(process, home):
        return stack
    sys.stderr.write((home / "up.log").read_text(encoding="utf8", errors="replace")[-4000:])
    raise CommandFailed(
        "Hệ thống không khởi động được; nhật ký ở trên.",
        "The stack did not start; its log is above.",
        reason="STACK_DID_NOT_START",
        exit_code=NOBODY,
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def play_demo(stack: Stack, home: Path) -> int:
    provider = export_spans(home)
    cast, state = Cast(stack), State(visit_day(today()))
    try:
        await people.seed(cast("operator/dev"), cast("authority/bhxh"), today())
        hospitals, pharmacies = len(people.HOSPITALS), len(people.PHARMACIES)
        out.print(f"đã nạp: {hospitals} bệnh viện, {pharmacies} nhà thuốc, 1 người bệnh, 1 thẻ\n")
        trace_id = await play(cast, STEPS, state, show_step)
        lost = await lost_writes(cast, state)
    finally:
        await cast.close()
        provider.shutdown()
    spans = await all_spans(home, trace_id)
    return report(trace_id, spans, lost)


def export_spans(home: Path) -> TracerProvider:
    provider = TracerProvider(resource=Resource.create({"service.name": "lientuyen-client"}))
    endpoint = collector_url(home)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, insecure=True)))
    trace.set_tracer_provider(provider)
    return provider


async def all_spans(home: Path, trace_id: str) -> list[Span]:
    deadline, quiet_since, count = time.monotonic() + SPANS_TIMEOUT_S, time.monotonic(), -1
    while time.monotonic() < deadline and time.monotonic() - quiet_since < QUIET_S:
        spans = read_spans(home, trace_id)
        if len(spans) != count:
            count, quiet_since = len(spans), time.monotonic()
        await asyncio.sleep(0.2)
    return read_spans(home, trace_id)


def show_step(step: Step) -> None:
    duration = f"[bold]{step.milliseconds:7.0f} ms[/]"
    out.print(f"[dim]{step.number:2}[/] [cyan]{step.party:8}[/] {step.title:54} {duration}")
    out.print(f"   [dim]{step.detail}[/]", soft_wrap=True)


def report(trace_id: str, spans: list[Span], lost: list[str]) -> int:
    roots, participants = build_tree(spans), services(spans)
    out.print(f"\ntrace [bold]{trace_id}[/]: {len(spans)} spans")
    out.print(draw(roots))
    for write in lost:
        err.print(f"[red]lost:[/] {write}")
    out.print(
        f"journey: {len(STEPS)} steps, {len(participants)} services, {len(roots)} trace, {len(lost)} lost",
        highlight=False,
    )
    return 0 if (len(participants), len(roots), len(lost)) == (4, 1, 0) else BUG
