"""Values, counts, times and rows in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ledger.values import Personal, Value

_LONGEST = 200
_LONGEST_DETAIL = 60
# What runs count, as told of one and of several, in this order: counts lose theirs in events and
# in columns. A count that is not here, such as a table's, is told by its name.
COUNTS: Mapping[str, tuple[str, str]] = {
    "created": ("created", "created"),
    "updated": ("updated", "updated"),
    "unchanged": ("unchanged", "unchanged"),
    "deleted": ("deleted", "deleted"),
    "skipped": ("skipped", "skipped"),
    "errors": ("error", "errors"),
    "links removed": ("link removed", "links removed"),
    "applied": ("applied here", "applied here"),
    "edited": ("edit seen", "edits seen"),
    "out of step": ("out of step", "out of step"),
    "busy": ("busy", "busy"),
    "events": ("event", "events"),
    "sessions": ("session", "sessions"),
    "unfinished": ("unfinished", "unfinished"),
    "skipped rows": ("skipped row", "skipped rows"),
    "rows undone": ("row rolled back", "rows rolled back"),
    "fields set back": ("field set back", "fields set back"),
    "kept": ("kept", "kept"),
    "impossible": ("irreversible", "irreversible"),
}
_RANKS = {name: rank for rank, name in enumerate(COUNTS)}


def in_words(value: Value) -> str:
    """A value as shown to people."""
    if isinstance(value, Personal):
        return "(erased)" if value.erased else in_words(value.value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {in_words(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(in_words, value))
    if isinstance(value, datetime):
        # The same in every time zone: the page of an audit pack is compared.
        utc = value.astimezone(UTC) if value.tzinfo else value
        return f"{utc:%Y-%m-%d %H:%M:%S}{' UTC' if value.tzinfo else ''}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else str(value) or "(blank)"


def shown(value: Value, longest: int = _LONGEST) -> str:
    """A value in words, truncated."""
    text = in_words(value)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def row_details(row: Mapping[str, Any]) -> list[str]:
    """The non-empty columns of a row, one text each."""
    return [
        f"{name}: {shown(value, _LONGEST_DETAIL)}"
        for name, value in row.items()
        if value not in (None, "")
    ]


def counted(number: int, thing: str) -> str:
    """A number with its noun: ``1 row``, ``1,288 rows``."""
    return f"{number:,} {several(number, thing)}"


def several(number: int, thing: str, things: str = "") -> str:
    """A noun, of one or of several; ``things`` where an *s* behind it does not do."""
    return thing if number == 1 else things or f"{thing}s"


def beginning(lines: Sequence[str], most: int = 40) -> Iterator[str]:
    """The first lines of a part of a plan, indented, and how many more ``--json`` lists."""
    yield from (f"  {line}" for line in lines[:most])
    if len(lines) > most:
        yield f"  … and {len(lines) - most} more (--json lists all)"


def counts_in_words(counts: Mapping[str, Value], *, zeros: bool = False) -> str:
    """Counts on a line: those of ``COUNTS`` in their order, then the rest; without ``zeros``, those
    that are any."""
    names = sorted(counts, key=lambda name: _RANKS.get(name, len(_RANKS)))
    told = (
        f"{_thousands(counts[name])} {COUNTS.get(name, (name, name))[counts[name] != 1]}"
        for name in names
        if zeros or counts[name]
    )
    return ", ".join(told) or "none"


def _thousands(count: Value) -> str:
    return f"{count:,}" if isinstance(count, int) else str(count)


def local_zone() -> str:
    """What the clocks of ``local_time`` are called, in winter and in summer: ``GMT/BST``."""
    halves = (datetime(2000, month, 1, tzinfo=UTC).astimezone() for month in (1, 7))
    return "/".join(dict.fromkeys(str(moment.tzname()) for moment in halves))


def local_time(moment: datetime | str | None) -> str:
    """A point in time in local time, to the second; each screen says once which ``local_zone``
    that is."""
    if moment is None:
        return ""
    when = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    try:
        when = when.astimezone()
    except (ValueError, OverflowError):  # at the ends of the calendar
        return when.isoformat(" ", "seconds")
    return f"{when:%Y-%m-%d %H:%M:%S}"


def moment_alone(moment: datetime) -> str:
    """A point in time in local time, with the zone: of a message that stands by itself."""
    return f"{local_time(moment)} {moment.astimezone():%Z}"


def duration(seconds: float | None) -> str:
    """A duration in words."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min {rest} s"


def age(seconds: float) -> str:
    """How long ago something was, in its two largest units."""
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, days = minutes // 60, minutes // 1440
    return f"{days} d {hours % 24} h" if days else f"{hours} h {minutes % 60} min"
