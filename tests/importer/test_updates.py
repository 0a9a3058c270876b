"""An edited workbook of imported events: cell by cell against both systems, carried out, undone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.schema import acted, adm
from tests.importer.company import (
    Company,
    Say,
    a_workbook,
    an_own_event,
    an_own_lms_event,
    an_own_session,
)
from tests.importer.imported_events import (
    FAR,
    changes,
    ids,
    imported,
    listed,
    proven,
    sessions_of,
    synced,
    tutorial_ids,
    write,
)
from tests.importer.rows import TypedRow


@pytest.fixture
def known(company: Company, tmp_path: Path) -> Company:
    """Three imported events, synced."""
    imported(company, tmp_path)
    synced(company)
    company.control.forget()
    return company


def flat(printed: str) -> str:
    """What was printed as one line, wherever it was wrapped."""
    return " ".join(printed.split())


def edited(folder: Path, event: dict[str, Any], session: dict[str, Any] | None = None) -> str:
    """The imported workbook, with cells of event A and of its second session typed over."""
    rows: list[TypedRow] = [
        an_own_event(
            "A",
            **{
                "lms_end_date": FAR,
                "event_url": "https://example.com/a",
                "web_sale": "Y",
                **event,
            },
        ),
        an_own_session("A", 2, **{"session_url": "https://example.com/a2", **(session or {})}),
        an_own_event("B", lms_end_date=FAR),
        an_own_session("B", 2, session_instructor="Delphine Kirkbride / Gareth Fairweather"),
        an_own_lms_event("C", lms_end_date=FAR),
    ]
    return str(a_workbook(folder, *rows))


def there(company: Company, key: str) -> dict[str, Any]:
    kinds = ("Event", "Session")
    return next(
        dict(one) for kind in kinds for one in company.control.dump(kind) if one["id"] == key
    )


def test_changed_cells_are_carried_out_in_both_systems(
    known: Company, say: Say, tmp_path: Path
) -> None:
    a = ids(known)[0]
    days = dict(known.rows(adm.SESSIONS, "external_id", "day_number"))
    [second] = [one for one in sessions_of(known, a) if days.get(one) == 2]
    [before] = [
        seats for code, seats in known.rows(acted.EVENTS, "code", "remain_space") if code == "A"
    ]
    path = edited(
        tmp_path,
        {"max_places": 20, "lms_end_date": date(2099, 7, 4), "web_sale": "N"},
        {"session_url": "https://example.com/new", "classroom_end_time": "13:30"},
    )
    planned = flat(say("import-events", path, "--update", "--dry-run"))
    assert "Max places 14 → 20: carried out" in planned
    assert known.changes() == []
    say("import-events", path, "--update", "--yes")
    assert there(known, a)["maxPlaces"] == 20
    assert there(known, a)["lmsEnd"].startswith("2099-07-04")
    assert there(known, second)["end"].endswith("13:30:00")
    rows = {row[0]: row[1:] for row in known.rows(acted.EVENTS, "code", "remain_space", "end_date")}
    assert rows["A"] == (before + 6, date(2099, 7, 4))
    assert "https://example.com/new" in {url for (url,) in known.rows(acted.SESSIONS, "url")}
    assert listed(known) == {}
    proven(known)
    for step in changes(synced(known)).values():
        assert "applied" not in step
        assert "out of step" not in step
    assert listed(known) == {}
    known.control.forget()
    again = flat(say("import-events", path, "--update", "--yes"))
    assert "both systems hold it already" in again
    assert known.changes() == []


def test_a_cell_that_a_system_has_changed_meanwhile_is_a_conflict(
    known: Company, say: Say, tmp_path: Path
) -> None:
    a = ids(known)[0]
    known.control.edit(a, lmsEnd="2099-08-01T00:00:00")
    path = edited(tmp_path, {"lms_end_date": date(2099, 7, 4), "max_places": 9})
    printed = flat(say("import-events", path, "--update", "--yes", code=4))
    assert "conflict: Administrate holds 2099-07-31" in printed
    assert there(known, a)["lmsEnd"].startswith("2099-08-01")
    assert there(known, a)["maxPlaces"] == 9
    proven(known)


def test_a_cell_as_it_was_imported_changes_nothing_where_a_system_has_moved_on(
    known: Company, say: Say, tmp_path: Path
) -> None:
    a = ids(known)[0]
    known.control.edit(a, maxPlaces=30)
    synced(known)
    path = edited(tmp_path, {"web_sale": "N"})
    say("import-events", path, "--update", "--yes")
    assert there(known, a)["maxPlaces"] == 30


def test_what_has_no_place_is_told(known: Company, say: Say, tmp_path: Path) -> None:
    path = edited(tmp_path, {"session_instructor": "Gareth Fairweather"})
    printed = flat(say("import-events", path, "--update", "--yes", code=4))
    assert "not carried out: staff it in Administrate" in printed
    assert known.changes() == []


def test_a_cancelled_event_and_one_that_is_gone_are_left(
    known: Company, say: Say, tmp_path: Path
) -> None:
    a = ids(known)[0]
    known.control.edit(a, lifecycleState="cancelled")
    path = edited(tmp_path, {"max_places": 20})
    assert "not carried out: it is cancelled" in flat(
        say("import-events", path, "--update", "--yes", code=4)
    )
    known.control.remove(a)
    assert "Administrate does not have it" in flat(
        say("import-events", path, "--update", "--yes", code=4)
    )


def test_an_update_that_stops_is_resumed(known: Company, say: Say, tmp_path: Path) -> None:
    path = edited(tmp_path, {"max_places": 20}, {"session_url": "https://example.com/new"})
    known.control.set_faults("not-json:session.update:1")
    say("import-events", path, "--update", "--yes", code=3)
    known.control.clear_faults()
    say("resume")
    assert there(known, ids(known)[0])["maxPlaces"] == 20
    assert dict(known.rows(acted.EVENTS, "code", "remain_space"))["A"] == 20
    assert listed(known) == {}
    proven(known)
    assert dict(known.rows(adm.EVENTS, "title", "max_places"))["A"] == 20


def test_seats_never_fall_below_none(known: Company, say: Say, tmp_path: Path) -> None:
    [a] = tutorial_ids(known, "A")
    write(known, "UPDATE acted.tutorial_events SET remain_space = 2 WHERE id = :id", id=a)
    say("import-events", edited(tmp_path, {"max_places": 5}), "--update", "--yes")
    assert dict(known.rows(acted.EVENTS, "id", "remain_space"))[a] == 0
    proven(known)


def test_rows_with_errors_are_told(known: Company, say: Say, tmp_path: Path) -> None:
    path = edited(tmp_path, {"max_places": 20, "venue": "Nowhere at all"})
    printed = flat(say("import-events", path, "--update", "--yes", code=4))
    assert "Nothing of it carried out, since its rows have errors: 1 ✗ A" in printed
    assert "Nowhere at all" in printed
    assert known.changes() == []
