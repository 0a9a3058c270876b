"""The projected tables of schema ``ledger``: runs, discrepancies, compared fields, open writes.

The tables of the events themselves are in ``ledger/migrations/sql/ledger_tables.sql``.
"""

from __future__ import annotations

from ledger.schema.declared import BIGINT, INTEGER, JSONB, TEXT, UUID, Column, Table, moment


def _table(name: str, *columns: Column) -> Table:
    return Table("ledger", name, columns)


def _column(name: str, kind: str, *, index: bool = False) -> Column:
    return Column(name, kind, nullable=False, index=index)


RUNS = _table(
    "runs",
    _column("run_id", UUID),
    _column("command", TEXT),
    _column("options", JSONB),
    _column("software", TEXT),
    _column("actor", TEXT),
    # running, done, stopped, failed, undone or set aside; a killed run stays running here.
    _column("state", TEXT),
    _column("reason", TEXT),
    _column("counts", JSONB),
    _column("refused", INTEGER),
    moment("started_at"),
    moment("ended_at", nullable=True),
    _column("first_position", BIGINT),
)
# A row per record, of either side.
DISCREPANCIES = _table(
    "discrepancies",
    # The record's name in the ledger.
    _column("record", TEXT),
    # The bridge table it belongs to or was looked for in: adm.venues.
    _column("bridge_table", TEXT, index=True),
    # unmatched, ambiguous, or linked: a link that a person should look at.
    _column("outcome", TEXT),
    _column("reason", TEXT),
    _column("candidates", JSONB),
    moment("first_seen"),
    Column("first_run", UUID),
    moment("last_seen"),
    Column("last_run", UUID),
    # Of the event that decided it so.
    _column("position", BIGINT),
)
# What both sides of linked events and sessions agreed on, a row per record. The view
# ``ledger.field_discrepancies`` shows what is ``listed``, a row per record and field.
FIELD_BASES = _table(
    "field_bases",
    # The bridge record's name in the ledger.
    _column("record", TEXT),
    _column("tutorial", TEXT),
    # By field: {"administrate": …, "tutorial": …}.
    _column("pairs", JSONB),
    # By field: Administrate's value.
    _column("taken_back", JSONB),
    # By field: {"side": …, "administrate": …, "tutorial": …}.
    _column("decided", JSONB),
    # By field: {"kind": …, "base": …, "administrate": …, "tutorial": …, "since": …, "run": …,
    # "position": …}.
    _column("listed", JSONB),
    # Of the event that changed it last.
    _column("position", BIGINT),
)
# Writes with unknown outcome, a row per request.
OPEN_WRITES = _table(
    "open_writes",
    # Of the request's event.
    _column("position", BIGINT),
    Column("run_id", UUID, index=True),
    _column("about", TEXT),
    _column("slot", TEXT),
    _column("operation", TEXT),
    # requested, unanswered or disputed
    _column("state", TEXT),
    _column("ids", JSONB),
    moment("requested_at"),
)
TABLES = (RUNS, DISCREPANCIES, FIELD_BASES, OPEN_WRITES)
