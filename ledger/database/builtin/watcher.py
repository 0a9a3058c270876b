"""The watcher: a process that stops the server once nobody has used it for a while.

One a data directory. Killed, it is not missed: the next command starts another.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from ledger.database.builtin.account import server_account
from ledger.database.builtin.directory import DataDirectory
from ledger.database.builtin.lingering import LONGEST_SECONDS
from ledger.database.builtin.locks import FileLock
from ledger.database.builtin.process import running_server, stop_server

# It looks again meanwhile: the server may have been stopped, or its time made shorter.
_LOOK_SECONDS = 5.0


def watch(data: DataDirectory) -> None:
    """Waits until the server is used by nobody and its time is over, and stops it."""
    mine = FileLock(data.watcher_lock)
    if not mine.took():
        return
    use = FileLock(data.use_lock)
    while True:
        # Waits in the kernel while anybody uses the server, however their process ends.
        use.take()
        account = server_account(data.cluster)
        left = data.until.stat().st_mtime - time.time()
        # A clock that was set back does not make it stay for ever.
        if not 0 < left <= LONGEST_SECONDS or running_server(data, account) is None:
            stop_server(data, account)
            # Before the other: who waits for that one has to see that there is no watcher any more.
            mine.close()
            use.close()
            return
        use.release()
        time.sleep(min(left, _LOOK_SECONDS))


if __name__ == "__main__":
    watch(DataDirectory(Path(sys.argv[1])))
