"""After a rollback the tables are what its plan said, whatever happened before and since."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias
from uuid import UUID

from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from ledger.replay.compare import replay
from ledger.runs.run import new_run
from ledger.verify.verify import verify_chain
from sync.discrepancies.by_person import NewDecision, pair_of, take
from sync.discrepancies.current import open_discrepancies
from sync.entities import LOCATIONS
from sync.sandbox.process import RunningSandbox
from tests.databases import Databases, opened
from tests.importer.company import Company
from tests.rollback.rolling_back import (
    as_planned,
    discrepancies,
    rehearsed,
    rolled_back,
    synced,
    tables,
)

Happening: TypeAlias = Callable[[Company, list[UUID], int], None]
_ENTITIES = (("locations",), ("venues",), ("locations", "venues"))
# Few names, so that links come, go and move.
_NAMES = ("Cardiff", "Newcastle", "Reading", "London", "Aberdeen")


def _remote(kind: str, company: Company, number: int) -> str:
    found = sorted(str(one["id"]) for one in company.control.dump(kind))
    return found[number % len(found)]


def _location_renamed(company: Company, _runs: list[UUID], number: int) -> None:
    company.control.edit(_remote("Location", company, number), name=_NAMES[number % len(_NAMES)])


def _location_made(company: Company, _runs: list[UUID], number: int) -> None:
    region = company.control.dump("Location")[0]["regionId"]
    company.control.insert("Location", name=_NAMES[number % len(_NAMES)], regionId=region)


def _location_removed(company: Company, _runs: list[UUID], number: int) -> None:
    """With its venues, as Administrate has it."""
    place = _remote("Location", company, number)
    venues = [one for one in company.control.dump("Venue") if one["locationId"] == place]
    company.control.remove(*(str(one["id"]) for one in venues), place)


def _venue_made(company: Company, _runs: list[UUID], number: int) -> None:
    place = _remote("Location", company, number)
    company.control.insert("Venue", name=f"Room {number % 3}", locationId=place)


def _venue_moved(company: Company, _runs: list[UUID], number: int) -> None:
    venue, place = _remote("Venue", company, number), _remote("Location", company, number // 2)
    company.control.edit(venue, locationId=place)


def _tutorial_renamed(company: Company, _runs: list[UUID], number: int) -> None:
    _tell(
        company,
        "UPDATE acted.tutorial_locations SET name = :name WHERE id = (SELECT id FROM"
        " acted.tutorial_locations ORDER BY id OFFSET :n % (SELECT count(*) FROM"
        " acted.tutorial_locations) LIMIT 1)",
        name=_NAMES[number % len(_NAMES)],
        n=number,
    )


def _tutorial_removed(company: Company, _runs: list[UUID], number: int) -> None:
    _tell(
        company,
        "UPDATE acted.tutorial_locations SET is_active = NOT is_active WHERE id % 7 = :n % 7",
        n=number,
    )


def _synced(company: Company, runs: list[UUID], number: int) -> None:
    runs.append(synced(company, *_ENTITIES[number % len(_ENTITIES)]))


def _decided(company: Company, _runs: list[UUID], number: int) -> None:
    with company.database.driver_transaction() as connection:
        found = open_discrepancies(connection, LOCATIONS)
        sides = [
            sorted(one.record for one in found if one.side == side)
            for side in ("administrate", "tutorial")
        ]
        if not all(sides):
            return
        pair = pair_of(connection, tuple(side[number % len(side)] for side in sides))
    with new_run(company.ledger, "discrepancies accept") as run:
        take(run, NewDecision(pair, ("accept", "reject")[number % 2], "they are one"))


def _rolled_back(company: Company, runs: list[UUID], number: int) -> None:
    if not runs:
        return
    rollbacks = runs.pop(number % len(runs))
    plan, before = rehearsed(company, rollbacks), tables(company)
    event(f"kept something: {bool(plan.kept)}")
    under_way = rolled_back(company, rollbacks, plan)
    assert not under_way.kept
    assert tables(company) == as_planned(before, plan)


def _synced_and_undone(company: Company, _runs: list[UUID], _number: int) -> None:
    before, open_before = tables(company), discrepancies(company)
    plan = rehearsed(company, run := synced(company, "locations", "venues"))
    rolled_back(company, run, plan)
    assert not plan.kept
    assert tables(company) == before
    assert discrepancies(company) == open_before


_HAPPENINGS = st.sampled_from(
    [
        _location_renamed,
        _location_made,
        _location_removed,
        _venue_made,
        _venue_moved,
        _tutorial_renamed,
        _tutorial_removed,
        _synced,
        _synced,
        _synced,
        _decided,
        _rolled_back,
        _rolled_back,
        _synced_and_undone,
    ]
)


def _tell(company: Company, statement: str, **values: object) -> None:
    with company.database.transaction() as connection:
        connection.execute(text(statement), values)


@settings(max_examples=12, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(st.tuples(_HAPPENINGS, st.integers(0, 200)), min_size=5, max_size=16))
def test_the_tables_are_what_the_plan_said(
    databases: Databases,
    linked: str,
    administrate: RunningSandbox,
    happenings: list[tuple[Happening, int]],
) -> None:
    administrate.control.reset()
    with databases.fresh(linked) as url, opened(url) as database:
        company = Company(database, administrate)
        runs: list[UUID] = []
        for happening, number in happenings:
            happening(company, runs, number)
        assert replay(database).ok
        assert verify_chain(database).ok
