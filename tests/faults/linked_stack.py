"""
`python -m tests.faults.linked_stack`: the real stack, whose services find their peers at addresses we name.

The one argument is JSON: the `home`, the `ports` of the services and of the collector, for each service
the `peers`, as `{"records": {"identity": "127.0.0.1:4711"}}`, whether PostgreSQL is `forgetful`: it
acknowledges before it keeps; whether the supervisor is `prompt`; and what is added to the `environment` of
everything that is started.  Else it is `python -m laptop`.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import asyncpg

from laptop import supervisor
from laptop.__main__ import supervise
from laptop.certificate_renewal import make_certificates
from laptop.home_folder import Home
from laptop.postgres_cluster import Cluster
from laptop.service_settings import make_keys, migrate, open_databases
from laptop.stack import Stack
from laptop.supervisor import Program

# A commit is acknowledged at once and written to disk seconds later: what a kill takes with it.
FORGETFUL = ("synchronous_commit = off", "wal_writer_delay = '10s'", "wal_writer_flush_after = '1GB'")


class LinkedStack(Stack):
    """A stack whose services are told other addresses of their peers."""

    peers: Mapping[str, Mapping[str, str]]

    def _programs(self) -> list[Program]:
        return [
            replace(program, environment={**program.environment, **self._addresses(program.name)})
            for program in super()._programs()
        ]

    def _addresses(self, service: str) -> dict[str, str]:
        peers = self.peers.get(service, {})
        return {f"{service.upper()}_{peer.upper()}_ADDRESS": address for peer, address in peers.items()}


async def make_forgetful(cluster: Cluster) -> None:
    connection = await asyncpg.connect(cluster.url("postgres"))
    try:
        for setting in FORGETFUL:
            await connection.execute(f"ALTER SYSTEM SET {setting}")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()


def main() -> None:
    chosen = json.loads(sys.argv[1])
    home = Home(Path(chosen["home"]))
    os.environ.update(chosen["environment"])
    if chosen["prompt"]:
        vars(supervisor)["MAX_RESTART_DELAY_S"] = supervisor.MIN_RESTART_DELAY_S
    with ExitStack() as closing:
        closing.enter_context(home.lock())
        databases, cluster = open_databases(home, os.environ, closing)
        migrate(databases)
        if chosen["forgetful"] and cluster is not None:
            asyncio.run(make_forgetful(cluster))
        make_keys(home)
        make_certificates(home)
        stack = LinkedStack(home, databases, chosen["ports"], log_here=False, cluster=cluster)
        stack.peers = chosen["peers"]
        asyncio.run(supervise(stack))


if __name__ == "__main__":
    main()
