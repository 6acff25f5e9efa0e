"""
Which sealing keys something in a database is still sealed under.

    python -m chassis.keys_in_use services.records      (reads RECORDS_DATABASE_URL and RECORDS_KEYS_DIR)

A key that no line names may leave the folder, after the three days that page tokens last.  Every column
of bytes is looked through, so that a new one cannot be forgotten; a sealed value says its key in its
first bytes (`encryption`).  Reads the beginning of every sealed value: minutes on a large database.
"""

import argparse
import asyncio
import os
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

import asyncpg

from .encryption import DecryptionError, read_keyset
from .settings import refuse

# How many sealed values each column of each table has, by key: {"2026-01-01": {"replies.reply": 12}}.
Usage: TypeAlias = Mapping[str, Mapping[str, int]]

# Columns of bytes that hold a digest, which nobody sealed.
DIGESTS: Final = ("sha256", "digest", "fingerprint", "slip_sha256")

CONNECT_TIMEOUT_S: Final = 10.0

COLUMNS: Final = """
    SELECT t.relname, c.attname FROM pg_attribute c JOIN pg_class t ON t.oid = c.attrelid
    WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p') AND NOT t.relispartition
      AND c.atttypid = 'bytea'::regtype AND NOT c.attisdropped AND c.attname <> ALL ($1)
    ORDER BY 1, 2
"""

# 1, the length of the key's id, the id, and 28 bytes at least.
COUNT: Final = """
    WITH heads AS MATERIALIZED (
        SELECT substring({column} FROM 1 FOR 66) AS head, octet_length({column}) AS size FROM {table}
        WHERE octet_length({column}) > 30 AND substring({column} FROM 1 FOR 1) = '\\x01'
    )
    SELECT encode(substring(head FROM 3 FOR get_byte(head, 1)), 'escape') AS key, count(*) AS values
    FROM heads
    WHERE get_byte(head, 1) BETWEEN 1 AND 64 AND size >= get_byte(head, 1) + 30
      AND encode(substring(head FROM 3 FOR get_byte(head, 1)), 'escape') ~ '^[A-Za-z0-9_-][A-Za-z0-9._-]*$'
    GROUP BY 1
"""


async def keys_in_use(url: str) -> Usage:
    """Return the keys by which something in the database at *url* is sealed."""
    usage: dict[str, dict[str, int]] = defaultdict(dict)
    connection = await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_S)
    try:
        for table, column in await connection.fetch(COLUMNS, DIGESTS):
            statement = COUNT.format(table=f'"{table}"', column=f'"{column}"')
            for key, values in await connection.fetch(statement):
                usage[key][f"{table}.{column}"] = values
    finally:
        await connection.close()
    return usage


def report(usage: Usage, folder: Path) -> list[str]:
    """Return a line a key, of those in use and those in *folder*."""
    keyset = read_keyset(folder)
    lines = []
    for key in sorted({*usage, *keyset.keys}):
        uses = ", ".join(f"{column} {count}" for column, count in usage.get(key, {}).items())
        place = "seals" if key == keyset.active else "opens" if key in keyset.keys else "MISSING"
        lines.append(f"{key}  {place}  {uses or 'nothing is sealed under it'}")
    return lines


def main(arguments: list[str] | None = None) -> None:
    """Print the keys of the service that the command line names; exit 78 when its settings are wrong."""
    parser = argparse.ArgumentParser(prog="chassis.keys_in_use", description="Which sealing keys are in use.")
    parser.add_argument("package", help="as services.records")
    prefix = parser.parse_args(arguments).package.rpartition(".")[2].upper()
    needed = [f"{prefix}_DATABASE_URL", f"{prefix}_KEYS_DIR"]
    if missing := [name for name in needed if not os.environ.get(name)]:
        refuse([(name, "Field required") for name in missing])
    url, folder = (os.environ[name] for name in needed)
    try:
        lines = report(asyncio.run(keys_in_use(url)), Path(folder))
    except DecryptionError as error:
        refuse([(needed[1], str(error))])
    except (OSError, asyncpg.PostgresError) as error:
        refuse([(needed[0], f"the database does not answer: {type(error).__name__}")])
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
