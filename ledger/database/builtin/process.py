"""The server's process: identified, started and stopped without a shell.

A number in ``postmaster.pid`` proves nothing: after a power cut it may be another process's. The
server is the process of the server's account that runs ``postgres`` in the cluster's directory.
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

from ledger.database.builtin.account import Account
from ledger.database.builtin.cluster import PROGRAM_ENVIRONMENT, path_for_program
from ledger.database.builtin.directory import DataDirectory, read
from ledger.database.builtin.locks import inheritable_lock
from ledger.database.builtin.programs import Programs
from ledger.database.builtin.sockets import PORT, made_socket_directory, remove_socket_directory
from ledger.errors import DatabaseError

# For a server's recovery from a crash, its shutdown, and the end of orphans of another namespace.
_READY_SECONDS = 300
_STOPPED_SECONDS = 60
_GONE_SECONDS = 10
_LARGEST_LOG = 10_000_000
# Kept for as long as the process lives: Python warns of a started process that is forgotten.
_STARTED: list[subprocess.Popen[bytes]] = []


def running_server(data: DataDirectory, account: Account) -> psutil.Process | None:
    """The server that ``postmaster.pid`` names, if it is alive."""
    with suppress(ValueError, psutil.Error):
        process = psutil.Process(int(_pid_file(data)[0]))
        if _is_postgres(process, account) and _is_in(process, data):
            return process
    return None


def socket_directory(data: DataDirectory) -> Path | None:
    """The directory of the running server's socket; None while it is not ready."""
    lines = _pid_file(data)
    if len(lines) > 7 and lines[7].strip() == "ready" and lines[4]:
        return Path(lines[4])
    return None


def started_server(data: DataDirectory, account: Account, programs: Programs) -> psutil.Process:
    """Starts the server, or finds the one that a killed process started. Waits until it is ready.

    The caller holds the making lock. Raises ``DatabaseError`` with the server's last message.
    """
    server = running_server(data, account) or _starting_server(data, account)
    if server is not None and _is_ready(server, data):
        return server
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
            f"the PostgreSQL under {data.cluster} does not start: {_last_message(data)}"
        )
    return started


def stop_server(data: DataDirectory, account: Account) -> None:
    """Stops the server, if one runs, and waits for its end.

    The caller holds the use lock exclusively.
    """
    server = running_server(data, account)
    if server is not None:
        send_signal(server, signal.SIGINT)
        _wait([server], _STOPPED_SECONDS)
    lock = inheritable_lock(data.server_lock)
    if lock is not None:  # else it takes its time, and the next user stops it
        remove_socket_directory(data, account)
        os.close(lock)


def send_signal(process: psutil.Process, number: int) -> None:
    """Sends a signal to a process that may have ended."""
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _pid_file(data: DataDirectory) -> list[str]:
    return (read(data.cluster / "postmaster.pid") or "").split("\n")


def _is_alive(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def _wait(processes: list[psutil.Process], seconds: float) -> None:
    """Waits for the end of processes. psutil's own waits for their parent too, which in a container
    may never collect their exit status."""
    end = time.monotonic() + seconds
    while any(map(_is_alive, processes)) and time.monotonic() < end:
        time.sleep(0.01)


def _is_postgres(process: psutil.Process, account: Account) -> bool:
    with suppress(psutil.Error):
        return (
            process.name() == "postgres"
            and process.uids().effective == account.uid
            and _is_alive(process)
        )
    return False


def _is_in(process: psutil.Process, data: DataDirectory) -> bool:
    """Whether the process named in the cluster's own file works in the cluster's directory."""
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
    """The server's process and its children, found without its file."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if _is_postgres(process, account) and Path(process.cwd()).samefile(data.cluster):
                yield process


def _starting_server(data: DataDirectory, account: Account) -> psutil.Process | None:
    """A server without its file yet, since the process that started it was killed."""
    for process in _processes(data, account):
        with suppress(psutil.Error, IndexError):
            # Its children write their role over their name.
            if not process.cmdline()[0].startswith("postgres:"):
                return process
    return None


def _end_orphans(data: DataDirectory, account: Account) -> None:
    """Ends the children of a killed server: each notices by itself, but not in a long statement."""
    orphans = list(_processes(data, account))
    for number in (signal.SIGQUIT, signal.SIGKILL):
        for process in orphans:
            send_signal(process, number)
        _wait(orphans, 5)


def _server_lock(data: DataDirectory) -> int:
    """Waits for the end of the server's processes and takes their lock."""
    end = time.monotonic() + _GONE_SECONDS
    while (lock := inheritable_lock(data.server_lock)) is None:
        if time.monotonic() > end:
            raise DatabaseError(
                f"the PostgreSQL under {data.cluster} runs where this process does not see it (in"
                " another container?); stop it there"
            )
        time.sleep(0.05)
    return lock


def _start(data: DataDirectory, account: Account, programs: Programs, lock: int) -> psutil.Process:
    directory = made_socket_directory(data, account)
    if data.log.exists() and data.log.stat().st_size > _LARGEST_LOG:
        data.log.replace(data.log.with_suffix(".log.old"))
    with open(data.log, "ab", opener=_private) as log:
        try:
            process = subprocess.Popen(  # noqa: S603 - a program of our own installation
                [
                    programs.postgres,
                    "-D",
                    path_for_program(data.cluster),
                    *_options(data, directory),
                ],
                cwd=data.cluster,
                env=PROGRAM_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                umask=0o077,
                pass_fds=[lock],
                start_new_session=True,  # an interrupt of the command is not for the server
                **account.identity(),
            )
        except OSError as problem:
            raise DatabaseError(
                f"the built-in PostgreSQL cannot be started as {account.name}: {problem.strerror};"
                " set DATABASE_URL to a server"
            ) from problem
    _STARTED.append(process)
    return psutil.Process(process.pid)


def _private(path: str, flags: int) -> int:
    descriptor = os.open(path, flags | os.O_NOFOLLOW, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


def _options(data: DataDirectory, sockets: Path) -> Iterator[str]:
    """Settings that override the files of the cluster, which its users may have changed."""
    directory = path_for_program(data.cluster)
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


def _is_ready(server: psutil.Process, data: DataDirectory) -> bool:
    """Waits until a server is ready or has ended. Whether it is ready."""
    end = time.monotonic() + _READY_SECONDS
    while socket_directory(data) is None:
        if not _is_alive(server):
            return False
        if time.monotonic() > end:
            raise DatabaseError(
                f"the PostgreSQL under {data.cluster} is not ready yet; its log is {data.log}"
            )
        time.sleep(0.01)
    return True


def _last_message(data: DataDirectory) -> str:
    text = ""
    with suppress(OSError), data.log.open("rb") as log:
        log.seek(max(0, data.log.stat().st_size - 4096))
        text = log.read().decode("utf-8", "replace")
    # A continuation line begins with a tab.
    for line in reversed(text.replace("\n\t", " ").splitlines()):
        for mark in ("FATAL:", "PANIC:", "postgres:"):
            if mark in line:
                return f"{line.partition(mark)[2].strip()} (its log is {data.log})"
    return f"its log is {data.log}"
