"""The history of a run: lines of JSON, only ever added to.  `story.py` says what they are and reads them."""

import json
import time
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class History:
    """Writes what happens.  *counts* is of lines by type; *codes* are those of prescriptions asked for."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf8")
        self._index = 0
        self.counts: Counter[str] = Counter()
        self.codes: list[str] = []

    def write(self, kind: str, **fields: Any) -> None:
        line = {"index": self._index, "time": time.time(), "type": kind, **fields}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._index += 1
        self.counts[kind] += 1
        if fields.get("action") == "issue":
            self.codes.append(fields["value"]["code"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
