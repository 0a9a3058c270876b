"""The privileges of a role that runs the program, granted and checked.

``ledger/migrations/sql/privileges.sql`` lists them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from ledger.migrations import sql_script
from ledger.schema import adm

_ROLE = ':"role"'
_GRANT = re.compile(
    r"GRANT (?P<privileges>[A-Z, ]+?)(?: \((?P<columns>[a-z_, ]+)\))?"
    r" ON (?P<kind>SCHEMA|ALL TABLES IN SCHEMA|TABLE|FUNCTION"
    rf"|ALL SEQUENCES IN SCHEMA)\s+(?P<names>[a-z_.,\s]+) TO {_ROLE};"
)

# One row a privilege that is missing. A sequence is asked for its own privilege only where it is
# behind a column of a table that rows are added to, and no identity's.
_MISSING = """
WITH granted AS (
    SELECT * FROM unnest(%(privileges)s::text[], %(kinds)s::text[], %(names)s::text[],
        %(columns)s::text[]) AS granted (privilege, kind, name, columns)
), tables AS (
    SELECT DISTINCT c.oid, format('%%s.%%s', n.nspname, c.relname) AS name, n.nspname, privilege,
        columns
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN granted ON (kind = 'ALL TABLES IN SCHEMA' AND granted.name = n.nspname)
        OR (kind = 'TABLE' AND granted.name = format('%%s.%%s', n.nspname, c.relname))
    WHERE c.relkind IN ('r', 'p')
)
SELECT string_agg(concat_ws(' ', privilege, columns), ', ' ORDER BY privilege) || ' on ' || name
FROM tables WHERE NOT has_table_privilege(%(role)s, oid, privilege) AND (columns IS NULL
    OR NOT (SELECT bool_and(has_column_privilege(%(role)s, tables.oid, a.attnum, privilege))
        FROM pg_attribute a WHERE attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
            AND attname = ANY(string_to_array(btrim(columns, '()'), ', '))))
GROUP BY name
UNION ALL
SELECT privilege || ' on schema ' || nspname
FROM granted JOIN pg_namespace n ON kind = 'SCHEMA' AND nspname = name
WHERE NOT has_schema_privilege(%(role)s, n.oid, privilege)
UNION ALL
SELECT privilege || ' on ' || p.oid::regproc
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN granted ON kind = 'FUNCTION' AND name = format('%%s.%%s', n.nspname, p.proname)
WHERE NOT has_function_privilege(%(role)s, p.oid, privilege)
UNION ALL
SELECT granted.privilege || ' on ' || s.oid::regclass
FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
JOIN tables t ON t.oid = d.refobjid AND t.privilege = 'INSERT'
JOIN granted ON kind = 'ALL SEQUENCES IN SCHEMA' AND granted.name = t.nspname
WHERE d.deptype = 'a' AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
    -- Not of what the join leaves out: the server may ask for it before.
    AND CASE WHEN s.relkind = 'S'
        THEN NOT has_sequence_privilege(%(role)s, s.oid, granted.privilege) END
ORDER BY 1
"""

# The privileges for ``migrate``: to create schemas and tables, to alter the tables of adm (perhaps
# still misplaced in public), and to reference those of acted.
_MISSING_TO_MIGRATE = """
SELECT 'CREATE on the database ' || current_database()
WHERE NOT has_database_privilege(current_database(), 'CREATE')
    AND 3 > (SELECT count(*) FROM pg_namespace WHERE nspname IN ('ledger', 'adm', 'acted'))
UNION ALL
SELECT 'CREATE on the schema ' || nspname FROM pg_namespace
WHERE nspname IN ('ledger', 'adm') AND NOT has_schema_privilege(oid, 'CREATE')
UNION ALL
SELECT 'USAGE on the schema ' || nspname FROM pg_namespace
WHERE nspname = 'acted' AND NOT has_schema_privilege(oid, 'USAGE')
UNION ALL
SELECT 'the ownership of ' || c.oid::regclass
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT pg_has_role(c.relowner, 'USAGE')
    AND (n.nspname || '.' || c.relname = ANY(%(bridge)s)
        OR n.nspname = 'public' AND c.relname = ANY(%(bridge)s))
