"""Local times become moments; where the clocks change, the times that are none or two are named."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.validation.times import ClockChangeError, in_utc, zone_named

LONDON = "Europe/London"


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Europe - London", LONDON),
        ("europe/london", LONDON),
        (" EUROPE - LONDON ", LONDON),
        ("America - New York", "America/New_York"),
        ("America - Argentina - Buenos Aires", "America/Argentina/Buenos_Aires"),
        ("UTC", "UTC"),
        ("Europe - Atlantis", None),
        ("../../etc/passwd", None),
        ("", None),
    ],
)
def test_a_zone_is_known_by_the_name_a_template_gives_it(text: str, zone: str | None) -> None:
    assert zone_named(text) == zone


@pytest.mark.parametrize(
    ("day", "utc_hour"),
    [
        (date(2026, 3, 28), 9),
        (date(2026, 3, 29), 8),
        (date(2026, 10, 24), 8),
        (date(2026, 10, 25), 9),
    ],
)
def test_nine_in_london_is_right_on_both_sides_of_the_clock_changes(
    day: date, utc_hour: int
) -> None:
    at = in_utc(datetime.combine(day, time(9)), LONDON)
    assert at == datetime.combine(day, time(utc_hour), UTC)


def test_a_time_that_the_clocks_jump_over_is_refused_with_what_they_show() -> None:
    with pytest.raises(ClockChangeError, match=r"01:30 on 2026-03-29 .* does not exist.* 02:30"):
        in_utc(datetime.fromisoformat("2026-03-29T01:30"), LONDON)


def test_a_time_that_comes_twice_is_refused_with_the_times_around_it() -> None:
    with pytest.raises(ClockChangeError, match=r"twice.* before 01:00 or from 02:00 on"):
        in_utc(datetime.fromisoformat("2026-10-25T01:30"), LONDON)


@given(
    st.datetimes(datetime.fromisoformat("2000-01-02"), datetime.fromisoformat("2099-12-30")),
    st.sampled_from(sorted(available_timezones())),
)
def test_a_moment_shows_the_local_time_it_was_made_of(local: datetime, zone: str) -> None:
    there = local.replace(tzinfo=ZoneInfo(zone))
    if there.utcoffset() != there.replace(fold=1).utcoffset():
        with pytest.raises(ClockChangeError):
            in_utc(local, zone)
        return
    at = in_utc(local, zone)
    assert at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local
