"""Replay: compares the tables rebuilt from the ledger with the database's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import psycopg
from attrs import evolve, frozen

from ledger.database.connection import Database
from ledger.events import CATALOGUE, Catalogue
from ledger.projections import PROJECTORS, Projector, in_shape
from ledger.replay.place import Place, place_to_rebuild
from ledger.replay.rebuild import existing_columns, rebuild
from ledger.schema import adm
from ledger.schema.adm import link_name, linked_table
from ledger.schema.declared import JSONB, Table
from ledger.store.append import head
from ledger.store.bridge_rows import others_ids
from ledger.store.tutorial_shape import present_tables

# Columns that the web application stamps with the time of any change.
STAMPS = frozenset({"updated_at"})
# How many differing rows of a table are listed; all of them are counted.
DETAILED = 100


@frozen
class Difference:
    """A value in the database that differs from the ledger's.

    ``column`` is ``None`` where the whole row is missing from the table (``stands`` is ``None``)
    or unknown to the ledger (``ledger`` is ``None``); then the other side is the whole row.
    """

    table: str
    key: str
    column: str | None
    ledger: Any
    stands: Any


@frozen
class Replayed:
    """The result of a replay: its position, how many rows differ, and the first of them.

    ``others`` are the first rows of each bridge table that another writer made and that have no
    event in the ledger: not a difference, since the next sync of their entity records them.

    ``edited`` are what the web application changed in rows made here, a deleted row as a whole, and
    the links to rows that it deleted: no damage, and an event once a sync has seen it.
    """

    position: int
    rows: dict[str, int]
    differences: tuple[Difference, ...]
    edited: tuple[Difference, ...] = ()
    others: tuple[Difference, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.rows


def replay(
    database: Database,
    *,
    projectors: Sequence[Projector] = PROJECTORS,
    catalogue: Catalogue = CATALOGUE,
) -> Replayed:
    """Rebuilds every projected table from the whole ledger and compares it with the database."""
    with place_to_rebuild(database) as place:
        position, _ = head(place.ledger)
        rebuild(place, position, projectors, catalogue)
        return compared(place, position, comparable(place.ledger, projectors, catalogue))


def comparable(
    reader: psycopg.Connection[Any],
    projectors: Sequence[Projector],
    catalogue: Catalogue = CATALOGUE,
) -> Sequence[Projector]:
    """The projectors without the columns that the web application's migrations dropped since the
    ledger last recorded its tables, and without tables that were never written."""
    tables = present_tables(reader, catalogue)
    return [
        evolve(one, tables=tuple(t for t in one.tables if len(t.columns) > 1))
        if one.shared
        else one
        for one in in_shape(projectors, tables)
    ]


def compared(place: Place, position: int, projectors: Sequence[Projector]) -> Replayed:
    """The tables rebuilt there, compared with the database's."""
    rows: dict[str, int] = {}
    differences: list[Difference] = []
    edited: list[Difference] = []
    others: list[Difference] = []
    for projector in projectors:
        for table in projector.tables:
            names = _comparable_columns(place, table)
            if projector.shared:
                edited += _edited(place, table, names)
                continue
            if not (names := [name for name in names if not table.by_name[name].lived_on]):
                continue
            foreign = _others(place, table) if table in adm.TABLES else set()
            if foreign:
                others += _shown(place, table, _these(place, table, foreign), names)
            link = link_name(table.fullname)
            unlinked = _unlinked(place, table, link) if link in names else set()
            if link is not None and unlinked:
                edited += _shown(place, table, _these(place, table, unlinked), [link])
            parts = [(names, _differing(place, table, names, but_for=foreign | unlinked))]
            if rest := [name for name in names if unlinked and name != link]:
                parts.append((rest, _differing(place, table, rest, of=unlinked)))
            for told, differing in parts:
                if found := _count(place, differing):
                    rows[table.fullname] = rows.get(table.fullname, 0) + found
                    differences += _shown(place, table, differing, told)
    return Replayed(position, rows, tuple(differences), tuple(edited), tuple(others))


def _count(place: Place, differing: str) -> int:
    [(found,)] = place.tables.execute(f"SELECT count(*) FROM ({differing}) AS rows").fetchall()
    return int(found)


def _edited(place: Place, table: Table, names: Sequence[str]) -> Iterator[Difference]:
    """What the web application changed in the rows made here; personal values are not told, nor
    what it stamps."""
    told = [name for name in names if name not in STAMPS and not table.by_name[name].personal]
    return _shown(place, table, _differing(place, table, told, shared=True), told)


