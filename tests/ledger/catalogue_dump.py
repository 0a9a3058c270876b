"""What a database holds, as plain values that can be compared: its tables' shape and its rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

_COLUMNS = """
SELECT c.table_schema, c.table_name, c.column_name, c.data_type, c.udt_name,
    c.character_maximum_length, c.numeric_precision, c.numeric_scale, c.is_nullable,
    regexp_replace(c.column_default, '''.*''', 'sequence'), c.is_identity
FROM information_schema.columns c WHERE c.table_schema = ANY(:schemas)
"""
_CONSTRAINTS = """
SELECT n.nspname, t.relname, pg_get_constraintdef(c.oid), c.condeferrable, c.condeferred
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n
    ON n.oid = t.relnamespace WHERE n.nspname = ANY(:schemas) AND c.contype <> 'n'
"""
_INDEXES = """
SELECT schemaname, tablename, regexp_replace(indexdef, 'INDEX \\S+ ON', 'INDEX ON')
FROM pg_indexes WHERE schemaname = ANY(:schemas)
"""
_REST = """
SELECT n.nspname, t.relname, pg_get_triggerdef(g.oid), g.tgenabled::text
FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid JOIN pg_namespace n
    ON n.oid = t.relnamespace WHERE n.nspname = ANY(:schemas) AND NOT g.tgisinternal
UNION ALL
SELECT n.nspname, p.proname, pg_get_functiondef(p.oid), p.proacl::text
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ANY(:schemas)
"""


def shape(connection: Connection, *schemas: str) -> dict[str, set[tuple[Any, ...]]]:
    """Columns, constraints, indexes, triggers and functions, without the names they go by."""
    queries = {
        "columns": _COLUMNS,
        "constraints": _CONSTRAINTS,
        "indexes": _INDEXES,
        "rest": _REST,
    }
    return {
        name: {tuple(row) for row in connection.execute(text(query), {"schemas": list(schemas)})}
        for name, query in queries.items()
    }


def rows(connection: Connection, *schemas: str) -> dict[str, list[Any]]:
    """Every row of every table, as PostgreSQL writes it as text."""
    tables = connection.execute(
        text(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname = ANY(:schemas) ORDER BY 1"
        ),
        {"schemas": list(schemas)},
    ).scalars()
    return {
        table: sorted(connection.exec_driver_sql(f"SELECT t::text FROM {table} t").scalars())
        for table in tables.all()
    }
