"""``doctor``: checks everything a run needs, before it is needed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from ledger.cli.command import announce_builtin, command, json_option
from ledger.cli.log import begin_log
from ledger.output.documents import print_json
from ledger.output.lines import answer

if TYPE_CHECKING:
    from sync.doctor import Check
    from sync.settings import SettingInUse


@command("doctor", "admsync doctor", "admsync --env-file .env.uat doctor")
@json_option
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> None:
    """Check everything a run needs, and say what to do.

    Each setting, its source and its errors; the database, its schema, whether a run could write
    there; the ledger, unfinished runs, and whether Administrate answers. Exit 1 if a check fails.
    """
    from ledger.database.settings import data_directory
    from ledger.errors import SettingsError
    from ledger.settings.environment import environment
    from sync.doctor import Check, examine
    from sync.settings import named_by, settings_in_use

    begin_log(os.environ)
    try:
        given = environment()
        begin_log(given)
    except SettingsError as problem:
        checks = [Check("settings", ok=False, said=str(problem))]
        print_check(checks[0], as_json=as_json)
        in_use = []
    else:
        in_use = settings_in_use(given)
        if named_by(given) == "":
            announce_builtin(data_directory(given))
        if not as_json:
            print_settings(in_use)
        checks = []
        for check in examine(given):
            checks.append(check)
            print_check(check, as_json=as_json)
    ok = all(check.ok for check in checks)
    if not as_json:
        failed = [check.name for check in checks if not check.ok]
        answer(f"Failed: {', '.join(failed)}." if failed else "Every check passed.")
    else:
        print_json({"ok": ok, "checks": checks, "settings": in_use})
    ctx.exit(0 if ok else 1)


def print_check(check: Check, *, as_json: bool) -> None:
    """Prints a check's result, unless all are to be one document."""
    if not as_json:
        answer(f"{'✓' if check.ok else '✗'} {check.name}: {check.said}")


def print_settings(in_use: list[SettingInUse]) -> None:
    """Prints the settings, with each source as a heading."""
    from ledger.output.words import shown

    for source in dict.fromkeys(one.source for one in in_use):
        answer(f"  From {source}:" if source != "default" else "  Not set, so by default:")
        for one in in_use:
            if one.source == source:
                value = "(not shown)" if one.value is None else shown(one.value, 60)
                note = f" ({one.note})" if one.note else ""
                answer(f"    {one.name}: {value}{note}")
