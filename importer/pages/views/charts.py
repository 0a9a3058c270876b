"""Charts: what was linked and what is open, day by day, drawn by the server as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import LiteralString

from importer.pages.page import Asked, Page, Picture, View
from ledger.errors import UsageRefused

_DAYS = 90
WIDTH, HEIGHT = 320.0, 80.0
_TITLES = {
    "linked": "Records linked",
    "discrepancies": "Open discrepancies, by the day they were first seen",
}
# Of each day, how many there were at its end.
_QUERIES: dict[str, LiteralString] = {
    "linked": """
        SELECT day, sum(sum(change)) OVER (ORDER BY day) FROM (
            SELECT recorded_at::date AS day,
                (payload ->> 'linked' IS NOT NULL)::int - (payload ->> 'before' IS NOT NULL)::int
                    AS change
            FROM ledger.events WHERE type = 'MatchDecided') AS decided
        GROUP BY day ORDER BY day
    """,
    "discrepancies": """
        SELECT first_seen::date, sum(count(*)) OVER (ORDER BY first_seen::date)
        FROM ledger.discrepancies GROUP BY first_seen::date ORDER BY 1
    """,
}


def chart(asked: Asked) -> Page:
    """A chart's days and values, and the path that draws them."""
    name = asked.path["name"]
    points = _points(asked, name)
    content = {
        "name": name,
        "title": _TITLES[name],
        "points": [{"day": day, "value": value} for day, value in points],
    }
    return Page("chart", _TITLES[name], content)


def picture(asked: Asked) -> Picture:
    """The chart alone, to be shown on other pages."""
    points = _points(asked, asked.path["name"])
    newest = points[-1][1] if points else 0
    path = path_of(points)
    return Picture(
        "chart_picture", {"path": path, "width": WIDTH, "height": HEIGHT, "newest": newest}
    )


def _points(asked: Asked, name: str) -> list[tuple[date, int]]:
    if name not in _QUERIES:
        raise UsageRefused(f"no chart {name!r}; expected {' or '.join(_QUERIES)}")
    with asked.site.database.driver_transaction() as connection:
        rows = connection.execute(_QUERIES[name]).fetchall()
    return [(day, int(value)) for day, value in rows][-_DAYS:]


def path_of(points: Sequence[tuple[date, int]]) -> str:
    """An SVG path through the points, from the first day to the last and from 0 to the most, each
    value held until the next; empty where there are none."""
    if not points:
        return ""
    first, days = points[0][0], (points[-1][0] - points[0][0]).days or 1
    most = max(value for _, value in points) or 1
    at = [
        (WIDTH * (day - first).days / days, HEIGHT - HEIGHT * max(0, value) / most)
        for day, value in points
    ]
    steps = "".join(f" H{x:.1f} V{y:.1f}" for x, y in at[1:])
    return f"M0.0 {at[0][1]:.1f}{steps} H{WIDTH:.1f}"


VIEWS = (View("/charts/{name}.svg", picture), View("/charts/{name}", chart))
