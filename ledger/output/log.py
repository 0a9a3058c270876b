"""The log: to standard error, as JSON where that is no terminal, with the run's id."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

import structlog

from ledger.masking import without_secrets
from ledger.output.lines import notice, notices_verbatim
from ledger.output.streams import STDERR
from ledger.output.visible import visible


class _Notices:
    """Where log entries go: a line each, or several of an entry with a traceback."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self.debug = self.info = self.warning = self.error = self.critical = write


class _OfLibraries(logging.Handler):
    """Warnings that libraries log or raise, as entries of our own."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().warning(self.format(record).rstrip(), library=record.name)


def _without_secrets(
    _logger: object, _method: str, entry: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Masked before they are encoded, so that an entry stays a document."""
    return {name: _masked(value) for name, value in entry.items()}


def _masked(value: object) -> object:
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, Mapping):
        return {_masked(name): _masked(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(item) for item in value]
    return value


def _visible_values(
    _logger: object, _method: str, entry: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {
        name: visible(value) if isinstance(value, str) and name != "exception" else value
        for name, value in entry.items()
    }


def _say(entry: str) -> None:
    """An entry for a person; behind its own line, a traceback."""
    line, _, traceback = entry.partition("\n")
    notice(line.rstrip())
    if traceback:
        notices_verbatim(traceback)


def configure_log(*, debug: bool) -> None:
    """Everything from ``info`` on where a machine reads, from ``warning`` on where a person does
    (a person is shown the same in the output), and everything with ``debug``."""
    person = STDERR.is_terminal
    level = logging.DEBUG if debug else logging.WARNING if person else logging.INFO
    processors: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_secrets,
    ]
    if person:
        renderer = structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
        processors += [_visible_values, renderer]
    else:
        processors.append(structlog.processors.JSONRenderer())
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Notices(_say if person else notices_verbatim),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_OfLibraries()], level=logging.WARNING)
    logging.captureWarnings(capture=True)
