"""The data directory: where it is, whose it has to be, and what is in it."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from attrs import frozen

from ledger.database.builtin.files import account_name, make_private
from ledger.errors import DatabaseError

_OF_ROOT = Path("/var/lib/admsync")


@frozen
class DataDirectory:
    """A directory of the user's that nobody else can write to, and the names in it."""

    path: Path

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own directory, of the account that the server runs as."""
        return self.path / "postgresql"

    @property
    def made(self) -> Path:
        """There from when the cluster is whole: versions before this one go by it."""
        return self.path / "cluster-made"

    @property
    def making_lock(self) -> Path:
        """Held by whoever makes the cluster or starts the server."""
        return self.path / "making.lock"

    @property
    def use_lock(self) -> Path:
        """Held together by all that use the server, alone by whoever stops it."""
        return self.path / "in-use.lock"

    @property
    def server_lock(self) -> Path:
        """Held by the server's processes for as long as one of them lives."""
        return self.path / "server.lock"

    @property
    def watcher_lock(self) -> Path:
        """Held by the watcher."""
        return self.path / "watcher.lock"

    @property
    def until(self) -> Path:
        """Its time of change is when an unused server is to stop."""
        return self.path / "until"

    @property
    def socket_record(self) -> Path:
        """The name of the directory of the server's socket."""
        return self.path / "socket-directory"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.path / "postgresql.log"


def directory_of_root(of_user: Path) -> Path | None:
    """Root's data directory, given what would be its user data directory; None for other users."""
    if os.geteuid() != 0:
        return None
    # Root's home may be another in a cron job than at a terminal; that must not be another world.
    for older in (of_user, Path(pwd.getpwuid(0).pw_dir) / ".local" / "share" / "admsync"):
        if older.is_dir() and older.stat().st_uid == 0:
            return older
    return _OF_ROOT


def prepared(path: Path) -> DataDirectory:
    """The data directory at a path, made where it is missing.

    Raises ``DatabaseError`` where others could put something into it, ``OSError`` where it cannot
    be made.
    """
    path = path.absolute()
    for directory in (*reversed(path.parents), path):
        if not directory.exists():
            _make(directory)
    link, found = path.lstat(), path.stat()
    for owner in {link.st_uid, found.st_uid} - {os.geteuid()}:
        if owner == 0 and found.st_uid == os.geteuid():
            continue  # a link that root made
        raise DatabaseError(
            f"the data directory {path} belongs to {account_name(owner)}; run admsync as that user,"
            " or set ADMSYNC_DATA_DIR to a directory of your own"
        )
    if found.st_mode & 0o002 or (found.st_mode & 0o020 and found.st_gid != os.getegid()):
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
