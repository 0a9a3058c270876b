"""The beginning of an audit pack's page: which run it was, how it ended, what it did."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from ledger.audit.form import Manifest
from ledger.events import RunCompleted, RunFailed, RunInterrupted, RunStarted, WorkbookRead
from ledger.events.recorded import Recorded
from ledger.history.descriptions import describe
from ledger.output.words import counted

_ENDINGS = (RunCompleted, RunFailed, RunInterrupted)


def summary(manifest: Manifest, events: Iterable[Recorded]) -> Iterator[tuple[str, str]]:
    """Terms with their values, in order of what a reader asks first."""
    kinds: Counter[str] = Counter()
    last: Recorded | None = None
    workbooks: list[WorkbookRead] = []
    for last in events:
        kinds[type(last.event).__name__] += 1
        if isinstance(last.event, RunStarted):
            yield "Run", _when(last)
        if isinstance(last.event, WorkbookRead):
            workbooks.append(last.event)
    if last is None:
        yield "Events", "none"
        return
    ended = isinstance(last.event, _ENDINGS)
    yield "End", _when(last) if ended else f"not ended by its last event, position {last.position}"
    for workbook in workbooks:
        yield "Workbook", f"{workbook.name}, sheet {workbook.sheet}, SHA-256 {workbook.digest}"
    for kind, number in sorted(kinds.items()):
        yield _in_words(kind), counted(number, "event")
    yield "Head of the chain", f"position {manifest.position}, link {manifest.link}"


def _when(recorded: Recorded) -> str:
    sentence = describe(recorded.event, str).sentence
    return f"{sentence}; {recorded.recorded_at:%Y-%m-%d %H:%M:%S} UTC, by {recorded.actor}"


def _in_words(kind: str) -> str:
    """``RecordObserved`` as ``Record observed``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).capitalize()
