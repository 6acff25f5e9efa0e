"""
Months that leave a database as sealed, signed files, and come back for reading (docs/howto/retention.md).

An archive is two files, named by service, kind, month and a number within the month:

    routing-messages-2025-05-1.sealed    frames: 4 bytes of length (big endian), then so many bytes
    routing-messages-2025-05-1.json      the manifest: totals, SHA-256 of the other, signature

The first frame is the header, JSON in the clear: what the file is, the columns of each table, and the data
key: 32 random bytes, sealed by the service's sealing key for the purpose `archives` (`chassis/encryption`)
with `Header.context` as associated data.  Each further frame is a chunk: 12 bytes of nonce, then AES-256-GCM
under the data key, with the SHA-256 of the header and the chunk's ordinal (8 bytes, from 0) as associated
data.  Opened and inflated (zlib) it is lines of UTF-8, each ended by a line feed: first the position in the
source, JSON, from which an export that was broken off goes on; then a line a row: the table's name, a tab,
and the row as PostgreSQL's `row_to_json` writes it, with bytes in hex and times in UTC.

The signature is over the manifest without `signature`: JSON with sorted keys, no spaces, UTF-8.  `digest` is
the sum, over the rows of the main table, of the first 7 bytes of the SHA-256 of each row's text: PostgreSQL
reckons the same over its tables, whatever their order.
"""
