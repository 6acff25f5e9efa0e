"""
The NHS MESH sandbox, a test double of England's mailbox exchange: send, retrieve, acknowledge.

    python -m bench.peers.mesh_queue

One process of uvicorn with its store in memory, HTTP without TLS, full authentication; its own client, a
session each for sender and recipient, a thread for each pair.  The recipient is told the id of the message,
so that it need not list its mailbox.  Nothing is flushed to the disk.
"""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests
from mesh_client import MeshClient

from .driver import BODY, answer_slices

MAX_PAIRS = 64
PASSWORD, SHARED_KEY = "password", b"Banana"
SETTINGS = {"AUTH_MODE": "full", "STORE_MODE": "memory", "SHARED_KEY": SHARED_KEY.decode()}
START_TIMEOUT_S = 60


def serve() -> tuple["subprocess.Popen[bytes]", str]:
    """Start the sandbox; return its process, and its address when it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            *(sys.executable, "-W", "ignore", "-m", "uvicorn", "bench.peers.mesh_server:app"),
            *("--host", "127.0.0.1", "--port", str(port), "--log-level", "error", "--no-access-log"),
        ],
        env={**os.environ, **SETTINGS},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    limit = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < limit and server.poll() is None:
        try:
            requests.get(f"{url}/messageexchange/_ping", timeout=1)
            return server, url
        except requests.ConnectionError:
            time.sleep(0.1)
    server.kill()
    raise RuntimeError("the sandbox did not start")


class Sessions(threading.local):
    """The sessions of one thread, a mailbox each."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._of: dict[int, MeshClient] = {}

    def of(self, number: int) -> MeshClient:
        if number not in self._of:
            mailbox = f"X26MB{number:03}"
            self._of[number] = MeshClient(self._url, mailbox, PASSWORD, shared_key=SHARED_KEY)
        return self._of[number]


def exchange(sessions: Sessions, pair: int) -> None:
    sent = sessions.of(pair).send_message(f"X26MB{pair + 1:03}", BODY, workflow_id="BENCH")
    recipient = sessions.of(pair + 1)
    if recipient.retrieve_message(sent).read() != BODY:
        raise ValueError("the body must be the one that was sent")
    recipient.acknowledge_message(sent)


async def main() -> None:
    server, url = serve()
    sessions = Sessions(url)
    threads = [ThreadPoolExecutor(1) for _ in range(MAX_PAIRS)]

    async def call(pair: int) -> None:
        await asyncio.get_running_loop().run_in_executor(threads[pair], exchange, sessions, pair)

    try:
        await answer_slices(call)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    asyncio.run(main())
