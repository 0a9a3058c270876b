"""Workbooks written for tests, and the strategy that draws workbooks with their answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from attrs import frozen
from hypothesis import strategies as st
from openpyxl import Workbook

from importer.workbook.archive import read_file
from importer.workbook.cells import Value, is_blank, shown
from importer.workbook.column import CellKind, Column
from importer.workbook.names import names_in
from importer.workbook.sheet import Sheet, read_sheet
from importer.workbook.template import CURRENT, SHEET
from tests.importer.rows import TypedRow, a_session, an_event, an_lms_event, taught_on

LONDON = ZoneInfo("Europe/London")

SHARED = (
    Path(__file__).parents[2].parent / "shared" / "data" / "EventSessionImportTemplate-2026A.xlsx"
)
"""A whole sitting as operations fill it in; not everywhere there."""


def write_grid(path: Path, grid: Sequence[Sequence[Value]], title: str = SHEET) -> Path:
    """Write cells as they are, from A1 on; a text that begins with ``=`` stays a text."""
    book = Workbook()
    sheet = book.create_sheet(title, 0)
    for number, values in enumerate(grid, start=1):
        for index, value in enumerate(values, start=1):
            cell = sheet.cell(number, index)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    book.save(path)
    return path


def write_rows(
    path: Path, rows: Iterable[TypedRow], columns: Sequence[Column] = CURRENT, **headers: str
) -> Path:
    """Write a workbook of rows under a header, some headers named otherwise by column key."""
    header = [headers.get(column.key, column.header) for column in columns]
    return write_grid(path, [header, *([row.get(c.key) for c in columns] for row in rows)])


def read_workbook(path: Path) -> Sheet:
    """The sheet of a workbook file."""
    return read_sheet(read_file(path))


def a_sheet(path: Path, *rows: TypedRow) -> Sheet:
    """The rows written to a file and read again."""
    return read_workbook(write_rows(path / "events.xlsx", rows))


@frozen
class Expected:
    """What the maker of a workbook knows of one valid event in it."""

    title: str
    sessions: tuple[tuple[int, datetime, datetime, tuple[str, ...]], ...]
    max_places: int | None
    lms_start: datetime


@frozen
class Made:
    """A drawn workbook, and which of its events are valid."""

    grid: list[list[Value]]
    accepted: tuple[Expected, ...]
    refused: frozenset[str]
    skipped: tuple[str, ...]


def _set(key: str, *values: Value) -> list[TypedRow]:
    return [{key: value} for value in values]


_ALWAYS_NEEDED = (
    "session_title",
    *(f"classroom_{edge}_{part}" for edge in ("start", "end") for part in ("date", "time")),
    "day",
)
_BROKEN_ANYWHERE: list[TypedRow] = [
    *[change for key in _ALWAYS_NEEDED for change in _set(key, None, "  ")],
    *_set("classroom_start_date", "31/02/2026", "2026/01/01", 46000, True, time(9), "soon"),
    *_set(
        "classroom_start_time",
        "25:00",
        "9.3",
        1.5,
        -0.1,
        datetime.combine(date(2026, 1, 1), time(9)),
        "12:60",
    ),
    *_set("classroom_end_time", "02:59", "01:30", "00:00"),
    *_set("day", 0, 1.5, "one", -1, 10**12, True),
    *_set("session_instructor", "Jon Smth", "Clara Haversham / Nobody", "/", "=1+1"),
    *_set("session_url", "ftp://example.com", "https://", "javascript:alert(1)", 12, "http://[a"),
    *_set("venue", "Live online", "Nowhere", "#REF!"),
    *_set("location", "Paris", "line\nbreak"),
    *_set("zone", "Europe - Atlantis", 5),
    *_set("mode", "classroom", "LMS", "Blended?"),
    *_set("cancelled", "maybe", 2),
    # the clocks go forward over the first, and show the second twice
    {"classroom_start_date": date(2026, 3, 29), "classroom_start_time": "01:30"},
    {"classroom_start_date": date(2025, 10, 26), "classroom_start_time": "01:30"},
]
_BROKEN_EVENT: list[TypedRow] = [
    *_set("title", None, "x" * 96),
    *_set("code", "CB1", "CB1_LO_7", "x" * 51),
    *_set("mode", None, "Self Paced (LMS)"),
    *_set("location", None),
    *_set("venue", None),
    *_set("lms_start_date", None, "1/13/2026", date(2026, 4, 10), date(1926, 1, 1)),
    *_set("lms_end_time", None, "noon"),
    *_set("max_places", None, -1, "many", 12.5),
    *_set("instructor", None, "Nobody"),
    *_set("administrator", "Nobody", "Pat Quill; Nobody"),
    *_set("event_url", "example.com"),
    *_set("finalisation", None, "20251020"),
    *_set("web_sale", "perhaps", 7),
    *_set("sitting", None, "2026", "2026B", 2026, "2027A"),
    *_set("deadline", "tomorrow"),
]
_BROKEN_SESSION: list[TypedRow] = [*_set("title", "ANOTHER"), *_set("day", 1)]


@st.composite
def workbooks(draw: st.DrawFn) -> Made:
    """A workbook of valid and broken events, in any order of columns and any form of cells."""
    rows: list[TypedRow] = []
    accepted: list[Expected] = []
    refused: set[str] = set()
    skipped: list[str] = []
    for number in range(draw(st.integers(1, 4))):
        event = _draw_event(draw, number)
        fate = draw(st.sampled_from(("valid", "valid", "broken", "cancelled", "twice")))
        title = shown(event[0]["title"])
        if fate == "broken":
            _break(draw, event)
            refused.add(title)
        elif fate == "cancelled":
            event[0]["cancelled"] = draw(st.sampled_from(("Y", " y ")))
            skipped.append(title)
        else:
            accepted.append(_expected(event))
        rows += event
        if fate == "twice":
            rows += event
            skipped.append(title)
    grid = _draw_grid(draw, rows)
    return Made(grid, tuple(accepted), frozenset(refused), tuple(skipped))


def _draw_event(draw: st.DrawFn, number: int) -> list[TypedRow]:
    """A valid event, its values as Python's own."""
    title = f"E-{number}"
    if draw(st.booleans()) and draw(st.booleans()):
        return [an_lms_event(title=title, web_sale=draw(st.sampled_from(("Y", "N", None))))]
    people = ("Clara Haversham", "John Smith", "Mary Grant Holloway", "John Smith; Clara Haversham")
    rows: list[TypedRow] = []
    for day in range(1, draw(st.integers(1, 3)) + 1):
        on = draw(st.dates(date(2025, 11, 1), date(2026, 4, 9)))
        times: TypedRow = {
            **taught_on(on),
            "classroom_start_time": time(
                draw(st.integers(3, 12)), draw(st.sampled_from((0, 15, 59)))
            ),
            "classroom_end_time": time(draw(st.integers(13, 23)), 30),
            "session_title": f"{title}-{day}",
            "session_instructor": draw(st.sampled_from(people)),
            "day": day,
        }
        if day > 1:
            rows.append(a_session(**times))
            continue
        places = draw(st.integers(0, 99))
        rows.append(an_event(**times | {"title": title, "max_places": places}))
        if draw(st.booleans()):
            rows[0] |= {"venue": draw(st.sampled_from(("TBC", "tbd", "To be Confirmed")))}
        if draw(st.booleans()):
            rows[0] |= {"administrator": "Pat Quill", "event_url": "https://example.com/room"}
    return rows


