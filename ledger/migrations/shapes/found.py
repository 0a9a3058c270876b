"""The columns that a database's tables have, read from the catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from attrs import frozen
from sqlalchemy import Connection, text

_COLUMNS = """
SELECT n.nspname || '.' || t.relname, t.relkind::text, a.attname::text,
    format_type(a.atttypid, a.atttypmod),
    CASE k.typtype WHEN 'd' THEN format_type(k.typbasetype, k.typtypmod)
        ELSE format_type(a.atttypid, a.atttypmod) END,
    a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity <> '', a.attgenerated <> '',
    EXISTS (SELECT FROM pg_index i
        WHERE i.indrelid = t.oid AND i.indisprimary AND a.attnum = ANY(i.indkey))
FROM pg_class t
JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type k ON k.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
WHERE t.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname || '.' || t.relname = ANY(:tables)
ORDER BY t.relname, a.attnum
"""


@frozen
class FoundColumn:
    """A column that is there. ``kind`` is its type as PostgreSQL writes it (``character
    varying(50)``), ``base`` the type beneath where that is a domain."""

    kind: str
    base: str
    required: bool
    default: str | None
    identity: bool
    generated: bool
    in_key: bool

    @property
    def plain(self) -> str:
        """The type without its length or precision: ``character varying``."""
        return re.sub(r"\(.*?\)", "", self.base)


Columns: TypeAlias = Mapping[str, FoundColumn]


def columns_found(connection: Connection, *tables: str) -> dict[str, dict[str, FoundColumn]]:
    """The columns of those of the tables (``adm.events``) that are there, in their order."""
    found: dict[str, dict[str, FoundColumn]] = {}
    rows = connection.execute(text(_COLUMNS), {"tables": list(tables)})
    for table, _, column, *facts in rows:
        found.setdefault(table, {})[column] = FoundColumn(*facts)
    return found


def not_tables(connection: Connection, *tables: str) -> list[str]:
    """Those of the names that something other than a table goes by."""
    rows = connection.execute(text(_COLUMNS), {"tables": list(tables)})
    return sorted({name for name, kind, *_ in rows if kind not in ("r", "p")})
