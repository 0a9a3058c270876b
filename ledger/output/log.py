"""The log: to standard error, as JSON where that is no terminal, with the run's id."""

from __future__ import annotations

import logging
import sys

import structlog
from attrs import frozen

from ledger.output.streams import tell


@frozen
class _StandardError:
    """The log's stream; the run continues where it cannot be written."""

    def debug(self, line: str) -> None:
        tell(line, err=True)

    info = warning = error = critical = debug


def configure_log(*, debug: bool) -> None:
    """Everything from ``info`` on where a machine reads, from ``warning`` on where a person does
    (a person is shown the same in the output), and everything with ``debug``."""
    person = sys.stderr.isatty()
    level = logging.DEBUG if debug else logging.WARNING if person else logging.INFO
    processors: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if person:
        processors.append(structlog.dev.ConsoleRenderer())
    else:
        processors += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _StandardError(),
        cache_logger_on_first_use=False,
    )
