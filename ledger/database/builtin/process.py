"""The server's process: found for certain, started and stopped without a shell.

A number in ``postmaster.pid`` proves nothing: after a power cut it may be anybody's. The server is
the process of the server's account that runs ``postgres`` in the cluster's directory.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
from attrs import frozen

from ledger.database.builtin.account import Account
from ledger.database.builtin.cluster import environment, here
from ledger.database.builtin.directory import DataDirectory
from ledger.database.builtin.files import read
from ledger.database.builtin.locks import inheritable_lock
from ledger.database.builtin.programs import Programs
from ledger.database.builtin.sockets import PORT, made_socket_directory, remove_socket_directory
from ledger.errors import DatabaseError

# How long a server may take to recover from a crash, and one that stops to write what it has.
_READY_SECONDS = 300
_STOPPED_SECONDS = 60
_GONE_SECONDS = 10
_LARGEST_LOG = 10_000_000
# Kept for as long as the process lives: Python warns of a started process that is forgotten.
_STARTED: list[subprocess.Popen[bytes]] = []


@frozen
class Server:
    """A process that is a cluster's server."""

    process: psutil.Process

    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return _is_alive(self.process)


def running_server(data: DataDirectory, account: Account) -> Server | None:
    """The server that its own file names, where it lives."""
    lines = _pid_file(data)
    with suppress(ValueError, IndexError, psutil.Error):
        process = psutil.Process(int(lines[0]))
        if _is_postgres(process, account) and _is_in(process, data):
            return Server(process)
    return None


def socket_directory(data: DataDirectory) -> Path | None:
    """Where the running server listens; None while it is not ready."""
    lines = _pid_file(data)
    if len(lines) > 7 and lines[7].strip() == "ready" and lines[4]:
        return Path(lines[4])
    return None


def started_server(data: DataDirectory, account: Account, programs: Programs) -> Server:
    """Starts the server, or finds the one that a killed process started. Waits until it is ready.

    The caller holds the making lock. Raises ``DatabaseError`` with what the server said.
    """
    found = running_server(data, account) or _starting(data, account)
    if found is not None and _is_ready(found, data):
        return found
    # None, or one that was about to stop when it was found.
    _end_orphans(data, account)
    lock = _server_lock(data)
    try:
        (data.cluster / "postmaster.pid").unlink(missing_ok=True)
        started = _start(data, account, programs, lock)
    finally:
        os.close(lock)
    if not _is_ready(started, data):
        raise DatabaseError(
            f"the PostgreSQL under {data.cluster} does not start: {_last_words(data)}"
        )
    return started


def stop_server(data: DataDirectory, account: Account) -> None:
    """Stops the server, where one runs, and waits for its end.

    The caller holds the lock of its users alone.
    """
    server = running_server(data, account)
    if server is not None:
        with suppress(psutil.NoSuchProcess):
            server.process.send_signal(signal.SIGINT)
        _wait([server.process], _STOPPED_SECONDS)
    lock = inheritable_lock(data.server_lock)
    if lock is not None:  # else it takes its time, and the next that uses it stops it
        remove_socket_directory(data, account)
        os.close(lock)


def reload_server(server: Server) -> None:
    """Has the server read its rules again."""
    with suppress(psutil.NoSuchProcess):
        server.process.send_signal(signal.SIGHUP)


def _pid_file(data: DataDirectory) -> list[str]:
    return (read(data.cluster / "postmaster.pid") or "").split("\n")


