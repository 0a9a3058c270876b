"""What a value of one side means on the other: nothing is a change because of how it is stored."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ledger.values import Value
from sync.events.kinds import (
    Cancelled,
    Day,
    Flag,
    Instant,
    Kind,
    Linked,
    LinkedPeople,
    LocalTime,
    Translation,
    Untranslatable,
    Word,
)

LONDON = Translation(
    ZoneInfo("Europe/London"),
    tutorial={"adm.venues": {"V1": 5, "V2": 6}},
    administrate={"adm.venues": {5: "V1", 6: "V2"}},
)
VENUE, PEOPLE = Linked("adm.venues"), LinkedPeople("adm.venues")
SUMMER_MIDNIGHT = datetime(2026, 6, 9, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "raw", "column"),
    [
        (Kind(), "London ", "London"),
        (Kind(), "", None),
        (Kind(), None, ""),
        (Word(), "blended", "BLENDED"),
        (Flag(), "Y", True),
        (Flag(), "True", True),
        (Flag(), None, False),
        (Flag(), False, None),
        (Cancelled(), "cancelled", True),
        (Cancelled(), "published", False),
        (Instant(), "2026-06-09T23:00:00Z", SUMMER_MIDNIGHT),
        (Instant(), "2026-06-10T00:00:00+01:00", SUMMER_MIDNIGHT),
        (Instant(), "2026-06-09T23:00:00Z", date(2026, 6, 10)),
        (LocalTime(), "2026-06-10T00:00:00", SUMMER_MIDNIGHT),
        (Day(), "2026-06-10", SUMMER_MIDNIGHT),
        (Day(), "2026-06-10", date(2026, 6, 10)),
        (Day(), "2026-06-10T09:00:00", date(2026, 6, 10)),
        (VENUE, "V1", 5),
        (VENUE, None, None),
        (PEOPLE, ["V2", "V1"], [5, 6]),
        (PEOPLE, [], None),
    ],
)
def test_a_value_means_the_same_however_it_is_stored(kind: Kind, raw: Any, column: Any) -> None:
    is_day = type(column) is date
    assert kind.in_tutorial(kind.of_administrate(raw), LONDON, day=is_day) == kind.of_tutorial(
        column
    )


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (VENUE, "V3"),
        (PEOPLE, ["V1", "V3"]),
        (Day(), "some day"),
        (LocalTime(), "2026-03-29T01:30:00"),
        (LocalTime(), "2026-10-25T01:30:00"),
    ],
)
def test_what_has_no_value_there_is_said_so(kind: Kind, value: Value) -> None:
    with pytest.raises(Untranslatable):
        kind.in_tutorial(value, LONDON)


@pytest.mark.parametrize(
    ("kind", "column", "sent"),
    [
        (Day(), SUMMER_MIDNIGHT, "2026-06-10"),
        (Day(), date(2026, 6, 10), "2026-06-10"),
        (LocalTime(), SUMMER_MIDNIGHT, "2026-06-10T00:00:00"),
        (VENUE, 6, "V2"),
        (PEOPLE, [6, 5], ["V1", "V2"]),
        (Flag(), True, True),
        (Kind(), "", None),
    ],
)
def test_a_columns_value_is_sent_as_administrate_holds_it(
    kind: Kind, column: Any, sent: Value
) -> None:
    assert kind.in_administrate(kind.of_tutorial(column), LONDON) == sent
