"""`lientuyen demo --nodes 3`: three nodes on this machine, a referral over a cut link, one trace of all."""

import asyncio
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from opentelemetry import trace

from ..clock import today
from ..demo import people
from ..demo.journey import Step
from ..demo.nodes_journey import NORTH, PROVINCE, SOUTH, STEPS, Exchange, acquaint
from ..running_stack import NoStack, Stack, read_stack
from ..trace_tree import Span, build_tree, draw, services
from .common import out
from .demo import all_spans, export_spans, forget_telemetry, show_step, stop
from .failures import BUG, NOBODY, CommandFailed

NAMES = (NORTH, SOUTH, PROVINCE)

# Twelve processes start on two cores.
START_TIMEOUT_S = 300.0

# Seconds for the last spans of the services, which export every few tenths.
LAST_SPANS_S = 2.0

tracer = trace.get_tracer("lientuyen_client.demo")


def play_nodes(home: Path) -> int:
    """Start the nodes in *home*, play, draw, and stop them; return the exit code."""
    forget_telemetry()
    begin = time.monotonic()
    with (home / "up.log").open("wb") as log, out.status("khởi động ba nút, mỗi nút bốn dịch vụ…"):
        process = subprocess.Popen(
            [sys.executable, "-m", "laptop.nodes", "--home", str(home), *NAMES],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            stacks = {name: (_started(process, home, name), home / name) for name in NAMES}
        except BaseException:
            stop(process)
            raise
    out.print(f"sẵn sàng sau {time.monotonic() - begin:.1f} s: {', '.join(NAMES)}")
    try:
        return asyncio.run(_play(stacks, home / NORTH))
    finally:
        stop(process)


def _started(process: "subprocess.Popen[bytes]", home: Path, name: str) -> Stack:
    deadline = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(NoStack):
            return read_stack(home / name)
        time.sleep(0.2)
    sys.stderr.write((home / "up.log").read_text(encoding="utf8", errors="replace")[-4000:])
    raise CommandFailed(
        "Các nút không khởi động được; nhật ký ở trên.",
        "The nodes did not start; their log is above.",
        reason="STACK_DID_NOT_START",
        exit_code=NOBODY,
    )


async def _play(stacks: dict[str, tuple[Stack, Path]], collecting: Path) -> int:
    provider = export_spans(collecting)
    exchange = await Exchange.open(stacks)
    try:
        for cast in exchange.casts.values():
            await people.seed(cast("operator/dev"), cast("authority/bhxh"), today())
        await acquaint(exchange)
        out.print("đã nạp: danh bạ cơ sở và một người bệnh ở mỗi nút; các nút đã đăng ký với nhau\n")
        with tracer.start_as_current_span("journey of three nodes") as root:
            for number, (party, title, step) in enumerate(STEPS, 1):
                began = time.perf_counter()
                with tracer.start_as_current_span(title):
                    detail = await step(exchange)
                show_step(Step(number, party, title, detail, (time.perf_counter() - began) * 1000))
            trace_id = f"{root.get_span_context().trace_id:032x}"
        await asyncio.sleep(LAST_SPANS_S)
    finally:
        await exchange.close()
        provider.shutdown()
    return _report(trace_id, await all_spans(collecting, trace_id))


def _report(trace_id: str, spans: list[Span]) -> int:
    roots, participants = build_tree(spans), services(spans)
    nodes = {participant.partition("/")[0] for participant in participants}
    out.print(f"\ntrace [bold]{trace_id}[/]: {len(spans)} spans")
    out.print(draw(roots, databases=False))
    out.print(f"journey: {len(STEPS)} steps, {len(nodes)} nodes, {len(roots)} trace", highlight=False)
    return 0 if (nodes, len(roots)) == (set(NAMES), 1) else BUG
