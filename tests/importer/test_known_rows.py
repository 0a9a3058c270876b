"""What a sync reads of the ledger's history of rows: the events since the last one, however old
the ledger is."""

from __future__ import annotations

from pathlib import Path

from ledger.store.append import head
from tests.importer.company import Company
from tests.importer.imported_events import ids, imported, proven, synced
from tests.ledger.known_rows import assert_known_rows

FOLLOWED = {
    *("adm.events", "adm.sessions", "acted.tutorial_events", "acted.tutorial_sessions"),
    "acted.tutorial_session_instructors",
}


def positions(company: Company) -> dict[str, int]:
    """Up to which position the rows of each table are kept."""
    with company.database.driver_transaction() as connection:
        query = "SELECT table_name, position FROM ledger.known_tables"
        return dict(connection.execute(query).fetchall())


def test_a_sync_leaves_the_next_nothing_to_read_but_what_has_happened_since(
    company: Company, tmp_path: Path
) -> None:
    imported(company, tmp_path)
    for places in (20, 21, 22):
        company.control.edit(ids(company)[0], maxPlaces=places)
        with company.database.driver_transaction() as connection:
            before = head(connection)[0]
        synced(company)
        kept = positions(company)
        assert kept.keys() >= FOLLOWED
        assert all(kept[name] >= before for name in FOLLOWED), (before, kept)
    assert_known_rows(company.database)
    proven(company)


def test_where_nothing_is_kept_all_events_are_read(company: Company, tmp_path: Path) -> None:
    imported(company, tmp_path)
    synced(company)
    with company.database.driver_transaction() as connection:
        connection.execute("DELETE FROM ledger.known_rows")
        connection.execute("UPDATE ledger.known_tables SET columns = '{id}'")
    company.control.edit(ids(company)[0], maxPlaces=20)
    assert synced(company)["events"]["counts"]["updated"] == 1
    assert_known_rows(company.database)
    proven(company)
