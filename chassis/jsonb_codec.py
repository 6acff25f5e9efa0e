"""How values of PostgreSQL's types that asyncpg does not know go over the wire."""

import json

import asyncpg


async def set_codecs(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Make jsonb columns take and give Python values, in COPY too (hence binary)."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary", encoder=_jsonb_encode, decoder=_jsonb_decode
    )


def _jsonb_encode(value: object) -> bytes:
    # jsonb's wire form is its version, 1, and the text (PostgreSQL source, jsonb_send).
    return b"\x01" + json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _jsonb_decode(wire: bytes) -> object:
    return json.loads(wire[1:])
