"""``erase``: forgets a person."""

from __future__ import annotations

import click

from ledger.cli import completion
from ledger.cli.command import (
    command,
    json_option,
    opened_ledger,
    reason_option,
    require_agreement,
)
from ledger.output.documents import print_json
from ledger.output.lines import report
from ledger.output.words import counted


@command("erase", 'admsync erase UGVyc29uOjE0Ng== --reason "asked to"')
@click.argument("record", shell_complete=completion.records)
@reason_option("Why, without naming the person")
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@json_option
def erase(record: str, reason: str, *, yes: bool, as_json: bool) -> None:
    """Forget a person; the history and its proof stand.

    The values that name the person are deleted, and the stored answers that hold them. RECORD is as
    for admsync history. It cannot be undone. Where the person is still in Administrate, the next
    sync sees them again: remove them there first.
    """
    from ledger.database.connection import driver
    from ledger.erasure.erase import erase as forget
    from ledger.erasure.erase import plan_erasure, sweep, unreadable_about
    from ledger.events import PersonErased
    from ledger.history.find_record import find_record
    from ledger.runs.kinds import ERASURE
    from ledger.runs.run import new_run

    def told(erasure: PersonErased) -> str:
        values, blobs = len(erasure.values), len(erasure.blobs)
        what = f"{counted(values, 'value')} and {counted(blobs, 'stored answer')}"
        return f"{what} of {erasure.erased}"

    with opened_ledger() as ledger:
        with ledger.database.transaction() as connection:
            found = find_record(driver(connection), record).record
            plan = plan_erasure(driver(connection), found, reason)
        require_agreement(f"Delete {told(plan)} for good?", yes=yes)
        holds = ERASURE.holds({})
        with new_run(ledger, ERASURE.name, {"record": found}, holds=holds) as run:
            position, erased = forget(run, found, reason)
        sweep(ledger.database)
        with ledger.database.driver_transaction() as reader:
            unreadable = unreadable_about(reader, erased)
    if as_json:
        print_json(
            {
                "ok": True,
                "record": found,
                "position": position,
                "values": len(erased.values),
                "blobs": len(erased.blobs),
                "unreadable": unreadable,
            }
        )
        return
    report(f"✓ Deleted {told(erased)}")
    report(f"  Recorded at position {position}.")
    if unreadable:
        at = ", ".join(map(str, unreadable))
        report(f"  ⚠ {counted(len(unreadable), 'event')} about them cannot be read, at {at}:")
        report("    the answers named there are deleted; a name in plain text there would stay.")
    report("  Backups, and the web application's own tables, are not the ledger's to clear.")
