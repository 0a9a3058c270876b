"""Columns of adm that another program dropped."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from ledger.errors import NotMigrated
from ledger.migrations.shapes.columns import missing_columns
from ledger.migrations.shapes.found import columns_found
from ledger.tables import adm


def require_bridge_columns(connection: Connection) -> None:
    """Raises ``NotMigrated`` where a table of adm lacks a column that rows are written to."""
    lost = list(_lost(connection))
    if lost:
        raise NotMigrated(
            f"the tables of adm lack {len(lost)} columns that they had ({lost[0]}"
            f"{' and others' * (len(lost) > 1)}); run: admsync migrate"
        )


def _lost(connection: Connection) -> Iterator[str]:
    there = columns_found(connection, *adm.BY_NAME)
    for name, table in adm.BY_NAME.items():
        yield from (f"{name}.{column}" for column in missing_columns(table, there.get(name, {})))
