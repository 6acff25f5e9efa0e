"""What became of a batch and of its stream: rows stored, rows refused and why."""

from dataclasses import dataclass, field

from common.faults import Fault
from lientuyen.identity.v1.import_pb2 import ImportProgress, RowRefusal

# Refusals told for one batch; all of them are counted.
MAX_REFUSALS = 1000


@dataclass(slots=True)
class Batch:
    """What is known of a batch so far.  Rows have the number *first_row* in the sender's file, and so on."""

    request_id: str
    first_row: int
    received: int
    refused: set[int] = field(default_factory=set)
    refusals: list[RowRefusal] = field(default_factory=list)

    @property
    def stored(self) -> int:
        return self.received - len(self.refused)

    def refuse(self, index: int, *faults: Fault) -> None:
        self.refused.add(index)
        row = self.first_row + index
        self.refusals += (
            RowRefusal(row=row, field=fault.field, rule=fault.rule, message=fault.en, message_vi=fault.vi)
            for fault in faults
        )

    def copy(self) -> "Batch":
        """Return a batch of which as much is known: an attempt to store it begins with one."""
        return Batch(self.request_id, self.first_row, self.received, set(self.refused), list(self.refusals))

    def progress(self) -> ImportProgress:
        return ImportProgress(
            request_id=self.request_id,
            rows_received=self.received,
            rows_stored=self.stored,
            rows_refused=len(self.refused),
            refusals=sorted(self.refusals, key=lambda refusal: refusal.row)[:MAX_REFUSALS],
        )


@dataclass(slots=True)
class Totals:
    stored: int = 0
    refused: int = 0

    def count(self, progress: ImportProgress) -> None:
        """Count a batch, and tell the totals in its progress."""
        self.stored += progress.rows_stored
        self.refused += progress.rows_refused
        progress.stream_rows_stored, progress.stream_rows_refused = self.stored, self.refused
