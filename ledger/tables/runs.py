"""The runs: ``ledger.runs``, projected from what runs said of themselves."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from ledger.tables.metadata import METADATA, moment

RUNS = Table(
    "runs",
    METADATA,
    Column("run_id", Uuid, primary_key=True),
    Column("command", Text, nullable=False),
    Column("options", JSONB, nullable=False),
    Column("software", Text, nullable=False),
    Column("actor", Text, nullable=False),
    # running, done, stopped, failed, undone or set aside; a killed run stays running here.
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("counts", JSONB, nullable=False),
    Column("refused", Integer, nullable=False),
    moment("started_at"),
    moment("ended_at", nullable=True),
    Column("first_position", BigInteger, nullable=False),
    schema="ledger",
)
