"""What both sides of linked events and sessions agreed on: ``ledger.field_bases``, a row a record.

The view ``ledger.field_discrepancies`` shows what is ``listed``, a row a record and field.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from ledger.tables.metadata import METADATA

FIELD_BASES = Table(
    "field_bases",
    METADATA,
    # The bridge record's name in the ledger.
    Column("record", Text, primary_key=True),
    Column("tutorial", Text, nullable=False),
    # By field: {"administrate": …, "tutorial": …}.
    Column("pairs", JSONB, nullable=False),
    # By field: Administrate's value.
    Column("taken_back", JSONB, nullable=False),
    # By field: {"side": …, "administrate": …, "tutorial": …}.
    Column("decided", JSONB, nullable=False),
    # By field: {"kind": …, "base": …, "administrate": …, "tutorial": …, "since": …, "run": …,
    # "position": …}.
    Column("listed", JSONB, nullable=False),
    # Of the event that changed it last.
    Column("position", BigInteger, nullable=False),
    schema="ledger",
)
