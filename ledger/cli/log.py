"""The options and the setting of the log, on every command."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ledger.output.log import LogFile

DEBUG = "--debug"
# The file that the log goes to, once it is named.
_FILES: list[LogFile] = []

debug_option = click.option(
    DEBUG, is_flag=True, expose_value=False, help="Show tracebacks and every log line."
)


def debugging() -> bool:
    """Whether tracebacks and every log line were asked for."""
    return DEBUG in sys.argv


def _name_log_file(_ctx: click.Context, _option: click.Parameter, value: Path | None) -> None:
    if value is not None:
        from os import environ

        from ledger.output.log import LogFile

        _FILES[:] = [LogFile(value)]
        begin_log(environ)


log_file_option = click.option(
    "--log-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    expose_value=False,
    callback=_name_log_file,
    help="Append the log to this file.",
)


def begin_log(given: Mapping[str, str], *, only_if_asked: bool = False) -> None:
    """Begins the log that the options and ``ADMSYNC_LOG`` ask for; ``only_if_asked``: where they
    ask for none, nothing is loaded for it.

    Raises ``SettingsError`` where ``ADMSYNC_LOG`` is no form of a log.
    """
    from ledger.settings.environment import LOG

    form = LOG.choice(given)
    if only_if_asked and form == "off" and not _FILES:
        return
    from ledger.output.log import JSON, OFF, configure_log

    file = next(iter(_FILES), None)
    if file is not None and form == OFF:
        form = JSON
    configure_log(form, debug=debugging(), file=file)
