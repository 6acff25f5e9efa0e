"""
Against guessing the codes of prescriptions (mã đơn thuốc): 7 letters and digits after the hospital's own.

    async with self._code_guard.counting(request.access):
        self._code_guard.admit()
        ...                    # look up by the code; NotFound or PermissionDenied is a miss

Each try is a look-up of the caller's.  Each miss, a code that nobody has or whose prescription the caller
may not see, is a failure of theirs and leaves a row in the access log (docs/adr/0045).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from chassis import audit
from chassis.allowances import SHARES
from chassis.db import Database
from chassis.errors import NotFound, PermissionDenied
from chassis.rate_limiter import RateLimiter
from lientuyen.type.v1.access_pb2 import AccessContext

# A pharmacy lives on codes as a hospital does on numbers.
CODE_SHARES: Final = {**SHARES, "pharmacy": SHARES["facility"]}


class CodeGuard:
    def __init__(self, db: Database, rate_limiter: RateLimiter) -> None:
        self._db = db
        self._rate_limiter = rate_limiter

    def admit(self) -> None:
        """Take one try; raises ResourceExhausted(LOOKUP_LIMIT_REACHED) when tries or misses are used up."""
        self._rate_limiter.take()

    @asynccontextmanager
    async def counting(self, access: AccessContext) -> AsyncIterator[None]:
        """Count a miss in the block and leave its row; that of a PermissionDenied is left by the server."""
        try:
            yield
        except PermissionDenied:
            self._rate_limiter.count_failure()
            raise
        except NotFound:
            self._rate_limiter.count_failure()
            async with self._db.transaction() as tx:
                await audit.record(tx, subject="", access=access, allowed=False)
            raise
