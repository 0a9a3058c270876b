"""``admsync``: one program, whose commands are imported when they are called."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click
from click.shell_completion import CompletionItem

from ledger.cli.command import Group, common_options, version_option
from ledger.cli.running import run_program

# What each command is called, where it lives, and its line in the program's help, by when it is
# wanted.
GROUPS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Set up": {
        "demo": ("importer.cli.demo", "Show the whole thing on a fresh machine."),
        "sandbox": ("sync.cli.sandbox", "Run a local Administrate, with faults on demand."),
        "migrate": ("ledger.cli.setup", "Bring the database to the current schema."),
        "verify-schema-placement": (
            "ledger.cli.setup",
            "Say whether every expected table is in its schema.",
        ),
        "doctor": ("sync.cli.doctor", "Check everything a run needs, and say what to do."),
    },
    "Every night": {
        "sync": ("sync.cli.sync", "Sync one entity from Administrate, or all of them."),
        "status": (
            "sync.cli.status",
            "Say how fresh each entity is, and what waits.",
        ),
        "drift": ("sync.cli.drift", "List what is out of step between the two systems."),
        "discrepancies": (
            "importer.cli.discrepancies",
            "List open discrepancies, or decide about them.",
        ),
    },
    "Each sitting": {
        "import-template": ("importer.cli.import_events", "Write an empty workbook to fill in."),
        "import-events": (
            "importer.cli.import_events",
            "Make the events of a workbook in both systems.",
        ),
        "choose-product": ("importer.cli.choose_product", "Say which product events are sold as."),
        "events": ("importer.cli.events", "List linked events; publish, sell, cancel them."),
    },
    "Questions": {
        "runs": ("ledger.cli.runs", "List what ran, when, by whom, and how it ended."),
        "show": ("ledger.cli.runs", "Show one run's events in order."),
        "history": ("importer.cli.history", "Show what happened to a record or a cell, and why."),
        "replay": ("sync.cli.replay", "Rebuild the tables from the ledger and compare."),
        "verify": ("ledger.cli.proof", "Check the chain of hashes and the tables."),
        "export": ("ledger.cli.proof", "Write one run's events and proof to a file."),
        "serve": ("importer.cli.serve", "Serve the audit pages to a browser."),
    },
    "Repair": {
        "resume": ("importer.cli.resume", "Go on from where a run stopped."),
        "set-aside": ("ledger.cli.runs", "End a stopped run that nobody goes on with."),
        "rollback": (
            "sync.cli.rollback",
            "Roll back a sync, an import or other changes.",
        ),
        "erase": ("ledger.cli.erase", "Forget a person; the history and its proof stand."),
    },
}
COMMANDS = {name: told for commands in GROUPS.values() for name, told in commands.items()}
# What people type who know other programs, or this one's by what it does.
OTHER_WORDS = {
    **dict.fromkeys(("undo", "revert", "restore"), "rollback"),
    **dict.fromkeys(("import", "load", "validate"), "import-events"),
    **dict.fromkeys(("list", "ls"), "runs, discrepancies or events list"),
    **dict.fromkeys(("log", "why", "audit"), "history, show or export"),
    **dict.fromkeys(("continue", "retry"), "resume"),
    **dict.fromkeys(("abort", "cancel", "stop"), "set-aside"),
    **dict.fromkeys(("init", "setup", "upgrade", "install"), "migrate"),
    **dict.fromkeys(("check", "test", "config"), "doctor"),
    **dict.fromkeys(("fetch", "pull", "start"), "sync"),
    **dict.fromkeys(("match", "link", "accept", "reject", "decide"), "discrepancies"),
    **dict.fromkeys(("publish", "push"), "events publish or sync events --push"),
    **dict.fromkeys(("diff", "changes"), "drift"),
    **dict.fromkeys(("health", "fresh", "metrics", "summary"), "status"),
    **dict.fromkeys(("forget", "delete"), "erase"),
    **dict.fromkeys(("rebuild", "repair"), "replay"),
    **dict.fromkeys(("template", "sample"), "import-template"),
    **dict.fromkeys(("web", "ui", "browse"), "serve"),
}


class Program(Group):
    """A group that knows its commands by name, and imports one only to run it."""

    other_words = OTHER_WORDS

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        # The older tool spelt its commands with underscores.
        name = cmd_name.replace("_", "-")
        if name not in COMMANDS:
            return None
        found: click.Command = getattr(import_module(COMMANDS[name][0]), name.replace("-", "_"))
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        # The older tool had a command for each entity: sync_venues, sync_all.
        first, _, entity = args[0].replace("_", "-").partition("-")
        if first == "sync" and entity:
            args = ["sync", entity, *args[1:]]
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        longest = max(map(len, COMMANDS))
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl(
                    [(name.ljust(longest), line) for name, (_, line) in commands.items()]
                )

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        return [
            CompletionItem(name, help=line)
            for name, (_, line) in COMMANDS.items()
            if name.startswith(incomplete)
        ] or super().shell_complete(ctx, incomplete)


@click.group(cls=Program)
@version_option
@common_options
def program() -> None:
    """Keeps the tutorial database and Administrate linked, on a ledger that remembers everything.

    Settings come from the environment or a .env file (--env-file names another): DATABASE_URL, or
    DB_NAME with DB_USER, DB_PASSWORD, DB_HOST, DB_PORT, or libpq's PGHOST and so on (without any, a
    PostgreSQL of the program's own is used); ADMINISTRATE_API_URL, ADMINISTRATE_AUTH_URL and
    ADMINISTRATE_INSTANCE_URL, each a host or an address; ADMINISTRATE_API_KEY,
    ADMINISTRATE_API_SECRET.
    """


def main() -> None:
    """Runs the program and exits with its code."""
    run_program(program)
