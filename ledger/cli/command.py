"""The frame of every command: common options, and the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import wraps
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from ledger.cli.log import begin_log, debug_option, log_file_option
from ledger.errors import AdmsyncError
from ledger.output.lines import answer_lines, complain
from ledger.output.visible import with_what_differs

if TYPE_CHECKING:
    from ledger.database.connection import Database
    from ledger.store.ledger import Ledger

_F = TypeVar("_F", bound=Callable[..., Any])


def _name_env_file(_ctx: click.Context, _option: click.Parameter, value: str | None) -> None:
    from ledger.settings.environment import name_env_file

    if value == "":
        # From a shell's variable that is not set, say; another file is not what was meant.
        raise click.BadParameter("expected the name of a file")
    if value is not None:
        name_env_file(value)


_env_file_option = click.option(
    "--env-file",
    type=click.Path(),
    metavar="FILE",
    expose_value=False,
    callback=_name_env_file,
    help="Read settings from this file instead of .env.",
)


def _show_version(ctx: click.Context, _option: click.Parameter, value: object) -> None:
    if value and not ctx.resilient_parsing:
        answer_lines([f"admsync, version {metadata.version('admsync')}"])
        ctx.exit()


version_option = click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)


def common_options(function: _F) -> _F:
    """The options of the program, and of each command."""
    return debug_option(log_file_option(_env_file_option(function)))


def _show_help(ctx: click.Context, _option: click.Parameter, value: object) -> None:
    if value and not ctx.resilient_parsing:
        answer_lines(ctx.get_help().splitlines())
        ctx.exit()


class _Words(click.types.StringParamType):
    """What a person types: a name, a reason. It comes without the spaces around it, and says
    something."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from ledger.blank import is_blank
        from ledger.typed import as_typed

        text = as_typed(super().convert(value, param, ctx))
        if is_blank(text):
            self.fail("it is blank; say something that can be read", param, ctx)
        return text.strip()


class Command(click.Command):
    """A command whose help goes the way of all output and ends in ``examples``, command lines as
    they are typed, and all of whose texts say something."""

    examples: Sequence[str] = ()

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        for parameter in self.params:
            if parameter.type is click.STRING:
                parameter.type = _Words()

    def get_help_option_names(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return ["-h", "--help"]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show_help
        return option

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                # Not as text of click's, which it would break where a shell reads on.
                formatter.write("".join(f"  {one}\n" for one in self.examples))


class Group(Command, click.Group):
    """A group of commands, as ``Command``, that knows what other words for them people type."""

    other_words: Mapping[str, str] = {}

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        typed = args[0]
        known = self.get_command(ctx, typed) is not None
        if known or typed.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        raise click.UsageError(f"There is no command {typed!r}.{self._meant(ctx, typed)}", ctx)

    def _meant(self, ctx: click.Context, typed: str) -> str:
        word = typed.lower()
        if word in self.other_words:
            return f" Did you mean {self.other_words[word]}?"
        names = self.list_commands(ctx)
        begun = [name for name in names if len(word) > 1 and name.startswith(word)]
        for near in (begun if len(begun) == 1 else []) or get_close_matches(word, names, n=1):
            return with_what_differs(f" Did you mean {near}?", word, near)
        return ""


def command(name: str, *examples: str) -> Callable[[_F], click.Command]:
    """A command of the program, with the options every command has, and examples of its use."""

    def make(function: _F) -> click.Command:
        made = click.command(name, cls=Command)(common_options(function))
        made.examples = examples
        return made

    return make


def group(name: str, *examples: str, invoke_without_command: bool = False) -> Callable[[_F], Group]:
    """A command that others stand below, as ``command``; called without any of them where that has
    a meaning."""

    def make(function: _F) -> Group:
        made = click.group(name, cls=Group, invoke_without_command=invoke_without_command)
        of = made(common_options(function))
        of.examples = examples
        return of

    return make


def paged(function: _F) -> _F:
    """A command whose words go through a pager where they are longer than the terminal."""

    @click.option("--no-pager", is_flag=True, help="Show it all at once, however long it is.")
    @wraps(function)
    def in_pager(*args: Any, no_pager: bool, as_json: bool = False, **given: Any) -> Any:
        from ledger.output.pager import paging

        with paging(wanted=not (no_pager or as_json)):
            return function(*args, as_json=as_json, **given)

    return cast("_F", in_pager)


force_option = click.option("--force", is_flag=True, help="Write over a file that is there.")


def reason_option(of: str = "Why", *, required: bool = True) -> Callable[[_F], _F]:
    """A person's reason for what a command does."""
    return click.option("--reason", required=required, help=f"{of}: kept in the ledger.")


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document and nothing else."
)


