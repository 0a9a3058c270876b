"""Blobs: raw answers and workbooks, each stored once, by digest, compressed."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from typing import Any

import psycopg


def blob_digest(content: bytes) -> bytes:
    """The name of a blob: SHA-256 of its bytes."""
    return hashlib.sha256(content).digest()


def put_blobs(connection: psycopg.Connection[Any], contents: Iterable[bytes]) -> None:
    """Stores each content that is not stored yet."""
    by_digest = {blob_digest(content): content for content in contents}
    if not by_digest:
        return
    known = connection.execute(
        "SELECT digest FROM ledger.blobs WHERE digest = ANY(%b)", (list(by_digest),)
    )
    for (digest,) in known.fetchall():
        del by_digest[digest]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger.blobs (digest, content) VALUES (%b, %b) ON CONFLICT DO NOTHING",
            [(digest, zlib.compress(content)) for digest, content in by_digest.items()],
        )


def get_blob(connection: psycopg.Connection[Any], digest: bytes) -> bytes | None:
    """The content of a blob; ``None`` where it was erased or never stored."""
    row = connection.execute(
        "SELECT content FROM ledger.blobs WHERE digest = %b", (digest,)
    ).fetchone()
    return zlib.decompress(row[0]) if row else None
