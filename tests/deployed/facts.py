"""What a database's tables are: columns and constraints, in words that compare."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import psycopg

Facts: TypeAlias = dict[str, dict[str, Any]]

_COLUMNS = """
SELECT n.nspname || '.' || t.relname, a.attname::text, format_type(a.atttypid, a.atttypmod),
    a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
    CASE a.attidentity WHEN 'd' THEN 'by default' WHEN 'a' THEN 'always' END
FROM pg_attribute a
JOIN pg_class t ON t.oid = a.attrelid AND t.relkind = 'r'
JOIN pg_namespace n ON n.oid = t.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
WHERE n.nspname = ANY(%s) AND a.attnum > 0 AND NOT a.attisdropped
"""
_CONSTRAINTS = """
SELECT n.nspname || '.' || t.relname, pg_get_constraintdef(c.oid)
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = ANY(%s) AND c.contype <> 'n' ORDER BY 1, 2
"""


def facts_of(connection: psycopg.Connection[Any], *schemas: str, constraints: bool = True) -> Facts:
    """Each table of the schemas (adm, acted and public unless said): its columns, one text each
    (``bigint not null identity by default``), and its constraints."""
    names = list(schemas or ("acted", "adm", "public"))
    facts: Facts = {}
    for table, column, kind, required, default, identity in connection.execute(_COLUMNS, [names]):
        said = kind + " not null" * required
        said += f" identity {identity}" if identity else ""
        said += f" default {default}" if default else ""
        facts.setdefault(table, {"columns": {}, "constraints": []})["columns"][column] = said
    if constraints:
        for table, said in connection.execute(_CONSTRAINTS, [names]):
            # Named from here, whatever search_path says.
            facts[table]["constraints"].append(re.sub(r"\bpublic\.", "", said))
    return facts
