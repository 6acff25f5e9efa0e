"""Rows, played one after the other on the stack that each needs, and judged by the checker from files."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from ...e2e import works
from ..calls import Channels
from ..checker import check
from ..history import History
from ..site import FAKETIME, Site, running
from ..story import parse
from .links import ACROSS, Nodes, running_nodes
from .play import Play
from .scenarios import SCENARIOS, Scenario

Say = Callable[[str], None]

# The file system of a database that is to be filled, in MiB: what it has and writes in a row, its journal.
DISK_MIB = 1536

# Longer than a row may take: one that hangs is no row.
ROW_TIMEOUT_S = 600


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one row; *verdict* is `held`, `BROKEN`, or why it says nothing."""

    name: str
    fault: str
    messages: int = 0
    faults: int = 0
    redelivered: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    unexplained: int = 0
    verdict: str = ""
    findings: tuple[str, ...] = ()

    @property
    def is_broken(self) -> bool:
        return self.verdict == "BROKEN"


async def play_all(
    names: Sequence[str], messages: int, seconds: float, seed: int, json: Path, say: Say
) -> list[Row]:
    """Play the rows of these *names*, those of one stack together, and return them in their order."""
    rows: dict[str, Row] = {}
    chosen = [(name, SCENARIOS[name]) for name in names]
    for stack, group in groupby(
        sorted(chosen, key=lambda each: each[1].stack), key=lambda each: each[1].stack
    ):
        scenarios = list(group)
        if why := unplayable(stack):
            rows |= {name: Row(name, each.fault, verdict=why) for name, each in scenarios}
            continue
        async with stack_for(stack) as site:
            if stack != "links":
                await works.seed(site.client_stack)
            for name, scenario in scenarios:
                say(f"{name}: {scenario.fault}")
                path = json.with_name(f"{json.stem}-{name}.jsonl")
                is_quiet = await play_one(site, name, scenario, messages, seconds, seed, path)
                rows[name] = judge(name, scenario, path, is_quiet=is_quiet)
                say(f"{name}: {rows[name].messages:,} messages, {rows[name].verdict}")
    return [rows[name] for name in names]


async def play_one(
    site: Site, name: str, scenario: Scenario, messages: int, seconds: float, seed: int, path: Path
) -> bool:
    folder = Path(tempfile.mkdtemp(prefix="lientuyen-row-"))
    channels = site.channels() if isinstance(site, Nodes) else Channels(site.client_stack)
    try:
        with History(path) as history:
            play = Play(site, history, channels, name, seed, messages, seconds, scenario.strikes, folder)
            if isinstance(site, Nodes):
                play.pairs = ACROSS
            async with asyncio.timeout(ROW_TIMEOUT_S):
                return await scenario.play(play)
    finally:
        await channels.close()
        shutil.rmtree(folder, ignore_errors=True)


def judge(name: str, scenario: Scenario, path: Path, *, is_quiet: bool) -> Row:
    """Return the row as the checker finds it in the history of *path*, and from nothing else."""
    with path.open(encoding="utf8") as lines:
        story = parse(lines)
    findings = check(story)
    if not is_quiet:
        findings.unexplained.append("messages were still under way at the end")
    wrong = [*findings.lost, *findings.doubled, *findings.reordered, *findings.unexplained]
    delivered = {event["value"]["message"] for event in story.deliveries}
    verdict = "held" if story.faults else "no fault was met"
    return Row(
        name,
        scenario.fault,
        messages=len(story.acknowledged("send")) + len(story.reads["referral"]),
        faults=len(story.faults),
        redelivered=len(story.deliveries) - len(delivered),
        lost=len(findings.lost),
        doubled=len(findings.doubled),
        reordered=len(findings.reordered),
        unexplained=len(findings.unexplained),
        verdict="BROKEN" if wrong else verdict,
        findings=tuple(wrong),
    )


def unplayable(stack: str) -> str:
    """Return why the stack cannot be had on this machine; empty when it can."""
    if stack == "clock" and not FAKETIME.exists():
        return "not played: needs Debian's package faketime"
    if stack == "disk" and shutil.which("mount") is None:
        return "not played: needs mount"
    return ""


@asynccontextmanager
async def stack_for(kind: str) -> AsyncIterator[Site]:
    folder = new_folder()
    home = folder / "home"
    try:
        if kind == "links":
            async with running_nodes(folder) as nodes:
                yield nodes
            return
        if kind == "disk":
            mount(home / "postgres")
        async with running(home, clock=folder / "clock" if kind == "clock" else None) as site:
            yield site
    finally:
        if kind == "disk":
            await asyncio.to_thread(subprocess.run, ["umount", str(home / "postgres")], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def new_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="lientuyen-faults-"))
    folder.chmod(0o711)  # PostgreSQL runs as another user when we are root
    return folder


def mount(folder: Path) -> None:
    """Give *folder* a file system of its own, in memory; needs root."""
    folder.mkdir(parents=True, mode=0o711)
    folder.parent.chmod(0o711)
    options = f"size={DISK_MIB}m,mode=0711"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "lientuyen-faults", str(folder)], check=True)
