"""Whether what keeps the ledger append-only is as ``migrate`` made it.

See ``ledger/migrations/sql/guard.sql`` and ``append.sql``.
"""

from __future__ import annotations

from typing import Any

import psycopg

# Each row is one deviation. tgtype 58: before each statement that updates, deletes or truncates.
_CHANGED = """
SELECT 'ledger.' || guarded || CASE
        WHEN t.oid IS NULL THEN ' lacks its trigger append_only'
        WHEN t.tgenabled <> 'A' THEN ' has its trigger append_only switched off'
        ELSE ' has another trigger append_only than migrated' END
FROM unnest(ARRAY['events', 'appends', 'blobs', 'personal']) AS guarded
LEFT JOIN pg_trigger t ON t.tgrelid = to_regclass('ledger.' || guarded)
    AND t.tgname = 'append_only' AND NOT t.tgisinternal
WHERE t.oid IS NULL OR t.tgenabled <> 'A' OR t.tgtype <> 58 OR t.tgqual IS NOT NULL
    OR t.tgfoid <> 'ledger.refuse_change'::regproc
UNION ALL
SELECT 'ledger.' || c.relname || ' has a trigger or rule of somebody else: ' || other.name
FROM pg_class c
JOIN (
    SELECT tgrelid AS of_table, tgname AS name FROM pg_trigger
    WHERE NOT tgisinternal AND tgname <> 'append_only'
    UNION ALL SELECT ev_class, rulename FROM pg_rewrite
) AS other ON other.of_table = c.oid
WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind IN ('r', 'p')
    AND c.relname IN ('events', 'appends', 'blobs', 'personal')
UNION ALL
SELECT format('%s belongs to %s, the ledger''s tables to %s', f.oid::regproc,
    pg_get_userbyid(f.proowner), pg_get_userbyid(c.relowner))
FROM pg_proc f, pg_class c
WHERE f.pronamespace = 'ledger'::regnamespace
    AND f.proname IN ('append', 'refusal', 'is_object_of_unique_keys', 'refuse_change')
    AND c.oid = 'ledger.events'::regclass AND f.proowner <> c.relowner
UNION ALL
SELECT f.oid::regproc || ' has another search path than migrated'
FROM pg_proc f
WHERE f.pronamespace = 'ledger'::regnamespace
    AND f.proname IN ('append', 'refusal', 'refuse_change')
    AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY(f.proconfig), false)
UNION ALL
SELECT f.oid::regproc || ' is not run with its owner''s rights'
FROM pg_proc f
WHERE f.pronamespace = 'ledger'::regnamespace AND f.proname = 'append' AND NOT f.prosecdef
"""


def changed_protection(connection: psycopg.Connection[Any]) -> list[str]:
    """The deviations of triggers and functions from those that ``migrate`` makes, in words."""
    return [said for (said,) in connection.execute(_CHANGED).fetchall()]
