"""Descriptions of run events: fetches, writes, and the end of the run."""

from __future__ import annotations

from ledger import events as e
from ledger.history.descriptions.words import Describers, Description, Names
from ledger.output.words import counted, counts_in_words, shown


def _page(event: e.PageFetched, _names: Names) -> Description:
    return Description(f"Fetched {_page_name(event)}")


def _page_name(event: e.PageFetched) -> str:
    of = f" of {event.part}" if event.part else ""
    first, last = event.offset + 1, event.offset + len(event.ids)
    records = f"records {first} to {last}" if event.ids else "no record"
    return f"{event.entity}{of}, {records} of {event.total}"


def page_source(event: e.PageFetched) -> str:
    """The API calls of a page."""
    calls = ", ".join(
        f"{one.operation} answered {one.status} in {one.milliseconds} ms" for one in event.answers
    )
    return f"API call for {_page_name(event)}: {calls}"


def _fetched(event: e.FetchCompleted, _names: Names) -> Description:
    whole = "all there are" if event.complete else f"not complete: {event.reason}"
    return Description(f"Fetched {_list_name(event)}: {counted(event.records, 'record')}, {whole}")


def _fetch_failed(event: e.FetchFailed, _names: Names) -> Description:
    tried = counted(event.attempts, "attempt")
    return Description(
        f"Could not fetch {_list_name(event)}: {event.kind} after {tried}: {event.said}"
    )


def _restarted(event: e.FetchRestarted, _names: Names) -> Description:
    return Description(f"Fetched {_list_name(event)} from the start again: {event.reason}")


def _list_name(event: e.FetchCompleted | e.FetchFailed | e.FetchRestarted) -> str:
    return f"{event.entity} of {event.part}" if event.part else event.entity


def _synced(event: e.EntitySynced, _names: Names) -> Description:
    refused = tuple(f"not permitted to read: {part}" for part in event.refused_parts)
    reached = (f"read until the update at {event.reached}",) if event.reached else ()
    left = (f"to be asked for again: {', '.join(event.left)}",) if event.left else ()
    kept = (f"gone and kept: {', '.join(event.guarded)}",) if event.guarded else ()
    counts = counts_in_words(event.counts)
    return Description(f"Synced {event.entity}: {counts}", (*refused, *reached, *left, *kept))


def _requested(event: e.WriteRequested, names: Names) -> Description:
    return Description(
        f"Asked Administrate: {event.operation} for {names(event.about)} ({event.slot})",
        tuple(f"{name}: {shown(value)}" for name, value in event.variables.items()),
    )


def _answered(event: e.WriteAnswered, _names: Names) -> Description:
    made = f"Administrate answered {event.operation}: {event.outcome}"
    if event.in_doubt:
        made += ", though an earlier attempt without an answer may have done it"
    return Description(f"{made}, id {event.id}" if event.id else made, event.errors)


def _unanswered(event: e.WriteUnanswered, _names: Names) -> Description:
    return Description(f"No answer to {event.operation}: {event.kind}, {event.done}: {event.said}")


def _adopted_write(event: e.WriteAdopted, _names: Names) -> Description:
    return Description(
        f"{event.operation} had been done though no answer came: found as {event.id}"
    )


def _disputed(event: e.WriteDisputed, _names: Names) -> Description:
    return Description(
        f"{event.operation} may have made any of {', '.join(event.ids)}: a person decides"
    )


def _started(event: e.RunStarted, _names: Names) -> Description:
    options = tuple(f"{name}: {shown(value)}" for name, value in event.options.items())
    return Description(f"Began {event.command}, with admsync {event.software}", options)


def _completed(event: e.RunCompleted, _names: Names) -> Description:
    refused = f"; {event.refused} refused" if event.refused else ""
    return Description(f"Done: {counts_in_words(event.counts)}{refused}")


def _mended(event: e.ProjectionsMended, _names: Names) -> Description:
    return Description(
        f"Corrected rows that differed from the ledger: {counts_in_words(event.rows)}"
    )


RUNS: Describers = {
    e.EntitySynced: _synced,
    e.EventOfRunRolledBack: lambda event, names: Description(
        f"Rolled back {names(event.event)} of run {event.rolled_back}: “{event.reason}”"
    ),
    e.FetchCompleted: _fetched,
    e.FetchFailed: _fetch_failed,
    e.FetchRestarted: _restarted,
    e.PageFetched: _page,
    e.ProjectionsMended: _mended,
    e.RunCompleted: _completed,
    e.RunFailed: lambda event, _: Description(f"Failed: {event.reason}"),
    e.RunInterrupted: lambda event, _: Description(f"Stopped at {event.step}: {event.reason}"),
    e.RunResumed: lambda event, _: Description(f"Resumed, with admsync {event.software}"),
    e.RunRolledBack: lambda event, _: Description(
        f"Rolled back run {event.rolled_back}: “{event.reason}”"
    ),
    e.RunSetAside: lambda event, _: Description(
        f"Set run {event.set_aside} aside: “{event.reason}”"
    ),
    e.RunStarted: _started,
    e.WriteAbandoned: lambda event, _: Description(
        f"Nobody finds out any more whether {event.operation} was done: “{event.reason}”"
    ),
    e.WriteAdopted: _adopted_write,
    e.WriteAnswered: _answered,
    e.WriteDisputed: _disputed,
    e.WriteRequested: _requested,
    e.WriteUnanswered: _unanswered,
}
