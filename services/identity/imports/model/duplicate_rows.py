"""Rows of a batch that say a thing twice: the first one counts."""

from collections.abc import Iterable, Sequence

from common.faults import Fault


def find_duplicates(rows: Iterable[tuple[int, Sequence[tuple[str, object]]]]) -> dict[int, str]:
    """Return the rows that an earlier one rules out, and the field that is the same in both.

    *rows* are indexes, each with its keys: a field and a value, which is empty when there is none.
    A row that is ruled out rules out no other.
    """
    seen: set[tuple[str, object]] = set()
    duplicates: dict[int, str] = {}
    for index, keys in rows:
        present = [key for key in keys if key[1]]
        same = next((key for key in present if key in seen), None)
        if same is None:
            seen.update(present)
        else:
            duplicates[index] = same[0]
    return duplicates


def duplicate_fault(field: str) -> Fault:
    en, vi = "an earlier row of the batch has the same key", "Trùng khóa với một dòng trước trong cùng lô."
    return Fault(field, "row.duplicate", en, vi)
