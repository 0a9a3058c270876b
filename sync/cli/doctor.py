"""``doctor``: what a run needs, looked at before it is needed."""

from __future__ import annotations

import click

from ledger.cli.command import command, debugging, json_option
from ledger.cli.output import print_json


@command("doctor")
@json_option
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> None:
    """Look at everything a run needs, and say what to do.

    The database and its schema, the ledger, work left unfinished, the settings of Administrate and
    whether it answers to them. Exit 1 where something is wrong.
    """
    from ledger.log import configure_log
    from ledger.settings.environment import environment
    from sync.doctor import examine

    configure_log(debug=debugging())
    checks = []
    for check in examine(environment()):
        checks.append(check)
        if not as_json:
            click.echo(f"{'✓' if check.ok else '✗'} {check.name}: {check.said}")
    ok = all(check.ok for check in checks)
    if as_json:
        print_json({"ok": ok, "checks": checks})
    ctx.exit(0 if ok else 1)
