"""What versions before this one opened to everybody, and did not close again.

Run by root, they gave everybody access to each directory above the data and above PostgreSQL's
programs. What the modes were before is recorded nowhere.
"""

from __future__ import annotations

import os
from pathlib import Path

from ledger.database.builtin.directory import DataDirectory
from ledger.database.builtin.programs import installed_programs

_ENTERED_AND_READ = 0o055
# Open to everybody on any system.
_OPEN_ANYWAY = {
    Path(name)
    for name in "/ /dev /dev/shm /etc /home /media /mnt /opt /run /srv /tmp /usr /usr/lib"
    " /usr/local /usr/local/lib /var /var/lib /var/opt /var/tmp".split()
}


def older_mark(data_dir: Path) -> Path:
    """A file that only those versions made in a cluster. Deleted, nothing is widened any more."""
    return DataDirectory(data_dir).cluster / ".handle_pids.json"


def widened_directories(data_dir: Path) -> list[Path]:
    """The directories that may have been closed before and are open to everybody, outermost first.

    One inside a closed directory is not named: nobody gets there.
    """
    if os.geteuid() != 0 or not older_mark(data_dir).exists():
        return []
    found: dict[Path, None] = {}
    for deepest in (data_dir.absolute(), installed_programs().root):
        for directory in (*reversed(deepest.parents), deepest):
            mode = directory.stat().st_mode
            if not mode & 0o011:
                break
            if mode & _ENTERED_AND_READ == _ENTERED_AND_READ and directory not in _OPEN_ANYWAY:
                found[directory] = None
    return list(found)
