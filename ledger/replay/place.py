"""Where tables are rebuilt: in temporary tables beside the current ones, or apart from them.

Where the server is only read, or the role may not make temporary tables, they are rebuilt in the
built-in PostgreSQL, next to a copy of the current ones, in one transaction: nothing stays there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from attrs import frozen

from ledger.database.connection import Database, driver
from ledger.output.lines import complain
from ledger.schema.declared import Table

# The columns of a table with types that any PostgreSQL has: a domain's own, and text for what an
# extension or the database defines.
_COLUMNS = """
SELECT a.attname, CASE WHEN b.typnamespace <> 'pg_catalog'::regnamespace THEN 'text'
    ELSE format_type(b.oid, CASE t.typbasetype WHEN 0 THEN a.atttypmod ELSE t.typtypmod END) END
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    JOIN pg_type b ON b.oid = CASE t.typbasetype WHEN 0 THEN t.oid ELSE t.typbasetype END
WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attname = ANY(%s)
ORDER BY a.attnum
"""


@frozen
class Place:
    """The connection that the ledger is read on, and the one that tables are rebuilt on, as
    ``pg_temp.<table>``; often the same."""

    ledger: psycopg.Connection[Any]
    tables: psycopg.Connection[Any]

    @property
    def apart(self) -> bool:
        """Whether current tables are copied to where tables are rebuilt."""
        return self.tables is not self.ledger

    def current(self, table: Table) -> str:
        """The name of the current table where tables are rebuilt."""
        return f"pg_temp.current_{table.name}" if self.apart else table.fullname

    def copy(self, table: Table) -> None:
        """Copies a current table to where tables are rebuilt, if it is there and not the same."""
        asked = (table.fullname, list(table.names))
        columns = self.ledger.execute(_COLUMNS, asked).fetchall() if self.apart else ()
        if not columns:
            return
        typed = ", ".join(f"{name} {kind}" for name, kind in columns)
        names = ", ".join(name for name, _ in columns)
        self.tables.execute(
            f"CREATE TEMPORARY TABLE current_{table.name} ({typed}) ON COMMIT DROP".encode()
        )
        source = f"COPY (SELECT {names} FROM {table.fullname}) TO STDOUT"
        target = f"COPY {self.current(table)} ({names}) FROM STDIN"
        with (
            self.ledger.cursor() as reading,
            self.tables.cursor() as writing,
            reading.copy(source.encode()) as rows,
            writing.copy(target.encode()) as copied,
        ):
            for some in rows:
                copied.write(some)


def here(connection: psycopg.Connection[Any]) -> Place:
    """Beside the current tables."""
    return Place(connection, connection)


@contextmanager
def place_to_rebuild(database: Database) -> Iterator[Place]:
    """A place as of one moment, beside the current tables where that can be, else apart."""
    with database.snapshot() as connection:
        reader = driver(connection)
        why = why_not_here(reader)
        if why is None:
            yield here(reader)
            return
        complain(
            f"the tables are rebuilt in the built-in PostgreSQL under {database.data_dir}, which"
            f" keeps none of them, since {why}"
        )
        with database.builtin_transaction() as tables:
            yield Place(reader, tables)


def why_not_here(connection: psycopg.Connection[Any]) -> str | None:
    """The reason why a connection cannot make temporary tables; ``None`` where it can."""
    [(standby, read_only, refused, role, name)] = connection.execute(
        "SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on',"
        " NOT has_database_privilege(current_database(), 'TEMPORARY'), quote_ident(current_user),"
        " quote_ident(current_database())"
    ).fetchall()
    if standby:
        return "the server is a standby"
    if read_only:
        return "transactions are read-only (default_transaction_read_only)"
    if refused:
        return (
            f"{role} may not make temporary tables (GRANT TEMPORARY ON DATABASE {name} TO {role})"
        )
    return None
