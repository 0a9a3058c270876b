"""The chain's head at the end of each run, noted where the ledger's owner cannot rewrite it.

Where that fails, the run is done all the same, and a warning says so.
"""

from __future__ import annotations

import http.client
import os
import re
import stat
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import orjson
from attrs import define

from ledger.database.connection import Database, driver
from ledger.errors import AdmsyncError, SettingsError
from ledger.masking import keep_passwords, keep_secret, without_secrets
from ledger.output.lines import complain, notice
from ledger.output.streams import STDERR
from ledger.settings.environment import ANCHORS, environment
from ledger.store.append import head

# Seconds to wait for a server: for each of its answers, and for all.
_PATIENCE, _LONGEST = 5.0, 10.0
# Behind an address's scheme, with nothing that may be a part of a password.
_SERVER = re.compile(
    r"(?:[^/?#]*@)?([\w.-]+(?::\d+)?|\[[\da-f:.]+\](?::\d+)?)(?:[/?#][^@]*)?", re.IGNORECASE
)


def noted_head(database: Database) -> dict[str, object]:
    """The chain's head, for the log; shown to a person, noted where ``ADMSYNC_ANCHORS`` says.

    Empty where the database is lost by now.
    """
    try:
        with database.transaction() as connection:
            position, link = head(driver(connection))
    except AdmsyncError as problem:
        complain(f"the chain's head was not read: {problem}")
        return {}
    anchor: dict[str, object] = {"position": position, "link": link.hex()}
    if STDERR.is_terminal:  # where no such entry of the log is shown
        notice(f"The ledger's head is position {position}, with the link {link.hex()}")
    target = None
    try:
        if target := environment().get(ANCHORS.name):
            line = orjson.dumps({**anchor, "time": datetime.now(UTC).isoformat()}) + b"\n"
            _note(target, line)
    except (AdmsyncError, OSError) as problem:
        why = getattr(problem, "strerror", None) or str(problem)
        complain(
            f"the chain's head was not noted where {ANCHORS.name} says,"
            f" {named_place(target or '')}: {why}; have it take a line, or name another place;"
            " the next run notes its own head"
        )
    return anchor


def _note(target: str, line: bytes) -> None:
    if not is_address(target):
        _append(target, line)
    elif is_posted(target):
        keep_passwords(target)
        keep_secret(target.partition("?")[2])
        _post(target, line)
    else:
        raise SettingsError("that is no file, and lines are posted to http:// and https:// alone")


def is_address(target: str) -> bool:
    """Whether it names a server rather than a file that anchors are appended to."""
    return _scheme(target) is not None


def is_posted(target: str) -> bool:
    """Whether an address is of a kind that is posted to."""
    return _scheme(target) in ("http", "https")


def named_place(target: str) -> str:
    """A file as an absolute path; of an address the server alone, since the rest may be secret."""
    if (scheme := _scheme(target)) is None:
        return without_secrets(str(Path(target).absolute()))
    server = _SERVER.fullmatch(target[len(scheme) + 3 :])
    return f"{scheme}://{server[1] if server else '…'}"


def _scheme(target: str) -> str | None:
    found = re.match(r"([a-z][a-z0-9+.-]*)://", target, re.IGNORECASE)
    return found[1].lower() if found else None


def _append(path: str, line: bytes) -> None:
    # In one call, so that runs that end at once do not mix.
    with open(path, "ab", buffering=0, opener=_opened_at_once) as file:
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode) and not _ends_with_a_line(path):
            line = b"\n" + line
        if file.write(line) != len(line):
            raise OSError("the disk is full")


def _ends_with_a_line(path: str) -> bool:
    """Whether nothing that an earlier run could not write whole stands at the file's end."""
    try:
        with Path(path).open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return True
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"
    except PermissionError:  # a file that may only grow
        return False


def _opened_at_once(path: str, flags: int) -> int:
    """Without waiting for a reader, should it be a pipe."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)


def _post(address: str, line: bytes) -> None:
    posting = _Posting(address, line)
    # A server that answers a byte at a time keeps no run waiting.
    thread = Thread(target=posting.run, daemon=True)
    thread.start()
    thread.join(_LONGEST)
    if thread.is_alive():
        raise TimeoutError(f"no answer within {_LONGEST:.0f} seconds")
    if posting.problem is not None:
        raise posting.problem


@define
class _Posting:
    address: str
    line: bytes
    problem: Exception | None = None

    def run(self) -> None:
        try:
            status = self._status()
        except (ValueError, http.client.InvalidURL):
            # Not quoted, nor is what a server says: it may be of a password.
            self.problem = SettingsError("that is not an address that can be posted to")
        except http.client.HTTPException:
            self.problem = OSError("the server's answer is not of HTTP")
        except Exception as problem:  # noqa: BLE001 - raised again by who started it
            self.problem = problem
        else:
            if not 200 <= status < 300:
                self.problem = OSError(f"the server answered {status}")

    def _status(self) -> int:
        parts = urlsplit(self.address)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=_PATIENCE)
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, self.line, {"Content-Type": "application/json"})
            return connection.getresponse().status
        finally:
            connection.close()
