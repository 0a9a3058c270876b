"""The log: what the program does, entry by entry, for whoever looks after it.

It is written where it is asked for: in a file, or on standard error, where nothing but its entries
stands then. An entry is one line, of JSON or of ``name=value`` (logfmt).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import structlog
from attrs import define, field

from ledger.errors import UsageRefused
from ledger.masking import without_secrets
from ledger.output.lines import NOTICES, notices_verbatim
from ledger.output.streams import STDERR
from ledger.output.visible import visible

FORMS = JSON, TEXT, OFF = "json", "text", "off"
_NOTHING = logging.CRITICAL  # no entry is of this level
_PLAIN = (type(None), bool, int, float)
_NAMED_BY = "event"


@define
class LogFile:
    """A log in a file that its owner alone may read; it only grows.

    Raises ``UsageRefused`` where it cannot be opened. Where it cannot be written any longer,
    standard error says so, once, and the work goes on.
    """

    path: Path
    _into: int = field(init=False)
    _lost: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        try:
            self._into = os.open(self.path, flags, 0o600)
            size = os.fstat(self._into).st_size
            if size and os.pread(self._into, 1, size - 1) != b"\n":
                os.write(self._into, b"\n")  # behind an entry that was cut short
        except OSError as problem:
            raise UsageRefused(
                f"the log cannot be written to {self.path}: {problem.strerror}"
            ) from problem

    def write(self, entry: str) -> None:
        """Writes an entry, in one call: those of runs at the same time do not mix."""
        if self._lost:
            return
        line = f"{entry}\n".encode()
        try:
            if os.write(self._into, line) != len(line):
                raise OSError(0, "the disk is full")
        except OSError as problem:
            self._lost = True
            NOTICES.on_stderr = True
            STDERR.write_line(f"admsync: the log {self.path} cannot be written: {problem.strerror}")


class _Entries:
    """Where the log's entries go, each as a line."""

    def __init__(self, file: LogFile | None, *, words_beside: bool) -> None:
        write = file.write if file else notices_verbatim if words_beside else STDERR.write_line
        self.debug = self.info = self.warning = self.error = self.critical = write


class _OfLibraries(logging.Handler):
    """Warnings that libraries log or raise, as entries of our own."""

    def emit(self, record: logging.LogRecord) -> None:
        level = min(record.levelno, logging.ERROR)
        told, why = record.getMessage().rstrip(), record.exc_info
        structlog.get_logger().log(level, told, library=record.name, exc_info=why)


def configure_log(form: str = OFF, *, debug: bool = False, file: LogFile | None = None) -> None:
    """Writes the log in a form (of ``FORMS``) to the file, or to standard error.

    ``debug`` adds the entries that only a developer reads, and where no log is asked for, shows
    all of them between the words on standard error.
    """
    asked = form != OFF or file is not None
    level = logging.DEBUG if debug else logging.INFO if asked else _NOTHING
    if not asked and STDERR.is_terminal:
        form = TEXT
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _without_secrets,
            *_rendered(form),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Entries(file, words_beside=not asked),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_OfLibraries()], level=logging.WARNING, force=True)
    logging.captureWarnings(capture=True)
    NOTICES.entry = _noticed if asked else None
    NOTICES.on_stderr = not asked or file is not None
    NOTICES.bare = _bare(form)


def _noticed(level: str, words: str) -> None:
    """What is said on standard error, as an entry."""
    getattr(structlog.get_logger(), level)(words)


def _bare(form: str) -> Callable[[str], str]:
    """A notice as an entry, where nothing but its words is at hand."""
    [*_, render] = _rendered(form)

    def entry(words: str) -> str:
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        return str(render(None, "", {_NAMED_BY: words, "level": "warning", "timestamp": now}))

    return entry


def _rendered(form: str) -> list[structlog.types.Processor]:
    if form == TEXT:
        order = ["timestamp", "level", _NAMED_BY]
        return [_on_one_line, structlog.processors.LogfmtRenderer(key_order=order)]
    return [structlog.processors.JSONRenderer()]


def _without_secrets(
    _logger: object, _method: str, entry: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Masked before they are encoded, so that an entry stays a document."""
    return {name: _masked(value) for name, value in entry.items()}


def _masked(value: object) -> object:
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping):
        return {str(_masked(name)): _masked(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(item) for item in value]
    return without_secrets(str(value))


def _on_one_line(
    _logger: object, _method: str, entry: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Names without spaces, values without line breaks or what acts on a terminal."""
    return {
        "_".join(name.split()): value if isinstance(value, _PLAIN) else visible(str(value))
        for name, value in entry.items()
    }
