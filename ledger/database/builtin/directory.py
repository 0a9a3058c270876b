"""The data directory: its place, its owner, and the files in it.

Another account may write to some of them (that of the server of root): no link is followed.
"""

from __future__ import annotations

import os
import pwd
import secrets
import stat
from pathlib import Path

from attrs import frozen

from ledger.errors import DatabaseError

LONGEST_LINGER = 24 * 60 * 60  # seconds that a server stays after its last use
_OF_ROOT = Path("/var/lib/admsync")


@frozen
class _Inside:
    """The path of a name in the directory."""

    name: str

    def __get__(self, data: DataDirectory, _: object) -> Path:
        return data.path / self.name


@frozen
class DataDirectory:
    """A directory of the user's that nobody else can write to, and the names in it."""

    path: Path
    # PostgreSQL's own directory, of the account that the server runs as.
    cluster = _Inside("postgresql")
    # Written once the cluster is whole: versions before this one go by it.
    made = _Inside("cluster-made")
    # Held to make the cluster or to start the server.
    making_lock = _Inside("making.lock")
    # Shared by the users of the server, exclusive to stop it.
    use_lock = _Inside("in-use.lock")
    # Held by the server's processes for as long as one of them lives.
    server_lock = _Inside("server.lock")
    # Held by the watcher.
    watcher_lock = _Inside("watcher.lock")
    # Its time of change is when an unused server is to stop.
    until = _Inside("until")
    # The name of the directory of the server's socket.
    socket_record = _Inside("socket-directory")
    log = _Inside("postgresql.log")


def directory_of_root(of_user: Path) -> Path | None:
    """Root's data directory, given what would be its user data directory; None for other users."""
    if os.geteuid() != 0:
        return None
    # Root's home in a cron job may differ from that at a terminal; the data must not.
    for older in (of_user, Path(pwd.getpwuid(0).pw_dir) / ".local" / "share" / "admsync"):
        if older.is_dir() and older.stat().st_uid == 0:
            return older
    return _OF_ROOT


def prepared_directory(path: Path) -> DataDirectory:
    """The data directory at a path, made where it is missing.

    Raises ``DatabaseError`` where others could put something into it, ``OSError`` where it cannot
    be made.
    """
    path = path.absolute()
    for directory in (*reversed(path.parents), path):
        if not directory.exists():
            _make(directory)
    link, target = path.lstat(), path.stat()
    for owner in {link.st_uid, target.st_uid} - {os.geteuid()}:
        if owner == 0 and target.st_uid == os.geteuid():
            continue  # a link that root made
        raise DatabaseError(
            f"the data directory {path} belongs to {account_name(owner)}; run admsync as that user,"
            " or set ADMSYNC_DATA_DIR to a directory of your own"
        )
    if target.st_mode & 0o002 or (target.st_mode & 0o020 and target.st_gid != os.getegid()):
        raise DatabaseError(
            f"others can write to the data directory {path}; close it with chmod go-w, or set"
            " ADMSYNC_DATA_DIR to a directory of your own"
        )
    return DataDirectory(path.resolve())


def _make(directory: Path) -> None:
    try:
        make_private(directory)
    except FileExistsError:
        if not directory.is_dir():
            raise


def account_name(uid: int) -> str:
    """The name of a user, or its number where the system has no name for it."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"the user with the id {uid}"


def read(path: Path, limit: int = 65536) -> str | None:
    """The beginning of a regular file; None where there is none of that name."""
    try:
        # Non-blocking: it may be a pipe put in its place, without a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return file.read(limit).decode("utf-8", "surrogateescape")


def replace(path: Path, text: str, owner: tuple[int, int]) -> None:
    """Puts a file of its owner's (uid, gid), readable by nobody else, in place at once."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o600)
            if owner != (os.geteuid(), os.getegid()):
                os.fchown(descriptor, *owner)
            file.write(text.encode("utf-8", "surrogateescape"))
            file.flush()
            os.fsync(descriptor)
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def touch(path: Path) -> None:
    """Makes an empty file of the user's alone where there is none, whatever the umask."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        os.fchmod(descriptor, 0o600)
        os.close(descriptor)


def make_private(path: Path) -> None:
    """Makes a directory for its owner alone, whatever the umask. Raises ``FileExistsError``."""
    path.mkdir(mode=0o700)
    path.chmod(0o700)


def synchronise(directory: Path) -> None:
    """Waits until the names in a directory are on the disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
