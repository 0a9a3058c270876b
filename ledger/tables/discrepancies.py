"""The discrepancies between the two sides: ``ledger.discrepancies``, a row per record."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from ledger.tables.metadata import METADATA, moment

DISCREPANCIES = Table(
    "discrepancies",
    METADATA,
    # The record's name in the ledger, of either side.
    Column("record", Text, primary_key=True),
    # The bridge table it belongs to or was looked for in: adm.venues.
    Column("bridge_table", Text, nullable=False, index=True),
    # unmatched, ambiguous, or linked: a link that a person should look at.
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("candidates", JSONB, nullable=False),
    moment("first_seen"),
    Column("first_run", Uuid),
    moment("last_seen"),
    Column("last_run", Uuid),
    # Of the event that decided it so.
    Column("position", BigInteger, nullable=False),
    schema="ledger",
)
