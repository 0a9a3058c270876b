"""Assigns a session's row to its event: by place or event key, checked against its title.

A session's title begins with its event's (`CB1-01-26A-2`). Where the sheet was sorted, or the row
of an event was lost, the titles show it: no session changes its event silently.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from attrs import define, field, frozen

from importer.workbook.cells import CellFault
from importer.workbook.row import SheetRow
from importer.workbook.template import fold, is_lms


def begins(title: str, event_title: str) -> bool:
    """Whether a session's title begins with an event's: nothing, or no letter or digit, follows.

    Both folded; nothing begins with an empty title.
    """
    end = len(event_title)
    return (
        bool(event_title) and title.startswith(event_title) and not title[end : end + 1].isalnum()
    )


def title_of(row: SheetRow, key: str) -> str:
    """A title normalised for comparison; empty where there is none."""
    return "" if isinstance(row.value(key), CellFault) else fold(row.text(key))


BEFORE_FIRST = "a session before the first event"


@frozen
class Owner:
    """The row of a session's event, or the reason why it has none.

    ``note`` warns that it is not the event above; ``problem`` is the reason of a refusal: with the
    event around it where ``event`` is given, else by itself.
    """

    event: int | None
    note: str = ""
    problem: str = ""


@define
class Titles:
    """The events of a sheet by their titles, and the days of their sessions.

    ``was_sorted``: several sessions are not under their events; then one before the first event is
    not refused either.
    """

    events: Mapping[int, SheetRow]
    was_sorted: bool = False
    _rows: dict[str, list[int]] = field(init=False, factory=lambda: defaultdict(list))
    _days: dict[int, set[str]] = field(init=False, factory=lambda: defaultdict(set))

    def __attrs_post_init__(self) -> None:
        for number, row in self.events.items():
            if title := title_of(row, "title"):
                self._rows[title].append(number)
            self._days[number].add(self._day(row))

    def named(self, title: str) -> str:
        """The longest event title of the file that a session's title begins with, or ''."""
        ends = range(len(title), 0, -1)
        return next((title[:end] for end in ends if self._is_event(title, end)), "")

    def _is_event(self, title: str, end: int) -> bool:
        return not title[end : end + 1].isalnum() and title[:end] in self._rows

    def note_of_event(self, row: SheetRow) -> str:
        """The warning for an event's own row: its session has another event's title."""
        own, session = self._title(row), title_of(row, "session_title")
        named = self.named(session)
        if named and named != own and not begins(session, own):
            return f"begins with {self._called(named)}, but stands in the row of {self._shown(row)}"
        return ""

    def is_of(self, row: SheetRow, event: int | None) -> bool:
        """Whether a session's titles name that event."""
        if event is None or self._disagreeing(row):
            return False
        return self.claimed(row) == self._title(self.events[event]) != ""

    def take(self, row: SheetRow, event: int) -> Owner:
        """Assigns the row, and its day, to that event."""
        self._days[event].add(self._day(row))
        return Owner(event)

    def owner(self, row: SheetRow, under: int | None, *, after: bool, before: bool) -> Owner:
        """The event of a session's row under an event, or with its key.

        ``after`` and ``before``: the row directly above, and the one below, belong to that same
        event. To be called once the rows with agreeing titles and places are assigned.
        """
        above = None if under is None else self.events[under]
        own, named = self._title(row), self.claimed(row)
        if begun := self._disagreeing(row):
            problem = f"begins with {self._called(begun)}, in a row of {self._called(named)}"
            return Owner(under if above and named == self._title(above) else None, problem=problem)
        if named:
            return self._of_another(row, named, under, is_among=after and before)
        if above is None or under is None:
            return Owner(None, problem=BEFORE_FIRST)
        if own or not self._is_of_titled(row, above):
            return Owner(under)
        problem = (
            f"begins with the title of no event of this file, but stands under {self._shown(above)}"
        )
        if after and (before or self._is_next_day(row, under)):
            return Owner(under, problem=problem)
        return Owner(None, problem=f"{problem}: its event's row is missing")

    def _of_another(self, row: SheetRow, named: str, under: int | None, *, is_among: bool) -> Owner:
        """The event named by the title where the row is under a different one."""
        rows = self._rows[named]
        above = [number for number in rows if number < row.number]
        if under is None and not self.was_sorted:
            named_in = f"{self._called(named)} in row {rows[0]}"
            problem = f"{BEFORE_FIRST}, though it begins with {named_in}"
            return Owner(None, problem=problem)
        stands = f"stands under {self._shown(self.events[under])}" if under else "stands above it"
        if len(rows) > 1 and not above:
            problem = f"{len(rows)} events are called {self._called(named)}, and it {stands}"
            return Owner(None, problem=problem)
        event = above[-1] if len(rows) > 1 else rows[0]
        if self._day(row) in self._days[event] and is_among:
            problem = f"the session of {self._called(named)} by its title, but {stands}"
            return Owner(under, problem=problem)
        self._days[event].add(self._day(row))
        return Owner(
            event, note=f"goes to {self._called(named)} in row {event}, though it {stands}"
        )

    def claimed(self, row: SheetRow) -> str:
        """The event title in a session's row, or ''."""
        own = self._title(row)
        if own in self._rows:
            return own
        return self.named(title_of(row, "session_title"))

    def _disagreeing(self, row: SheetRow) -> str:
        """The event title in a session's title where its row names another event, or ''."""
        session, claimed = title_of(row, "session_title"), self.claimed(row)
        begun = self.named(session)
        return begun if begun != claimed and not begins(session, claimed) else ""

    def _is_next_day(self, row: SheetRow, event: int) -> bool:
        """Whether the row's day follows the event's last, of several."""
        days = sorted(int(day) for day in self._days[event] if _is_whole(day))
        return len(days) > 1 and self._day(row) == str(days[-1] + 1)

    def _is_of_titled(self, row: SheetRow, above: SheetRow) -> bool:
        """Whether the row is titled, and the event above has its session called after itself, or
        has none, as an LMS event."""
        if not title_of(row, "session_title"):
            return False
        if is_lms(above.text("code")):
            return True
        session = title_of(above, "session_title")
        return begins(session, self._title(above))

    def _title(self, row: SheetRow) -> str:
        return title_of(row, "title")

    def _shown(self, row: SheetRow) -> str:
        return repr(row.text("title"))

    def _called(self, title: str) -> str:
        return self._shown(self.events[self._rows[title][0]])

    def _day(self, row: SheetRow) -> str:
        return row.text("day")


def _is_whole(day: str) -> bool:
    return day.isascii() and day.isdigit() and len(day) < 10
