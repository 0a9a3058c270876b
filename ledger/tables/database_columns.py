"""The columns that the tables of a database have, read from PostgreSQL's catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import psycopg
from attrs import frozen

from ledger.errors import NotMigrated
from ledger.schema import adm

_COLUMNS = """
SELECT n.nspname || '.' || t.relname, a.attname::text,
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
WHERE t.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname || '.' || t.relname = ANY(%s)
ORDER BY t.relname, a.attnum
"""


@frozen
class DatabaseColumn:
    """A column of a table. ``kind`` is its type as PostgreSQL writes it (``character
    varying(50)``), ``base`` the type beneath where that is a domain."""

    kind: str
    base: str
    not_null: bool
    default: str | None
    identity: bool
    generated: bool
    in_key: bool

    @property
    def plain(self) -> str:
        """The type without its length or precision: ``character varying``."""
        return re.sub(r"\(.*?\)", "", self.base)

    @property
    def length(self) -> int | None:
        """The most characters that it holds; None where that is not bounded."""
        bound = re.search(r"\((\d+)\)$", self.kind)
        return int(bound[1]) if bound else None

    @property
    def filled(self) -> bool:
        """Whether a row that is inserted without it has a value there."""
        return self.default is not None or self.identity or self.generated


Columns: TypeAlias = Mapping[str, DatabaseColumn]


def database_columns(reader: psycopg.Connection[Any], tables: Iterable[str]) -> dict[str, Columns]:
    """The columns of those of the tables (``adm.events``) that exist, by table and name."""
    columns: dict[str, dict[str, DatabaseColumn]] = {}
    for table, name, *facts in reader.execute(_COLUMNS, (list(tables),)).fetchall():
        columns.setdefault(table, {})[name] = DatabaseColumn(*facts)
    return {**columns}


def require_bridge_columns(reader: psycopg.Connection[Any]) -> None:
    """Raises ``NotMigrated`` where a table of ``adm`` lacks a column that rows are written to."""
    present = database_columns(reader, adm.BY_NAME)
    missing = [
        f"{name}.{column}"
        for name, table in adm.BY_NAME.items()
        for column in table.by_name
        if column not in present.get(name, {})
    ]
    if missing:
        raise NotMigrated(
            f"the tables of adm lack {len(missing)} columns that they had ({missing[0]}"
            f"{' and others' * (len(missing) > 1)}); run: admsync migrate"
        )
