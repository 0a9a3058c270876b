"""The directory of the server's socket: short, of mode 0700, and new at each start.

A socket's path has 107 bytes at most (103 on macOS) and the data directory's may be longer; and the
server of root may not be able to reach the data by path at all.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ledger.database.builtin.account import Account
from ledger.database.builtin.directory import DataDirectory, make_private, read, replace
from ledger.errors import DatabaseError

PORT = 5432
_SOCKET = f".s.PGSQL.{PORT}"
_FILES = (_SOCKET, f"{_SOCKET}.lock")
_LONGEST = 103
# A comma divides hosts, and a list of directories; other characters are special elsewhere.
_PLAIN = re.compile(r"/[A-Za-z0-9._/+ -]*")


def made_socket_directory(data: DataDirectory, account: Account) -> Path:
    """A new directory that only the server's account can enter. Its name cannot be foreseen.

    It is recorded before it is made, so that one of a killed process is found and removed.
    """
    remove_socket_directory(data, account)
    for parent in _parents(data):
        directory = parent / f"admsync-{secrets.token_hex(8)}"
        if len(os.fsencode(directory / _SOCKET)) > _LONGEST or not _is_closed(parent):
            continue
        replace(data.socket_record, str(directory), (os.geteuid(), os.getegid()))
        with suppress(OSError):
            make_private(directory)
            if _takes_sockets(directory):
                if account.uid != os.geteuid():
                    os.chown(directory, *account.owner)
                return directory
            directory.rmdir()
    raise DatabaseError(
        "no directory was found for the socket of the built-in PostgreSQL; set TMPDIR to one with"
        f" a plain name of at most {_LONGEST - 40} characters"
    )


def is_of_server(directory: Path, account: Account) -> bool:
    """Whether a directory is the server's account's, and nobody else can put a socket there."""
    try:
        parent, socket_file = directory.lstat(), directory.joinpath(_SOCKET).lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(parent.st_mode)
        and stat.S_ISSOCK(socket_file.st_mode)
        and parent.st_uid == socket_file.st_uid == account.uid
        and not parent.st_mode & 0o022
    )


def remove_socket_directory(data: DataDirectory, account: Account) -> None:
    """Removes the directory that was recorded, with the files of a server that was killed."""
    recorded = read(data.socket_record)
    # In a copy of a data directory, the record is of the original's, which may be running.
    if not recorded or _is_listened_to(Path(recorded) / _SOCKET):
        return
    with suppress(OSError):
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
        descriptor = os.open(recorded, flags)
        try:
            if os.fstat(descriptor).st_uid in (account.uid, os.geteuid()):
                for name in _FILES:
                    with suppress(FileNotFoundError):
                        os.unlink(name, dir_fd=descriptor)
                Path(recorded).rmdir()
        finally:
            os.close(descriptor)


def _is_listened_to(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def _parents(data: DataDirectory) -> Iterator[Path]:
    if os.geteuid() == 0:
        yield Path("/run")
    else:
        # Seen wherever the data are, also from a service with a temporary directory of its own.
        yield data.path
    yield Path(tempfile.gettempdir())
    yield from (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - the name in it cannot be foreseen


def _is_closed(parent: Path) -> bool:
    """Whether a directory has a plain name, and only root and the user can rename files in it."""
    if not _PLAIN.fullmatch(str(parent)) or not parent.is_dir():
        return False
    status = parent.stat()
    own = status.st_uid in (0, os.geteuid())
    return own and (not status.st_mode & 0o022 or bool(status.st_mode & stat.S_ISVTX))


def _takes_sockets(directory: Path) -> bool:
    """Whether its file system has sockets: shared folders of virtual machines do not."""
    path = directory / _SOCKET
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(str(path))
        except OSError:
            return False
    path.unlink()
    return True
