"""Appends with SQL, as a role may that the function was granted to: what no event class wrote."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from ledger.store.ledger import Ledger

UNIT = "\x1f"
# Two events as ``ledger.append`` takes them, column by column.
GOOD: Mapping[str, tuple[str, ...]] = {
    "streams": ("a/1", "a/1"),
    "ordinals": ("1", "2"),
    "subjects": ("a/1", "a/1"),
    "types": ("Later", "Later"),
    "schema_versions": ("7", "1"),
    "causes": ("", ""),
    "payloads": ("{}", '{"a":{"b":1}}'),
}


def append(ledger: Ledger, *, actor: str = "by hand", **changed: tuple[str, ...]) -> None:
    """Appends two events, some of their columns changed."""
    columns = {**GOOD, **changed}
    values = [UNIT.join(column) for column in columns.values()]
    ids = UNIT.join(str(uuid4()) for _ in columns["streams"])
    with ledger.database.session() as connection:
        connection.execute(
            "SELECT ledger.append(%s, %s, %s, %s, %s, %s, %s, %s, %s, NULL)",
            (ids, *values, actor),
        )


def append_one(ledger: Ledger, kind: str, version: int, payload: str, record: str) -> None:
    """Appends one event about a record."""
    append(
        ledger,
        streams=(record,),
        ordinals=("1",),
        subjects=(record,),
        types=(kind,),
        schema_versions=(str(version),),
        causes=("",),
        payloads=(payload,),
    )
