"""
procrastinate on PostgreSQL: a job of 1 KB is deferred, a worker runs it, it is finished.

    python -m bench.peers.procrastinate_queue postgresql://…

Sender and worker are one process, as its library allows.  A call ends when the job has run; that it is
finished then is in the rate, for the worker has so many places.  Jobs keep no order: with a lock for each
pair, one that comes while the last is being finished is found by the next poll only, seconds later.
"""

import asyncio
import base64
import sys
from contextlib import suppress

import procrastinate

from .driver import BODY, answer_slices

MAX_PAIRS = 64
CONNECTIONS = 16


async def main(database: str) -> None:
    connector = procrastinate.PsycopgConnector(conninfo=database, min_size=CONNECTIONS, max_size=CONNECTIONS)
    app = procrastinate.App(connector=connector)
    coming: dict[int, asyncio.Future[None]] = {}

    @app.task(name="receive")  # type: ignore[untyped-decorator]
    async def receive(pair: int, body: str) -> None:
        if base64.b64decode(body) != BODY:
            raise ValueError("the body must be the one that was sent")
        coming.pop(pair).set_result(None)

    async def call(pair: int) -> None:
        coming[pair] = asyncio.get_running_loop().create_future()
        done = coming[pair]
        await receive.defer_async(pair=pair, body=base64.b64encode(BODY).decode())
        await asyncio.wait_for(done, 15)

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        worker = asyncio.create_task(
            app.run_worker_async(concurrency=MAX_PAIRS, install_signal_handlers=False, wait=True)
        )
        await answer_slices(call)
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