def _break(draw: st.DrawFn, event: list[TypedRow]) -> None:
    """Make one row of a valid event wrong in one way, perhaps another too."""
    at = draw(st.integers(0, len(event) - 1))
    if at > 0:
        event[at].update(draw(st.sampled_from(_BROKEN_ANYWHERE + _BROKEN_SESSION)))
    elif event[0]["code"] == "OC_CB1":
        lms = [{"ocr": None}, {"classroom_start_date": date(2026, 1, 1)}, {"mode": "Blended"}]
        event[0].update(draw(st.sampled_from([*lms, {"lms_end_date": None}])))
    else:
        event[0].update(draw(st.sampled_from(_BROKEN_ANYWHERE + _BROKEN_EVENT)))


def _expected(event: list[TypedRow]) -> Expected:
    sessions = tuple(
        (
            row["day"],
            _utc(row["classroom_start_date"], row["classroom_start_time"]),
            _utc(row["classroom_end_date"], row["classroom_end_time"]),
            names_in(str(row["session_instructor"])),
        )
        for row in event
        if "day" in row
    )
    first = event[0]
    places = first.get("max_places")
    assert places is None or isinstance(places, int)
    lms_start = _utc(first["lms_start_date"], first["lms_start_time"])
    return Expected(shown(first["title"]), sessions, places, lms_start)  # type: ignore[arg-type]  # days are whole numbers here


def _utc(day: Value, clock: Value) -> datetime:
    assert isinstance(day, date)
    assert isinstance(clock, time)
    return datetime.combine(day, clock, LONDON).astimezone(UTC)


_RENAMED = {
    "code": ("Course Code", "course_template_code", "!Course Template Code"),
    "title": ("Title", "  EVENT TITLE "),
    "administrator": ("Administrator",),
    "event_url": ("URL", "event_url"),
    "day": ("!day",),
}


def _draw_grid(draw: st.DrawFn, rows: list[TypedRow]) -> list[list[Value]]:
    """The rows in any order of columns, under headers of any generation, among hints and blanks."""
    columns: list[Column | None] = [*CURRENT]
    if draw(st.booleans()):
        columns = draw(st.permutations(columns))
    columns.insert(draw(st.integers(0, len(columns))), None)
    header: list[Value] = [_draw_header(draw, column) for column in columns]
    grid = [header]
    hints = draw(st.sampled_from(((), ("e.g. this", "free-text"), ("e.g.", "Number", "Y/N"))))
    grid += [[hint if column else None for column in columns] for hint in hints]
    for row in rows:
        if draw(st.integers(0, 5)) == 0:
            grid.append([" " if column else None for column in columns])
        grid.append([_draw_form(draw, row.get(c.key), c) if c else "" for c in columns])
    grid += [[None] * 3] * draw(st.integers(0, 3))
    return grid


def _draw_header(draw: st.DrawFn, column: Column | None) -> str | None:
    if column is None:
        return None
    return draw(st.sampled_from((column.header, *_RENAMED.get(column.key, ()))))


def _draw_form(draw: st.DrawFn, value: Value, column: Column) -> Value:
    """One of the forms in which people write a value; what is not a valid one stays as it is."""
    forms: tuple[Value, ...] = (value,)
    if type(value) is date and column.kind is CellKind.DATE:
        forms = (value, f"{value:%d/%m/%Y}", f"{value:%d-%m-%Y} ", f"{value:%Y-%m-%d}")
    elif type(value) is time and column.kind is CellKind.TIME:
        part = (value.hour * 60 + value.minute) / 1440
        forms = (value, f"{value:%H:%M}", part)
    elif type(value) is int and column.kind is CellKind.NUMBER:
        forms = (value, float(value), f" {value} ")
    elif is_blank(value):
        forms = (value, "", "   ") if value is None else (value,)
    elif isinstance(value, str) and column.kind is CellKind.TEXT and column.key != "title":
        forms = (value, f"  {value} ")
    return draw(st.sampled_from(forms))