def _comparable_columns(place: Place, table: Table) -> Sequence[str]:
    """The existing columns in which a table is compared, since another program may have dropped
    some; none of a bridge table that is missing and was never written."""
    there = existing_columns(place, table) if table in adm.TABLES else set(table.names)
    if there:
        return [name for name in table.names if name in there]
    written = place.tables.execute(f"SELECT FROM pg_temp.{table.name} LIMIT 1").fetchone()
    return () if written is None else table.names


def _others(place: Place, table: Table) -> set[int]:
    """The primary keys of the bridge table's rows that another writer made."""
    unknown = place.tables.execute(
        f"SELECT id FROM {place.current(table)} WHERE id NOT IN"
        f" (SELECT id FROM pg_temp.{table.name})"
    )
    return others_ids(place.ledger, table.fullname, [row_id for (row_id,) in unknown.fetchall()])


def _unlinked(place: Place, table: Table, link: str) -> set[int]:
    """The bridge rows whose tutorial record the web application deleted, which took the link away:
    they point to nothing."""
    rows = place.tables.execute(
        f"SELECT id, ours.{link} FROM {place.current(table)} stands"
        f" JOIN pg_temp.{table.name} ours USING (id)"
        f" WHERE stands.{link} IS NULL AND ours.{link} IS NOT NULL"
    )
    pointed = dict(rows.fetchall())
    if not pointed:
        return set()  # nor need the tutorial table be there
    there = place.ledger.execute(
        f"SELECT id FROM {linked_table(table.fullname)} WHERE id = ANY(%s)",
        (list(pointed.values()),),
    )
    deleted = set(pointed.values()) - {row_id for (row_id,) in there.fetchall()}
    return {row_id for row_id, one in pointed.items() if one in deleted}


def _these(place: Place, table: Table, ids: Collection[int]) -> str:
    return f"SELECT id FROM {place.current(table)} WHERE id = ANY({array(ids)})"


def array(ids: Collection[int]) -> str:
    return f"'{{{','.join(map(str, sorted(ids)))}}}'::bigint[]"


def _differing(
    place: Place,
    table: Table,
    names: Sequence[str],
    *,
    shared: bool = False,
    but_for: Collection[int] = (),
    of: Collection[int] | None = None,
) -> str:
    """The query for the keys of rows that differ in these columns. Of a shared table, only the rows
    in the ledger are compared; of any other table all rows ``but_for`` some, or those ``of`` it."""
    columns = ", ".join(compared_as(table, name) for name in names)
    compared = "true"
    if shared:
        compared = f"{table.key} IN (SELECT {table.key} FROM pg_temp.{table.name})"
    elif of is not None:
        compared = f"{table.key} = ANY({array(of)})"
    elif but_for:
        compared = f"{table.key} <> ALL({array(but_for)})"
    standing = f"(SELECT {columns} FROM {place.current(table)} WHERE {compared})"
    rebuilt_ = f"(SELECT {columns} FROM pg_temp.{table.name} WHERE {compared})"
    return (
        f"SELECT {table.key} FROM"
        f" (({standing} EXCEPT {rebuilt_}) UNION ALL ({rebuilt_} EXCEPT {standing})) AS either"
        f" GROUP BY {table.key}"
    )


def compared_as(table: Table, name: str) -> str:
    """The SQL for comparing the column's value: type json has no equality."""
    return f"{name}::jsonb" if table.by_name[name].kind == JSONB else name


def _shown(
    place: Place, table: Table, differing: str, names: Sequence[str]
) -> Iterator[Difference]:
    name = table.fullname
    found = place.tables.execute(
        f"SELECT k.{table.key}, to_jsonb(ours), to_jsonb(stands)"
        f" FROM ({differing} ORDER BY 1 LIMIT {DETAILED}) AS k"
        f" LEFT JOIN pg_temp.{table.name} AS ours USING ({table.key})"
        f" LEFT JOIN {place.current(table)} AS stands USING ({table.key}) ORDER BY 1"
    )
    for key, ours, stands in found.fetchall():
        if ours is None or stands is None:
            yield Difference(name, str(key), None, ours, stands)
            continue
        for column in names:
            if ours[column] != stands[column]:
                yield Difference(name, str(key), column, ours[column], stands[column])
