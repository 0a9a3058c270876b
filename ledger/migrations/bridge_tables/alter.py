"""ALTER TABLE on an adopted table; an error names the column, and the view or rows in the way."""

from __future__ import annotations

import psycopg
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from ledger.errors import DatabaseError
from ledger.schema.declared import Table

_VIEWS = """
SELECT DISTINCT CASE c.relkind WHEN 'm' THEN 'materialized view ' ELSE 'view ' END
    || c.oid::regclass
FROM pg_depend d
JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
JOIN pg_class c ON c.oid = r.ev_class
JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = to_regclass(:table)
    AND a.attname = :column AND c.oid <> d.refobjid ORDER BY 1
"""


def alter(connection: Connection, table: Table, change: str, *, column: str | None = None) -> None:
    """Alters a table; ``column`` is the one whose type or values the change is about.

    Raises ``DatabaseError`` naming table and column, and the view or the values in the way.
    """
    statement = f'ALTER TABLE {table.schema}."{table.name}" {change}'
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement.replace("%", "%%"))
    except DBAPIError as problem:
        original = problem.orig
        if not isinstance(original, psycopg.Error) or isinstance(
            original, psycopg.errors.InsufficientPrivilege | psycopg.OperationalError
        ):
            raise
        raise DatabaseError(_advice(connection, table, column, original)) from problem


def _advice(
    connection: Connection, table: Table, column: str | None, problem: psycopg.Error
) -> str:
    name = f"{table.fullname}.{column}" if column else table.fullname
    message = problem.diag.message_primary or str(problem)
    named = {"table": table.fullname, "column": column}
    views = connection.execute(text(_VIEWS), named).scalars().all()
    if views:
        return (
            f"{name} cannot be changed while the {' and the '.join(views)} reads it ({message});"
            " drop what reads it, migrate again, then make it anew"
        )
    detail = f" ({problem.diag.message_detail})" if problem.diag.message_detail else ""
    of_rows = isinstance(problem, psycopg.IntegrityError | psycopg.DataError)
    mend = "mend those rows" if of_rows else "put that right"
    return f"{name} cannot be taken over as it stands: {message}{detail}; {mend} and migrate again"