@contextmanager
def opened_database() -> Iterator[Database]:
    """The database of the settings, migrated or not; announces the built-in one."""
    with _reached_database(logging=True) as database:
        yield database


@contextmanager
def _reached_database(*, logging: bool) -> Iterator[Database]:
    from ledger.database.connection import open_database
    from ledger.database.settings import DatabaseSettings
    from ledger.settings.environment import environment

    given = environment()
    begin_log(given, only_if_asked=not logging)
    settings = DatabaseSettings.from_environment(given)
    database = open_database(settings)
    if settings.builtin:
        announce_builtin(settings.data_dir)
    try:
        yield database
    finally:
        database.close()


def announce_builtin(data_dir: Path) -> None:
    """Prints that the built-in database is used, so that it is not mistaken for another."""
    complain(
        f"no setting names a database, so the built-in one under {data_dir} is used; see"
        " admsync doctor"
    )


@contextmanager
def opened_ledger(*, announcing: bool = True) -> Iterator[Ledger]:
    """The ledger in the settings' database; unfinished runs are announced.

    Raises ``NotMigrated`` where it is missing or of another version.
    """
    from ledger.settings.environment import actor, environment
    from ledger.store.ledger import Ledger

    with opened_database() as database:
        _look_over(database, announcing=announcing)
        yield Ledger(database, actor(environment()))


@contextmanager
def opened_for_reading(*, announcing: bool = True) -> Iterator[Database]:
    """As ``opened_ledger``, for a command that only reads: it appends nothing, and loads neither
    what projects events nor, unless one is asked for, the log."""
    with _reached_database(logging=False) as database:
        _look_over(database, announcing=announcing)
        yield database


def _look_over(database: Database, *, announcing: bool) -> None:
    from ledger.migrations.schema_version import require_current

    require_current(database)
    if announcing:
        _announce(database)


def _announce(database: Database) -> None:
    from ledger.runs.states import unfinished_runs
    from ledger.runs.streak import not_done_in_a_row

    with database.driver_transaction() as connection:
        waiting = unfinished_runs(connection)
        streak = None
        if waiting:
            newest = waiting[0]
            streak = not_done_in_a_row(connection, newest.command, newest.first_position + 1)
    if waiting:
        row = f" ({streak})" if streak and streak.runs > 1 else ""
        more = f", and {len(waiting) - 1} more (admsync runs)" if len(waiting) > 1 else ""
        end = "set-aside ends it" if newest.kind.kept else "rollback reverses it"
        complain(
            f"{newest.command}, run {newest.run_id}, is unfinished{row}{more};"
            f" admsync resume continues it, admsync {end}"
        )


def ask_to_agree(question: str) -> None:
    """Asks a person on standard error, which no program reads.

    Raises ``AdmsyncError`` on no: nothing was done.
    """
    from ledger.output.terminal import said_yes

    if not said_yes(question):
        raise AdmsyncError("nothing was done")


def require_agreement(question: str, *, yes: bool) -> None:
    """Asks, unless ``yes`` was given; refuses where there is no terminal to ask at."""
    from ledger.output.terminal import somebody_is_there

    if yes:
        return
    if not somebody_is_there():
        raise click.UsageError("there is nobody to ask here; --yes agrees to the plan")
    ask_to_agree(question)
