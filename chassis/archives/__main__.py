"""
Months of a service's database: list, export, verify, drop, restore.

    python -m chassis.archives services.routing list
    python -m chassis.archives services.routing export messages 2025-05 --folder /archives
    python -m chassis.archives services.routing verify /archives/routing-messages-2025-05-1.json
    python -m chassis.archives services.routing drop messages 2025-05 --folder /archives
    python -m chassis.archives services.routing restore /archives/routing-messages-2025-05-1.json

Reads the settings of the service: ROUTING_DATABASE_URL, ROUTING_KEYS_DIR, ROUTING_TLS_DIR and, where it has
one, ROUTING_SIGNING_DIR.  Exits with 1 when it refuses, and says why in Vietnamese and in English.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TextIO

import asyncpg

from ..encryption import DecryptionError, Encryptor
from ..settings import refuse
from . import listing
from .dropping import drop
from .exporting import export
from .kinds import Kind, kinds_of, parse_month
from .manifest import Archive
from .refusal import ArchiveRefused
from .restoring import restore
from .session import Files, session, signer

EX_REFUSED: Final = 1


def main(arguments: list[str] | None = None) -> None:
    """Do what the command line says; 78 when the settings are wrong, 1 when it is refused."""
    options = _parser().parse_args(arguments)
    settings = _settings(options.package)
    try:
        asyncio.run(_run(options, settings))
    except ArchiveRefused as refusal:
        _say(refusal.vi, refusal.en, file=sys.stderr)
        raise SystemExit(EX_REFUSED) from None
    except DecryptionError as error:
        _say(f"Không mở được bằng các khóa hiện có. {error}", file=sys.stderr)
        raise SystemExit(EX_REFUSED) from None
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        _say(f"Không thực hiện được / not done: {_words(error)}", file=sys.stderr)
        raise SystemExit(EX_REFUSED) from None


def _words(error: Exception) -> str:
    """Return what failed; of the database only the kind of its fault, for its words may hold rows."""
    if isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError):
        return type(error).__name__
    return str(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="chassis.archives", description="Months that leave a database.")
    parser.add_argument("package", help="as services.routing")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the months there are, and what became of them")
    for name in ("export", "drop"):
        command = commands.add_parser(name)
        command.add_argument("kind", help="access-log; messages, of routing")
        command.add_argument("month", help="as 2025-05")
        command.add_argument("--folder", type=Path, required=True, help="where the archives are")
    for name in ("verify", "restore"):
        command = commands.add_parser(name)
        command.add_argument("file", type=Path, help="the manifest, as routing-messages-2025-05-1.json")
    return parser


def _settings(package: str) -> dict[str, str]:
    """Return the settings by their names; exit with 78 when one is missing."""
    prefix = package.rpartition(".")[2].upper()
    settings = {
        name: os.environ.get(f"{prefix}_{name.upper()}", "")
        for name in ("database_url", "keys_dir", "tls_dir", "signing_dir")
    }
    if missing := [name for name in ("database_url", "keys_dir", "tls_dir") if not settings[name]]:
        refuse([(f"{prefix}_{name.upper()}", "Field required") for name in missing])
    return {name: value for name, value in settings.items() if value}


async def _run(options: argparse.Namespace, settings: Mapping[str, str]) -> None:
    kinds, folders = (
        kinds_of(options.package),
        {n: Path(s) for n, s in settings.items() if n != "database_url"},
    )
    authority = (folders["tls_dir"] / "ca.crt").read_bytes()
    service = options.package.rpartition(".")[2]
    files = Files(service, Encryptor(folders["keys_dir"], "archives"), authority)
    if options.command == "verify":
        _tell("verified", files.verified(options.file))
        return
    folder = getattr(options, "folder", Path())
    async with session(settings["database_url"], files, folder) as work:
        match options.command:
            case "list":
                for kind in kinds.values():
                    for line in await listing.lines(work.connection, kind, await work.now()):
                        _say(line)
            case "export":
                kind, month = _kind(kinds, options.kind), parse_month(options.month)
                _tell("exported", await export(work, kind, month, signer(folders)))
            case "drop":
                kind, month = _kind(kinds, options.kind), parse_month(options.month)
                _say(f"dropped {await drop(work, kind, month)} rows of {kind.name} {options.month}")
            case "restore":
                archive = files.verified(options.file)
                await restore(
                    work, _kind(kinds, archive.header.kind), parse_month(archive.header.month), archive
                )
                _tell("restored", archive)


def _kind(kinds: Mapping[str, Kind], name: str) -> Kind:
    if name not in kinds:
        known = ", ".join(kinds)
        raise ArchiveRefused(
            f"Dịch vụ này không có loại '{name}'; có: {known}.",
            f"This service has no kind '{name}'; there are {known}.",
        )
    return kinds[name]


def _say(*lines: str, file: TextIO | None = None) -> None:
    print(*lines, sep="\n", file=file or sys.stdout)


def _tell(done: str, archive: Archive) -> None:
    rows = ", ".join(f"{table} {count}" for table, count in archive.rows.items()) or "no rows"
    _say(f"{done} {archive.header.name}: {rows}; sha256 {archive.sha256.hex()}")


if __name__ == "__main__":
    main()
