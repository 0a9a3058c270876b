"""The tables rebuilt from the ledger: compared with the current ones, mended, or shown as of a
position."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ledger.cli.command import opened_ledger
from ledger.output.documents import print_entry, print_json
from ledger.output.lines import answer
from ledger.output.words import counted, in_words, row_details

if TYPE_CHECKING:
    from ledger.replay.compare import Replayed


def compare_tables(*, mending: bool, as_json: bool) -> bool:
    """Prints how the current tables differ from the ledger; with ``mending`` corrects them."""
    from ledger.replay.compare import replay as replayed
    from ledger.replay.mend import mend
    from ledger.runs.kinds import REPLAY
    from ledger.runs.run import new_run

    with opened_ledger() as ledger:
        found = replayed(ledger.database)
        mended: dict[str, int] = {}
        if mending and found.rows:
            with new_run(ledger, REPLAY.command("--apply")) as run:
                mended = mend(run)
    ok = found.ok or mended == found.rows
    if as_json:
        print_json(
            {
                "ok": ok,
                "position": found.position,
                "rows": found.rows,
                "mended": mended,
                "differences": found.differences,
                "edited": found.edited,
                "others": found.others,
            }
        )
    else:
        print_differences(found)
        for name, rows in mended.items():
            answer(f"✓ {name}: {counted(rows, 'row')} corrected")
    return ok


def print_state(at: str, table: str | None, *, as_json: bool) -> None:
    """The tables as they were at a position or a time."""
    from ledger.replay.rebuild import state_at
    from ledger.schema import adm
    from ledger.store.positions import position_of

    if table is not None and table not in adm.BY_NAME:
        raise click.UsageError(f"no table {table!r}; the tables are {', '.join(adm.BY_NAME)}")
    names = [table] if table else list(adm.BY_NAME)
    with opened_ledger() as ledger:
        with ledger.database.driver_transaction() as connection:
            until = position_of(connection, at)
        states = {name: state_at(ledger.database, adm.BY_NAME[name], until) for name in names}
    if as_json:
        print_json({"ok": True, "position": until, "tables": states})
        return
    answer(f"As of position {until}:")
    for name, rows in states.items():
        answer(f"{name}: {counted(len(rows), 'row')}")
        for row in rows:
            print_entry(f"{row.pop('id'):>8}", row_details(row))


def print_differences(found: Replayed) -> None:
    """Prints the differences, row by row."""
    from ledger.replay.compare import DETAILED

    for edit in found.edited:
        what = "deleted"
        if edit.column is not None:
            what = f"{edit.column} changed, {edit.ledger!r} → {edit.stands!r},"
        answer(f"  {edit.table} {edit.key}: {what} by the web application")
    if found.edited:
        answer("  The next sync of events and sessions records such edits, but for places sold;")
        answer("  nothing undoes them.")
    for other in found.others:
        answer(
            f"  {other.table} {other.key}: made by another writer, not in the ledger:"
            f" {in_words(other.stands)}"
        )
    if found.others:
        answer("  The next sync of their entity records such rows; nothing removes them.")
    if found.ok:
        answer(f"✓ The tables equal the ledger, up to position {found.position}")
        return
    for difference in found.differences:
        place = f"{difference.table} {difference.key}"
        if difference.column is not None:
            answer(
                f"✗ {place} {difference.column}: the ledger says {difference.ledger!r},"
                f" the table {difference.stands!r}"
            )
        elif difference.stands is None:
            answer(f"✗ {place}: the row is missing; the ledger says {in_words(difference.ledger)}")
        else:
            answer(f"✗ {place}: not in the ledger; the table says {in_words(difference.stands)}")
    for name, rows in found.rows.items():
        more = f" (the first {DETAILED} are shown)" if rows > DETAILED else ""
        answer(f"  {name}: {counted(rows, 'row')} differ{'s' if rows == 1 else ''}{more}")
    answer("  admsync replay --apply sets them to what the ledger says.")
