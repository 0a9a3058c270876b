"""Writes with unknown outcome: ``ledger.open_writes``, a row per request."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from ledger.tables.metadata import METADATA, moment

OPEN_WRITES = Table(
    "open_writes",
    METADATA,
    # Of the request's event.
    Column("position", BigInteger, primary_key=True),
    Column("run_id", Uuid, index=True),
    Column("about", Text, nullable=False),
    Column("slot", Text, nullable=False),
    Column("operation", Text, nullable=False),
    # requested, unanswered or disputed
    Column("state", Text, nullable=False),
    Column("ids", JSONB, nullable=False),
    moment("requested_at"),
    schema="ledger",
)
