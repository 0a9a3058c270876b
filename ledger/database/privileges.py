"""What a role must be allowed for a run to be able to write, compared with what it is."""

from __future__ import annotations

from typing import Any

import psycopg

from ledger.tables import LEDGER_PROJECTIONS, acted

_MADE = tuple(
    f"acted.{one.name}" for one in (acted.EVENTS, acted.SESSIONS, acted.SESSION_INSTRUCTORS)
)
_WRITTEN = (*_MADE, *(table.fullname for table in LEDGER_PROJECTIONS))
_ADDED_TO = ("ledger.blobs", "ledger.personal")

# One row a privilege that is missing. A sequence behind a column is asked for its own privilege
# only where it is no identity.
_MISSING = """
WITH tables AS (
    SELECT c.oid, format('%%s.%%s', n.nspname, c.relname) AS name, n.nspname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('ledger', 'adm', 'acted')
), needed AS (
    SELECT oid, name, 'SELECT' AS privilege FROM tables
    UNION ALL SELECT oid, name, 'INSERT' FROM tables WHERE name = ANY(%(added_to)s)
    UNION ALL SELECT oid, name, privilege
    FROM tables CROSS JOIN unnest(ARRAY['INSERT', 'UPDATE', 'DELETE']) AS privilege
    WHERE nspname = 'adm' OR name = ANY(%(written)s)
)
SELECT string_agg(privilege, ', ' ORDER BY privilege) || ' on ' || name
FROM needed WHERE NOT has_table_privilege(oid, privilege) GROUP BY name
UNION ALL
SELECT 'EXECUTE on ' || p.oid::regproc
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'ledger' AND p.proname = 'append' AND NOT has_function_privilege(p.oid, 'EXECUTE')
UNION ALL
SELECT 'USAGE on ' || s.oid::regclass
FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
JOIN tables t ON t.oid = d.refobjid
WHERE d.deptype = 'a' AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
    AND (t.nspname = 'adm' OR t.name = ANY(%(made)s))
    -- Not of what the join leaves out: the server may ask for it before.
    AND CASE WHEN s.relkind = 'S' THEN NOT has_sequence_privilege(s.oid, 'USAGE') END
ORDER BY 1
"""


def read_only(connection: psycopg.Connection[Any]) -> str | None:
    """Why nothing can be written on a connection, and what to do; None where it can."""
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


def missing_privileges(connection: psycopg.Connection[Any]) -> list[str]:
    """The privileges that the role lacks for a sync or an import, each as ``INSERT on TABLE``;
    that to append, without which there is no run at all, first."""
    tables = {"written": list(_WRITTEN), "made": list(_MADE), "added_to": list(_ADDED_TO)}
    rows = connection.execute(_MISSING, tables)
    missing = [str(privilege) for (privilege,) in rows.fetchall()]
    return sorted(missing, key=lambda privilege: not privilege.startswith("EXECUTE"))
