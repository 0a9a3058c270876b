"""Blobs: raw answers and workbooks, each stored once, by digest, compressed."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from typing import Any

import psycopg

from ledger.errors import DatabaseError


def blob_digest(content: bytes) -> bytes:
    """The name of a blob: SHA-256 of its bytes."""
    return hashlib.sha256(content).digest()


def put_blobs(connection: psycopg.Connection[Any], contents: Iterable[bytes]) -> None:
    """Stores each content that is not stored yet."""
    by_digest = {blob_digest(content): content for content in contents}
    if not by_digest:
        return
    for digest in stored(connection, by_digest):
        del by_digest[digest]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger.blobs (digest, content, content_digest) VALUES (%b, %b, %b)"
            " ON CONFLICT DO NOTHING",
            [
                (digest, packed, blob_digest(packed))
                # In one order: two who store the same must not wait for each other.
                for digest, content in sorted(by_digest.items())
                for packed in [zlib.compress(content)]
            ],
        )


def stored(connection: psycopg.Connection[Any], digests: Iterable[bytes]) -> set[bytes]:
    """The digests with a stored blob, intact or not."""
    rows = connection.execute(
        "SELECT digest FROM ledger.blobs WHERE digest = ANY(%b)", (list(digests),), binary=True
    )
    return {digest for (digest,) in rows.fetchall()}


def get_blob(connection: psycopg.Connection[Any], digest: bytes) -> bytes | None:
    """The content of a blob; ``None`` where it was erased or never stored.

    Raises ``DatabaseError`` where the stored bytes are damaged.
    """
    row = connection.execute(
        "SELECT content FROM ledger.blobs WHERE digest = %b", (digest,)
    ).fetchone()
    if row is None:
        return None
    content = unpacked(digest, row[0])
    if content is None:
        raise DatabaseError(
            f"the stored bytes {digest.hex()} are not what was stored; see admsync verify"
        )
    return content


def unpacked(digest: bytes, stored: bytes) -> bytes | None:
    """The content of a blob's stored bytes; ``None`` where they are damaged."""
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(stored)
    except zlib.error:
        return None
    whole = stream.eof and not stream.unused_data
    return content if whole and blob_digest(content) == digest else None
