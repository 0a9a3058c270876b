"""The server's lifetime: started by its first user, stopped by the last, or some time later.

A user is a process that holds a shared lock on a file; the last one is the one that gets it
exclusively at its end. The lock goes with its process, so a killed one is not waited for: its
server is stopped by the watcher, or, where that was killed too, by the next user.

The watcher is this module run as a program, one a data directory: it stops the server once the
server has had no user for a while. Killed, it is replaced by the next command.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psutil
from attrs import define, field

from ledger.database.builtin.account import Account, server_account
from ledger.database.builtin.cluster import SUPERUSER, make_cluster, restrict_access
from ledger.database.builtin.directory import (
    LONGEST_LINGER,
    DataDirectory,
    prepared_directory,
    touch,
)
from ledger.database.builtin.locks import FileLock, exclusive
from ledger.database.builtin.process import (
    running_server,
    send_signal,
    socket_directory,
    started_server,
    stop_server,
)
from ledger.database.builtin.programs import programs_for
from ledger.database.builtin.sockets import PORT, is_of_server
from ledger.errors import DatabaseError

# The watcher looks again meanwhile: the server may have been stopped, or its time made shorter.
_LOOK_SECONDS = 5.0


def used_url(data_dir: Path, linger: float) -> str:
    """``embedded_url``, for systems that PostgreSQL's wheel is for."""
    try:
        return _use(data_dir, linger).url()
    except OSError as problem:
        raise DatabaseError(
            f"the data directory {data_dir} cannot be used: {problem.strerror or problem};"
            " set ADMSYNC_DATA_DIR to one that can, or DATABASE_URL to a server"
        ) from problem


@define
class _Use:
    """This process as a user of the server."""

    data: DataDirectory
    lock: FileLock
    linger: float
    account: Account = field(init=False)

    def url(self) -> str:
        """The server's URL, once it is up and lets nobody else in."""
        self.account = server_account(self.data.cluster)
        server = running_server(self.data, self.account)
        directory = socket_directory(self.data)
        if server is None or directory is None or not is_of_server(directory, self.account):
            server, directory = self._started()
        if restrict_access(self.data, self.account):
            send_signal(server, signal.SIGHUP)
        _stay_until(self.data, time.time() + self.linger)
        # Also where nothing lingers: this process may be killed.
        _ensure_watcher(self.data)
        return (
            f"postgresql://{SUPERUSER}@/{SUPERUSER}?host={quote(str(directory), safe='')}"
            f"&port={PORT}&requirepeer={quote(self.account.name, safe='')}"
        )

    def _started(self) -> tuple[psutil.Process, Path]:
        with exclusive(self.data.making_lock):
            account = self.account = server_account(self.data.cluster)
            programs = programs_for(account)
            make_cluster(self.data, account, programs)
            restrict_access(self.data, account)
            for _ in range(2):
                server = started_server(self.data, account, programs)
                directory = socket_directory(self.data)
                if directory is not None and is_of_server(directory, account):
                    return server, directory
                if not self.lock.try_exclusive():
                    break
                # An older version's, or one whose directory is gone; nobody else uses it.
                stop_server(self.data, account)
                self.lock.share()
        raise DatabaseError(
            f"the PostgreSQL under {self.data.cluster} listens where this process cannot be sure of"
            f" it; once the commands that use it have ended, stop it with: kill -INT {server.pid}"
        )

    def end(self) -> None:
        """Leaves the server to its other users, to the watcher, or stops it."""
        _stay_until(self.data, time.time() + self.linger)
        if not (self.linger and _ensure_watcher(self.data)):
            self.lock.release()
            if not self.lock.try_exclusive():
                # The watcher has it, until it has stopped the server; or other users share it.
                self.lock.share()
            elif hasattr(self, "account"):
                stop_server(self.data, self.account)
        self.lock.close()


_USES: dict[Path, _Use] = {}
# Kept for as long as the process lives: Python warns of a started process that is forgotten.
_WATCHERS: dict[Path, subprocess.Popen[bytes]] = {}


def _use(data_dir: Path, linger: float) -> _Use:
    data = prepared_directory(data_dir)
    use = _USES.get(data.path)
    if use is None:
        lock = FileLock(data.use_lock)
        lock.share()
        use = _USES[data.path] = _Use(data, lock, linger)
        atexit.register(_end, data.path)
    return use


def _end(path: Path) -> None:
    # Where the directory is gone, the server ends by itself when it sees that.
    with suppress(OSError):
        _USES.pop(path).end()


def _stay_until(data: DataDirectory, moment: float) -> None:
    """Sets when the server is to stop, unless it is used then (seconds since 1970)."""
    touch(data.until)
    os.utime(data.until, (moment, moment))


def _ensure_watcher(data: DataDirectory) -> bool:
    """Starts the watcher where there is none. Whether there is one.

    It inherits nothing: no stream that a reader of this program's output would wait for, and none
    of the settings, among which are secrets.
    """
    started = _WATCHERS.get(data.path)
    if started is not None and started.poll() is None:
        return True
    lock = FileLock(data.watcher_lock)
    try:
        if not lock.try_exclusive():
            return True
    finally:
        lock.close()
    passed = ("PATH", "HOME", "LANG", "PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE")
    try:
        _WATCHERS[data.path] = subprocess.Popen(  # noqa: S603 - this interpreter, this module
            [sys.executable, "-P", "-m", "ledger.database.builtin.lifetime", data.path],
            cwd="/",
            env={name: os.environ[name] for name in passed if name in os.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    return True


def watch(data: DataDirectory) -> None:
    """Waits until the server has no user and its time is over, and stops it."""
    watcher = FileLock(data.watcher_lock)
    if not watcher.try_exclusive():
        return
    use = FileLock(data.use_lock)
    while True:
        # Waits in the kernel while anybody uses the server, however their process ends.
        use.take()
        account = server_account(data.cluster)
        left = data.until.stat().st_mtime - time.time()
        # A clock that was set back does not make it stay for ever.
        if not 0 < left <= LONGEST_LINGER or running_server(data, account) is None:
            stop_server(data, account)
            # Before the other: the next user, which waits for that one, must not find a watcher.
            watcher.close()
            use.close()
            return
        use.release()
        time.sleep(min(left, _LOOK_SECONDS))


if __name__ == "__main__":
    watch(DataDirectory(Path(sys.argv[1])))