def _is_alive(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def _wait(processes: list[psutil.Process], seconds: float) -> None:
    """Waits for the end of processes. psutil's own waits for their parent too, which in a container
    may never ask what became of them."""
    end = time.monotonic() + seconds
    while any(map(_is_alive, processes)) and time.monotonic() < end:
        time.sleep(0.01)


def _is_postgres(process: psutil.Process, account: Account) -> bool:
    with suppress(psutil.Error), process.oneshot():
        return bool(
            process.name() == "postgres"
            and process.uids().effective == account.uid
            and process.status() != psutil.STATUS_ZOMBIE
        )
    return False


def _is_in(process: psutil.Process, data: DataDirectory) -> bool:
    """Whether a process that the cluster's own file names works in its directory."""
    try:
        return Path(process.cwd()).samefile(data.cluster)
    except psutil.AccessDenied:
        # Root in a container may not look; but then a server of this data lives, or none does.
        lock = inheritable_lock(data.server_lock)
        if lock is not None:
            os.close(lock)
        return lock is None
    except (psutil.Error, OSError):
        return False


def _processes(data: DataDirectory, account: Account) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if _is_postgres(process, account) and Path(process.cwd()).samefile(data.cluster):
                yield process


def _is_child(process: psutil.Process) -> bool:
    """Whether it is one of a server's own processes, which write what they are over their name."""
    with suppress(psutil.Error, IndexError):
        return bool(process.cmdline()[0].startswith("postgres:"))
    return True


def _starting(data: DataDirectory, account: Account) -> Server | None:
    """A server that has not written its file yet: who started it was killed."""
    for process in _processes(data, account):
        if not _is_child(process):
            return Server(process)
    return None


def _end_orphans(data: DataDirectory, account: Account) -> None:
    """Ends what a killed server left: each notices by itself, but not in a long statement."""
    left = list(_processes(data, account))
    for number in (signal.SIGQUIT, signal.SIGKILL):
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        _wait(left, 5)


def _server_lock(data: DataDirectory) -> int:
    """The lock that says that no process of the server lives, once that is so."""
    end = time.monotonic() + _GONE_SECONDS
    while (lock := inheritable_lock(data.server_lock)) is None:
        if time.monotonic() > end:
            raise DatabaseError(
                f"the PostgreSQL under {data.cluster} runs where this process does not see it (in"
                " another container?); stop it there"
            )
        time.sleep(0.05)
    return lock


def _start(data: DataDirectory, account: Account, programs: Programs, lock: int) -> Server:
    directory = made_socket_directory(data, account)
    if data.log.exists() and data.log.stat().st_size > _LARGEST_LOG:
        data.log.replace(data.log.with_suffix(".log.old"))
    with open(data.log, "ab", opener=_private) as log:
        try:
            process = subprocess.Popen(  # noqa: S603 - a program of our own installation
                [programs.postgres, "-D", here(data.cluster), *_options(data, directory)],
                cwd=data.cluster,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                umask=0o077,
                pass_fds=[lock],
                start_new_session=True,  # who interrupts a command does not mean the server
                **account.identity(),
            )
        except OSError as problem:
            raise DatabaseError(
                f"the built-in PostgreSQL cannot be started as {account.name}: {problem.strerror};"
                " set DATABASE_URL to a server"
            ) from problem
    _STARTED.append(process)
    return Server(psutil.Process(process.pid))


def _private(path: str, flags: int) -> int:
    descriptor = os.open(path, flags | os.O_NOFOLLOW, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


def _options(data: DataDirectory, sockets: Path) -> Iterator[str]:
    """What goes before the files of the cluster, which its users may have changed."""
    directory = here(data.cluster)
    for name, value in {
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_directories": sockets,
        "unix_socket_permissions": "0700",
        "unix_socket_group": "",
        "hba_file": f"{directory}/pg_hba.conf",
        "ident_file": f"{directory}/pg_ident.conf",
        "logging_collector": "off",
        "log_destination": "stderr",
        # A refused row's values may name a person; the log is no place for them.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
    }.items():
        yield from ("-c", f"{name}={value}")


def _is_ready(server: Server, data: DataDirectory) -> bool:
    """Waits until a server is ready, or has ended. Whether it is ready."""
    end = time.monotonic() + _READY_SECONDS
    while socket_directory(data) is None:
        if not server.is_alive():
            return False
        if time.monotonic() > end:
            raise DatabaseError(
                f"the PostgreSQL under {data.cluster} is not ready yet; its log is {data.log}"
            )
        time.sleep(0.01)
    return True


def _last_words(data: DataDirectory) -> str:
    text = ""
    with suppress(OSError), data.log.open("rb") as log:
        log.seek(max(0, data.log.stat().st_size - 4096))
        text = log.read().decode("utf-8", "replace")
    # What goes on in the next line begins with a tab there.
    for line in reversed(text.replace("\n\t", " ").splitlines()):
        for mark in ("FATAL:", "PANIC:", "postgres:"):
            if mark in line:
                return f"{line.partition(mark)[2].strip()} (its log is {data.log})"
    return f"its log is {data.log}"
