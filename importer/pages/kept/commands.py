"""Commands as processes of their own: they go on when a page is closed, or the server ends.

Of each there is a folder: what was called, by whom, what it said, and its log, whose entries name
the run. Any server on the same data directory shows it.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import psutil
from attrs import frozen
from uuid_utils.compat import uuid7

from importer.pages.kept.clearing import clear
from ledger.database.settings import data_directory
from ledger.errors import AdmsyncError, UsageRefused
from ledger.settings.environment import ACTOR, LOG, Environment

_CALLED, _SAID, _LOG, _CODE = "called.json", "said.txt", "log.json", "code"
_MOST_SAID = 100_000  # bytes of its end
_RUN_BEGAN = ("run started", "run resumed")
_COLUMNS = "100"
MOST_COMMANDS = 1_000
# A shell around the command keeps its exit code, whole, and whether or not a server waits.
_KEEPING_ITS_CODE = '"$@"; echo $? >"$0.part" && mv "$0.part" "$0"'


@frozen
class StartedCommand:
    """A command that was started: its words, by whom, and how it is by now.

    ``code`` is its exit code, None while it runs and where it was ended together with the shell
    around it. ``run_id`` is of the run that it began, where it has.
    """

    id: str
    words: tuple[str, ...]
    actor: str
    started_at: str
    running: bool
    code: int | None
    run_id: str | None
    said: str

    @property
    def ended_well(self) -> bool:
        return self.code in (0, 4, 5)


def start(environ: Environment, actor: str, words: Sequence[str]) -> str:
    """Starts a command of the program in the name of somebody; returns the id of its folder."""
    name = str(uuid7())
    folder = _commands(environ) / name
    try:
        folder.mkdir(mode=0o700, parents=True)
        process = _started(environ, folder, actor, words)
    except OSError as problem:
        raise AdmsyncError(
            f"no command can be started from {folder}: {problem.strerror}; see ADMSYNC_DATA_DIR"
        ) from problem
    threading.Thread(target=process.wait, daemon=True).start()  # lest it stay a zombie

    def is_needed(other: str) -> bool:
        return other == name or bool(_words_if_running(folder.parent / other))

    clear(folder.parent, MOST_COMMANDS, is_needed)
    return name


def words_of_running(environ: Environment) -> list[tuple[str, ...]]:
    """The words of each command that still runs."""
    with suppress(OSError):
        return list(filter(None, map(_words_if_running, _commands(environ).iterdir())))
    return []


def _words_if_running(folder: Path) -> tuple[str, ...]:
    """The words of a command that still runs; none of any other."""
    with suppress(OSError, ValueError):
        called = orjson.loads((folder / _CALLED).read_bytes())
        if _is_running(called):
            return tuple(called["words"])
    return ()


def _is_running(called: dict[str, Any]) -> bool:
    return bool(_beginning(called["pid"]) == called["began"] is not None)


def _started(
    environ: Environment, folder: Path, actor: str, words: Sequence[str]
) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-m", "importer", "--log-file", str(folder / _LOG), *words]
    command = ["/bin/sh", "-c", _KEEPING_ITS_CODE, str(folder / _CODE), *program]
    given = {**environ.process, ACTOR.name: actor, LOG.name: "json", "COLUMNS": _COLUMNS}
    with (folder / _SAID).open("wb") as said:
        process = subprocess.Popen(  # noqa: S603 - our own program, its words as arguments
            command,
            env=given,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    called = {
        "words": list(words),
        "actor": actor,
        "pid": process.pid,
        "began": _beginning(process.pid),
        "started_at": datetime.now(UTC).isoformat(),
    }
    (folder / _CALLED).write_bytes(orjson.dumps(called))
    return process


def started_command(environ: Environment, name: str) -> StartedCommand:
    """A command that was started before. Raises ``UsageRefused`` where there is none of that id."""
    folder = _commands(environ) / _checked(name)
    try:
        called = orjson.loads((folder / _CALLED).read_bytes())
    except (OSError, ValueError):
        raise UsageRefused(f"no command {name!r} was started from these pages") from None
    # In this order: what runs no more has left its code.
    running = _is_running(called)
    code = _code(folder)
    return StartedCommand(
        name,
        tuple(called["words"]),
        called["actor"],
        called["started_at"],
        running and code is None,
        code,
        _run_of(folder),
        _end_of(folder / _SAID),
    )


def _commands(environ: Environment) -> Path:
    return data_directory(environ) / "pages" / "commands"


def _checked(name: str) -> str:
    """A name that is no path."""
    try:
        return str(UUID(name))
    except ValueError:
        raise UsageRefused(f"no command {name!r} was started from these pages") from None


def _beginning(pid: int) -> float | None:
    """When a process began, by which it is told from a later one of its number."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return None


def _code(folder: Path) -> int | None:
    with suppress(OSError, ValueError):
        return int((folder / _CODE).read_text())
    return None


def _run_of(folder: Path) -> str | None:
    """The run that the command's log names."""
    with suppress(OSError), (folder / _LOG).open("rb") as log:
        for line in log:
            with suppress(ValueError):
                entry = orjson.loads(line)
                if entry.get("event") in _RUN_BEGAN:
                    return str(entry["run_id"])
    return None


def _end_of(path: Path) -> str:
    with suppress(OSError), path.open("rb") as said:
        said.seek(max(0, path.stat().st_size - _MOST_SAID))
        return said.read().decode(errors="replace")
    return ""
