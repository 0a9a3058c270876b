"""Using the server: started by the first, stopped by the last, or some time after it.

Every process that uses the server holds a shared lock on a file; the one that can get it alone
when it ends is the last. The lock goes with its process, so a killed one is not waited for: the
server it left behind is stopped by the watcher, or by the next that uses it.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from attrs import define, field

from ledger.database.builtin.account import Account, server_account
from ledger.database.builtin.cluster import SUPERUSER, closed_cluster, made_cluster
from ledger.database.builtin.directory import DataDirectory, prepared
from ledger.database.builtin.files import touch
from ledger.database.builtin.locks import FileLock, held_alone
from ledger.database.builtin.process import (
    Server,
    reload_server,
    running_server,
    socket_directory,
    started_server,
    stop_server,
)
from ledger.database.builtin.programs import programs_for
from ledger.database.builtin.sockets import PORT, is_of_server
from ledger.errors import DatabaseError


def used_url(data_dir: Path, linger: float) -> str:
    """See ``embedded_url``."""
    try:
        return _use(data_dir, linger).url()
    except OSError as problem:
        raise DatabaseError(
            f"the data directory {data_dir} cannot be used: {problem.strerror or problem};"
            " set ADMSYNC_DATA_DIR to one that can, or DATABASE_URL to a server"
        ) from problem


@define
class _Use:
    """This process's part in keeping a server up."""

    data: DataDirectory
    lock: FileLock
    linger: float
    account: Account | None = field(init=False, default=None)

    def url(self) -> str:
        """The server's URL, once it is up and lets nobody else in."""
        account = self.account = server_account(self.data.cluster)
        server = running_server(self.data, account)
        directory = socket_directory(self.data)
        if server is None or directory is None or not is_of_server(directory, account):
            server, directory = self._started()
            account = self.account
        if closed_cluster(self.data, account):
            reload_server(server)
        self._linger()
        return (
            f"postgresql://{SUPERUSER}@/{SUPERUSER}?host={quote(str(directory), safe='')}"
            f"&port={PORT}&requirepeer={quote(account.name, safe='')}"
        )

    def _started(self) -> tuple[Server, Path]:
        with held_alone(self.data.making_lock):
            account = self.account = server_account(self.data.cluster)
            programs = programs_for(account)
            made_cluster(self.data, account, programs)
            closed_cluster(self.data, account)
            for _ in range(2):
                server = started_server(self.data, account, programs)
                directory = socket_directory(self.data)
                if directory is not None and is_of_server(directory, account):
                    return server, directory
                if not self.lock.took():
                    break
                # An older version's, or one whose directory is gone; nobody else uses it.
                stop_server(self.data, account)
                self.lock.share()
        raise DatabaseError(
            f"the PostgreSQL under {self.data.cluster} listens where this process cannot be sure of"
            f" it; once the commands that use it have ended, stop it with: kill -INT"
            f" {server.process.pid}"
        )

    def _linger(self) -> None:
        if self.linger:
            stay_until(self.data, time.time() + self.linger)
            ensure_watcher(self.data)

    def ended(self) -> None:
        """This process uses the server no longer."""
        stay_until(self.data, time.time() + self.linger)
        if self.linger and ensure_watcher(self.data):
            self.lock.close()
            return
        self.lock.release()
        if self.lock.took() and self.account is not None:
            stop_server(self.data, self.account)
        self.lock.close()


_USED: dict[Path, _Use] = {}
# Kept for as long as the process lives: Python warns of a started process that is forgotten.
_WATCHERS: dict[Path, subprocess.Popen[bytes]] = {}


def _use(data_dir: Path, linger: float) -> _Use:
    data = prepared(data_dir)
    used = _USED.get(data.path)
    if used is None:
        lock = FileLock(data.use_lock)
        lock.share()
        used = _USED[data.path] = _Use(data, lock, linger)
        atexit.register(_ended, data.path)
    return used


def _ended(path: Path) -> None:
    # Where the directory is gone, the server ends by itself when it sees that.
    with suppress(OSError):
        _USED.pop(path).ended()


def stay_until(data: DataDirectory, moment: float) -> None:
    """Sets when the server is to stop, unless it is used then (seconds since 1970)."""
    touch(data.until)
    os.utime(data.until, (moment, moment))


def ensure_watcher(data: DataDirectory) -> bool:
    """Sees that a process waits for the server's time to stop. Whether there is one.

    It inherits nothing: no stream that a reader of this program's output would wait for, and none
    of the settings, among which are secrets.
    """
    begun = _WATCHERS.get(data.path)
    if begun is not None and begun.poll() is None:
        return True
    lock = FileLock(data.watcher_lock)
    try:
        if not lock.took():
            return True
    finally:
        lock.close()
    kept = ("PATH", "HOME", "LANG", "PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE")
    try:
        process = subprocess.Popen(  # noqa: S603 - this interpreter, and a module of our own
            [sys.executable, "-P", "-m", "ledger.database.builtin.watcher", data.path],
            cwd="/",
            env={name: os.environ[name] for name in kept if name in os.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    _WATCHERS[data.path] = process
    return True