UNION ALL
SELECT concat_ws(', ',
        CASE WHEN NOT has_table_privilege(c.oid, 'REFERENCES') THEN 'REFERENCES' END,
        CASE WHEN NOT has_table_privilege(c.oid, 'SELECT') THEN 'SELECT' END)
    || ' on ' || c.oid::regclass
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname || '.' || c.relname = ANY(%(referred)s)
    AND NOT (has_table_privilege(c.oid, 'REFERENCES') AND has_table_privilege(c.oid, 'SELECT'))
"""


class Grant(NamedTuple):
    """One privilege on one thing: a schema, everything in one, a table or a function; of a table,
    perhaps on some ``columns`` alone, as in ``(id, first_name)``."""

    privilege: str
    kind: str
    name: str
    columns: str | None = None


def grants() -> Iterator[Grant]:
    """The grants of ``privileges.sql``, one by one."""
    for found in _GRANT.finditer(sql_script("privileges.sql")):
        for privilege in found["privileges"].split(", "):
            for name in re.split(r",\s+", found["names"]):
                columns = found["columns"] and f"({found['columns']})"
                yield Grant(privilege, found["kind"], name, columns)


def grant(connection: psycopg.Connection[Any], role: str) -> None:
    """Grants a role the privileges of ``privileges.sql``."""
    name = sql.Identifier(role).as_string(connection)
    connection.execute(sql_script("privileges.sql").replace(_ROLE, name).encode())


def read_only(connection: psycopg.Connection[Any]) -> str | None:
    """The reason why a connection is read-only, with its remedy; None where it is not."""
    row = connection.execute(
        "SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on',"
        " current_setting('session_replication_role') <> 'origin'"
    ).fetchone()
    assert row is not None  # noqa: S101 - a query without FROM has one row
    standby, read_only_transactions, no_triggers = row
    if standby:
        return "the server is a standby, which is only read; name the primary"
    if read_only_transactions:
        return (
            "transactions are read-only (default_transaction_read_only is on, for the server, the"
            " database or the role); set it off for the role: ALTER ROLE … SET"
            " default_transaction_read_only = off"
        )
    if no_triggers:
        return (
            "session_replication_role is not origin, so that the triggers that guard the ledger do"
            " not fire; reset it for the role"
        )
    return None


def missing_privileges(connection: psycopg.Connection[Any], role: str | None = None) -> list[str]:
    """The privileges that a role, by default the connection's, lacks for a sync or an import, each
    as ``INSERT on TABLE``; that to append, without which there is no run at all, first."""
    listed = map(list, zip(*grants(), strict=True))
    asked: dict[str, object] = dict(
        zip(("privileges", "kinds", "names", "columns"), listed, strict=True)
    )
    if role is None:
        [(role,)] = connection.execute("SELECT current_user").fetchall()
    found = connection.execute(_MISSING, {**asked, "role": role}).fetchall()
    missing = [str(privilege) for (privilege,) in found]
    return sorted(missing, key=lambda privilege: not privilege.startswith("EXECUTE"))


def granted_roles(connection: psycopg.Connection[Any]) -> list[str]:
    """The roles beside the owner that may append: those that ``grant`` was called for."""
    found = connection.execute(
        "SELECT DISTINCT r.rolname FROM pg_proc p CROSS JOIN LATERAL aclexplode(p.proacl) a"
        " JOIN pg_roles r ON r.oid = a.grantee"
        " WHERE p.oid = 'ledger.append'::regproc AND a.grantee <> p.proowner ORDER BY 1"
    )
    return [str(role) for (role,) in found.fetchall()]


def missing_to_migrate(connection: psycopg.Connection[Any]) -> list[str]:
    """The privileges that the role lacks to migrate, each as ``CREATE on the schema adm``."""
    referred = [name for table in adm.BY_NAME if (name := adm.linked_table(table)) is not None]
    tables = {"bridge": list(adm.BY_NAME), "referred": [str(name) for name in referred]}
    return [str(lack) for (lack,) in connection.execute(_MISSING_TO_MIGRATE, tables).fetchall()]
