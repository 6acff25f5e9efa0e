"""Who breaks things, as planned: kills services and PostgreSQL, cuts and deafens and freezes links."""

import asyncio
from collections.abc import Sequence

from .history import History
from .plan import Fault
from .site import Site


async def strike(site: Site, history: History, faults: Sequence[Fault]) -> None:
    """Do each of *faults* at its time; return when the last is over and every link is whole."""
    begin = asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as group:
        for fault in faults:
            await asyncio.sleep(max(0.0, begin + fault.start_s - asyncio.get_running_loop().time()))
            group.create_task(inflict(site, history, fault))


async def inflict(site: Site, history: History, fault: Fault) -> None:
    if fault.action.startswith("kill"):
        done = site.kill_postgresql() if fault.action == "kill_postgresql" else site.kill(fault.target[0])
        if not done:
            return  # it was dead already
    history.write("fault", action=fault.action, value={"target": fault.target, "seconds": fault.seconds})
    if not fault.action.startswith("kill"):
        await break_link(site, fault)


async def break_link(site: Site, fault: Fault) -> None:
    """Break a link and make it whole again.  One that lost bytes is of no use to TLS: it ends."""
    caller, service = fault.target
    wire = site.wires[caller, service]
    attribute = {"cut": "cut", "deaf": "deaf", "freeze": "frozen"}[fault.action]
    setattr(wire, attribute, True)
    if fault.action == "cut":
        wire.drop()
    try:
        await asyncio.sleep(fault.seconds)
    finally:
        setattr(wire, attribute, False)
        if fault.action == "deaf":
            wire.drop()
