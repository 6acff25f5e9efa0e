"""
Is a month of an access log (nhật ký truy cập) whole?  Which hour, and which row, is not?

Each hour is held by itself: from the tree of the head before it, over the hashes of its rows as they are now,
to the root of the head after it.  Both heads are signed, and routing has kept them in its own log since; so a
row that was altered, deleted, added between others or moved is found, and an end of the log that was cut off.
"""

from collections.abc import AsyncIterable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from lientuyen.chassis.v1 import audit_service_pb2 as pb
from lientuyen.routing.v1.receipt_proof_pb2 import WitnessedHead
from transparency.access_rows import ENTRY_BYTES, Entry, entries_of
from transparency.merkle import Tree
from transparency.tree_heads import ACCESS_LOG, TreeHead

from .receipt_verification import ReceiptInvalid, signed_head

# A row of a month that has left may lie in an hour after it: its transaction ended so much later.
SETTLING: Final = timedelta(days=1)

# Within so much time routing, even when it was away for a night, has every head.
HANDING_OVER: Final = timedelta(days=1)

# What is wrong, in Vietnamese and in English.
FAULTS: Final = {
    "ROW_ALTERED": ("Dòng đã bị sửa.", "The row was altered."),
    "ROW_DELETED": ("Dòng đã bị xóa.", "The row was deleted."),
    "ROW_ADDED": ("Dòng được chèn thêm sau này.", "The row was added afterwards."),
    "ROW_OUTSIDE": (
        "Dòng không do dịch vụ ghi: không nằm trong nhật ký được băm.",
        "The row was not written by the service: it is in no tree.",
    ),
    "HOUR_ALTERED": (
        "Các dòng của giờ này không khớp mốc ký; danh sách băm cũng bị sửa, không chỉ ra được dòng nào.",
        "The rows of this hour are not those of the head; the list of hashes was altered too, so that no row"
        " can be named.",
    ),
    "LIST_ALTERED": (
        "Danh sách băm bị sửa; các dòng vẫn khớp mốc ký.",
        "The list of hashes was altered; the rows are those of the head.",
    ),
    "HEAD_INVALID": (
        "Mốc ký không hợp lệ: chữ ký, chứng thư hoặc nội dung sai.",
        "The head does not hold: its signature, its certificate or what it says is wrong.",
    ),
    "HEAD_MISSING": (
        "Dịch vụ không còn mốc ký mà routing đã lưu: nhật ký bị cắt bớt hoặc viết lại.",
        "The service has no more a head that routing keeps: the log was cut off or rewritten.",
    ),
    "HEAD_UNWITNESSED": (
        "Mốc ký đã quá một ngày mà routing không có.",
        "The head is older than a day, and routing does not have it.",
    ),
    "HEAD_REWRITTEN": (
        "routing đã nhận một mốc ký không nối tiếp các mốc trước.",
        "Routing was handed a head that does not go on from those before.",
    ),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is not whole: *reason* is one of `FAULTS`; *hour_end* and *row* where they are known."""

    reason: str
    hour_end: datetime | None = None
    row: UUID | None = None


@dataclass(slots=True)
class Report:
    """What was seen of a month: its heads, its rows, the hours without a head, and every fault."""

    month: str
    heads: int = 0
    rows: int = 0
    hours_without_head: int = 0
    faults: list[Fault] = field(default_factory=list)
    last_head: TreeHead | None = None


@dataclass(frozen=True, slots=True)
class HourHead:
    """A head that was verified: of the hour that ends at *hour_end*, with the tree that it is of."""

    hour_end: datetime
    head: TreeHead
    body: bytes
    peaks: tuple[bytes, ...]

    def tree(self) -> Tree:
        return Tree(self.head.size, list(self.peaks))


def verified_head(message: pb.AccessLogHead, service: str, authority: bytes) -> HourHead:
    """Return the head of an hour of *service*; `ReceiptInvalid` or ValueError when it does not hold."""
    head = signed_head(message.tree_head, authority)
    hour = HourHead(message.hour_end_time.ToDatetime(UTC), head, message.tree_head.body, tuple(message.peaks))
    if not head.origin.endswith(f"/{service}/{ACCESS_LOG}") or hour.tree().root() != head.root:
        raise ValueError("not the tree of the head")
    if head.time < hour.hour_end:
        raise ValueError("signed before the hour was over")
    return hour


def verified_heads(
    messages: Iterable[pb.AccessLogHead], service: str, authority: bytes, faults: list[Fault]
) -> Iterator[HourHead]:
    """Yield the heads that hold, each going on from the one before by its size and time."""
    before: HourHead | None = None
    for message in messages:
        try:
            hour = verified_head(message, service, authority)
            if before is not None and (hour.head.size, hour.head.time) < (before.head.size, before.head.time):
                raise ValueError("older than the one before")
        except (ReceiptInvalid, ValueError):
            faults.append(Fault("HEAD_INVALID", message.hour_end_time.ToDatetime(UTC)))
            continue
        yield hour
        before = hour


def missing_heads(
    hours: Sequence[HourHead],
    witnessed: Iterable[WitnessedHead],
    begin: datetime,
    end: datetime,
    now: datetime,
) -> Iterator[Fault]:
    """Yield what routing keeps of a month and the service does not have, and the other way round."""
    bodies = {hour.body for hour in hours}
    kept = set()
    for one in witnessed:
        head = TreeHead.from_bytes(one.tree_head.body)
        kept.add(one.tree_head.body)
        if begin <= head.time < end and one.verdict == WitnessedHead.VERDICT_INCONSISTENT:
            yield Fault("HEAD_REWRITTEN", head.time)
        elif begin <= head.time < end and one.tree_head.body not in bodies:
            yield Fault("HEAD_MISSING", head.time)
    for hour in hours:
        if begin <= hour.head.time < end and hour.body not in kept and now - hour.head.time > HANDING_OVER:
            yield Fault("HEAD_UNWITNESSED", hour.hour_end)


class HourCheck:
    """One hour, read piece by piece: from the tree *before* it to the head *after* it."""

    def __init__(self, before: Tree, after: HourHead, months_away: Sequence[str]) -> None:
        self._after = after
        self._months_away = months_away
        self._logged = Tree(before.size, list(before.peaks))
        # The same tree, up to the first piece in which something differs.
        self._found = self._logged
        self._differences: list[Fault] = []
        self._is_gapless = True
        self.rows = 0

    def read(self, piece: pb.DownloadAccessLogHashesResponse) -> None:
        self._is_gapless &= piece.first_leaf == self._logged.size
        is_equal = piece.as_logged == piece.as_found
        if not is_equal and self._found is self._logged:
            self._found = Tree(self._logged.size, list(self._logged.peaks))
        logged = _hashes(piece.as_logged)
        self._logged.extend(logged)
        self.rows += len(logged)
        if self._found is not self._logged:
            self._found.extend(_hashes(piece.as_found))
        if not is_equal:
            self._differences += self._compared(entries_of(piece.as_logged), entries_of(piece.as_found))

    def faults(self) -> list[Fault]:
        """Return what is not whole, once all of the hour was read."""
        head, end = self._after.head, self._after.hour_end
        found = (self._found.size, self._found.root()) == (head.size, head.root)
        logged = self._is_gapless and (self._logged.size, self._logged.root()) == (head.size, head.root)
        if logged:  # the list is as it was signed: what differs from it are rows
            return self._differences
        if found:
            return [Fault("LIST_ALTERED", end)]
        return [Fault("HOUR_ALTERED", end)]

    def _compared(self, logged: Iterator[Entry], found: Iterator[Entry]) -> Iterator[Fault]:
        were, are = _by_id(logged), _by_id(found)
        for row, entry in were.items():
            if row in are and are[row].hash != entry.hash:
                yield Fault("ROW_ALTERED", self._after.hour_end, row)
            elif row not in are and not self._has_left(entry):
                yield Fault("ROW_DELETED", self._after.hour_end, row)
        for row in are.keys() - were.keys():
            yield Fault("ROW_ADDED", self._after.hour_end, row)

    def _has_left(self, entry: Entry) -> bool:
        """Whether a row is of a month that has left, and only its transaction ended in this hour."""
        month = f"{entry.time:%Y-%m}"
        soon_after = self._after.hour_end - entry.time <= SETTLING
        return month in self._months_away and soon_after and f"{self._after.hour_end:%Y-%m}" != month


def _by_id(entries: Iterator[Entry]) -> Mapping[UUID, Entry]:
    return {entry.id: entry for entry in entries}


def _hashes(content: bytes) -> list[bytes]:
    if len(content) % ENTRY_BYTES:
        raise ValueError("no list of entries")
    return [content[start + 24 : start + ENTRY_BYTES] for start in range(0, len(content), ENTRY_BYTES)]


async def verify_hour(
    before: HourHead | None,
    after: HourHead,
    pieces: AsyncIterable[pb.DownloadAccessLogHashesResponse],
    months_away: Sequence[str],
) -> tuple[int, list[Fault]]:
    """Return how many rows the hour has, and what of it is not whole; *before* is None at the beginning."""
    check = HourCheck(before.tree() if before else Tree(), after, months_away)
    async for piece in pieces:
        check.read(piece)
    return check.rows, check.faults()
