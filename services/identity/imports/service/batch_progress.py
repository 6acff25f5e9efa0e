"""What became of a batch and of its stream: rows stored, rows refused and why."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from common.faults import Fault
from lientuyen.identity.v1.import_pb2 import ImportProgress, RowRefusal, RowWarning

# Refusals told for one batch; all of them are counted.
MAX_REFUSALS = 1000

# Warnings told for one batch; the rows that have any are counted.
MAX_WARNINGS = 1000


@dataclass(slots=True)
class Batch:
    """What is known of a batch so far.  Rows have the number *first_row* in the sender's file, and so on."""

    request_id: str
    first_row: int
    received: int
    refused: set[int] = field(default_factory=set)
    refusals: list[RowRefusal] = field(default_factory=list)
    warnings: dict[int, tuple[Fault, ...]] = field(default_factory=dict)

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

    def warn(self, index: int, *faults: Fault) -> None:
        if faults:
            self.warnings[index] = faults

    def copy(self) -> "Batch":
        """Return a batch of which as much is known: an attempt to store it begins with one."""
        return Batch(
            self.request_id,
            self.first_row,
            self.received,
            set(self.refused),
            list(self.refusals),
            dict(self.warnings),
        )

    def progress(self) -> ImportProgress:
        warned = {index: faults for index, faults in self.warnings.items() if index not in self.refused}
        return ImportProgress(
            request_id=self.request_id,
            rows_received=self.received,
            rows_stored=self.stored,
            rows_refused=len(self.refused),
            refusals=sorted(self.refusals, key=lambda refusal: refusal.row)[:MAX_REFUSALS],
            rows_warned=len(warned),
            warnings=islice(self._warnings(warned), MAX_WARNINGS),
        )

    def _warnings(self, warned: Mapping[int, Iterable[Fault]]) -> Iterator[RowWarning]:
        for index in sorted(warned):
            for fault in warned[index]:
                yield RowWarning(
                    row=self.first_row + index,
                    field=fault.field,
                    rule=fault.rule,
                    message=fault.en,
                    message_vi=fault.vi,
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
