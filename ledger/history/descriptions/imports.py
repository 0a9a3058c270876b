"""Descriptions of import events: the workbook, its rows, and their records in both systems."""

from __future__ import annotations

from collections.abc import Iterator

from ledger import events as e
from ledger.events.local_writes import TUTORIAL_EVENTS, TUTORIAL_SESSIONS
from ledger.history.descriptions.words import Describers, Description, Names, field_lines
from ledger.output.words import counted, shown


def _read(event: e.WorkbookRead, _names: Names) -> Description:
    return Description(
        f"Read workbook {event.name}, sheet {event.sheet}: {counted(event.rows, 'row')}"
    )


def _row(event: e.RowAccepted | e.RowRefused | e.RowSkipped) -> Iterator[str]:
    for column, value in event.cells.items():
        yield f"{column}: {shown(value)}"


def _accepted(event: e.RowAccepted, names: Names) -> Description:
    made = ", ".join(map(names, event.made)) or "nothing of its own"
    return Description(f"Row {event.row} accepted, to make {made}", tuple(_row(event)))


def _refused(event: e.RowRefused, _names: Names) -> Description:
    errors = (
        f"{one.cell} ({one.column}): {shown(one.value)}: {one.problem}; expected {one.expected}"
        for one in event.errors
    )
    note = f": {event.note}" if event.note else ""
    return Description(f"Row {event.row} refused{note}", tuple(errors))


def _skipped(event: e.RowSkipped, _names: Names) -> Description:
    twin = f" of {event.twin}" if event.twin else ""
    return Description(f"Row {event.row} skipped: {event.reason}{twin}")


def _planned(event: e.EventPlanned, _names: Names) -> Description:
    sheet_row = event.plan.get("row")
    row = f" from row {shown(sheet_row)}" if sheet_row is not None else ""
    return Description(f"Planned{row}: {shown(event.plan.get('title'))}")


def _all_planned(event: e.ImportPlanned, _names: Names) -> Description:
    return Description(
        f"Planned {counted(event.events, 'event')} from {counted(event.accepted, 'row')};"
        f" {counted(event.refused, 'row')} refused, {event.skipped} skipped"
    )


def _event_made(event: e.TutorialEventCreated, names: Names) -> Description:
    return Description(
        "Tutorial event made", tuple(field_lines(TUTORIAL_EVENTS, event.fields, names))
    )


def _session_made(event: e.TutorialSessionCreated, names: Names) -> Description:
    lines = [*field_lines(TUTORIAL_SESSIONS, event.fields, names)]
    lines += [
        f"taught by {names(f'acted.tutorial_instructors/{one.instructor_id}')}"
        for one in event.instructors
    ]
    return Description("Tutorial session made", tuple(lines))


def _removed(event: e.TutorialRecordRemoved, names: Names) -> Description:
    return Description(
        "Tutorial row removed again", tuple(field_lines(event.table, event.fields, names))
    )


def _identified(event: e.RecordIdentified, names: Names) -> Description:
    lines = tuple(field_lines(event.table, event.fields, names))
    return Description(
        f"Known in Administrate as {event.key} from here on (was {event.former})", lines
    )


def _shape(event: e.TutorialShapeObserved, _names: Names) -> Description:
    return Description(
        f"The tutorial tables have the shape {event.shape} from here on (were {event.former})"
    )


def _carried_over(event: e.TutorialRecordCarriedOver, names: Names) -> Description:
    lines = tuple(field_lines(event.table, event.fields, names))
    return Description("Carried over into other columns by the web application", lines)


def _merged(event: e.BridgeRowMerged, names: Names) -> Description:
    lines = tuple(field_lines(event.table, event.fields, names))
    return Description(
        f"Another writer's bridge row for it, id {event.merged}, was deleted; this one stays", lines
    )


def _left_out(event: e.EventLeftOut, _names: Names) -> Description:
    gone = f"Administrate has no event {event.gone} any more"
    return Description(f"Left out of the import: “{event.reason}”", (gone,) if event.gone else ())


IMPORTS: Describers = {
    e.BridgeRowMerged: _merged,
    e.EventLeftOut: _left_out,
    e.EventPlanned: _planned,
    e.ImportPlanned: _all_planned,
    e.RecordIdentified: _identified,
    e.RowAccepted: _accepted,
    e.RowRefused: _refused,
    e.RowSkipped: _skipped,
    e.TutorialEventCreated: _event_made,
    e.TutorialRecordCarriedOver: _carried_over,
    e.TutorialRecordRemoved: _removed,
    e.TutorialSessionCreated: _session_made,
    e.TutorialShapeObserved: _shape,
    e.WorkbookRead: _read,
}
