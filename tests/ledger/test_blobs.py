"""Blobs: stored once by their digest, compressed, and read as what was stored or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.database.connection import driver
from ledger.errors import DatabaseError
from ledger.store.blobs import blob_digest, get_blob, put_blobs
from ledger.store.ledger import Ledger
from tests.ledger.builders import counted
from tests.ledger.forger import fill, forging


@settings(max_examples=25)
@given(contents=st.lists(st.binary(max_size=200), max_size=4))
def test_what_is_stored_is_read_and_stored_once(ledger: Ledger, contents: list[bytes]) -> None:
    with ledger.database.transaction() as connection:
        put_blobs(driver(connection), contents)
        put_blobs(driver(connection), contents)
        stored = [get_blob(driver(connection), blob_digest(content)) for content in contents]
        assert stored == contents
        count = connection.exec_driver_sql("SELECT count(*) FROM ledger.blobs").scalar_one()
        assert count == len(set(contents))
        connection.rollback()


def test_a_page_is_stored_smaller_than_it_is(ledger: Ledger) -> None:
    page = b'{"id": "VmVudWU6Nw=="}' * 1000
    ledger.append([], blobs=[page])
    with ledger.database.transaction() as connection:
        size = connection.exec_driver_sql("SELECT length(content) FROM ledger.blobs").scalar_one()
    assert size < len(page) / 20


def test_what_was_never_stored_is_none(ledger: Ledger) -> None:
    with ledger.database.transaction() as connection:
        assert get_blob(driver(connection), blob_digest(b"never")) is None
    assert counted(ledger, "ledger.blobs") == 0


@pytest.mark.parametrize("damage", ["''", "content || 'x'", "set_byte(content, 0, 0)"])
def test_what_was_damaged_is_not_read(ledger: Ledger, damage: str) -> None:
    fill(ledger)
    with forging(ledger) as forger:
        forger.does(f"UPDATE ledger.blobs SET content = {damage}")
        digest = forger.value("SELECT digest FROM ledger.blobs LIMIT 1")
        with pytest.raises(DatabaseError, match=f"{digest.hex()} are not what was stored"):
            get_blob(forger.connection, digest)
