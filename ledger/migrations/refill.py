"""Refills columns of adm that the web application's migrations dropped, from the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from ledger.database.connection import driver
from ledger.replay.rebuild import rebuilt
from ledger.store.append import head
from ledger.tables import adm


def refill(connection: Connection, added: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Sets the restored columns to the ledger's values; returns the number of filled rows by table.

    Other columns of the rows are unchanged.
    """
    position, _ = head(driver(connection))
    if not added or not position:
        return {}
    filled = {}
    with rebuilt(connection, position):
        for table in adm.TABLES:
            names = added.get(table.fullname, ())
            if not names:
                continue
            columns = ", ".join(names)
            ours = ", ".join(f"ours.{name}" for name in names)
            done = connection.execute(
                text(
                    f"UPDATE {table.fullname} AS stands SET ({columns}) = ROW({ours})"
                    f" FROM pg_temp.{table.name} AS ours WHERE ours.id = stands.id"
                    f" AND num_nonnulls({ours}) > 0"
                )
            )
            if done.rowcount:
                filled[table.fullname] = done.rowcount
    return filled
