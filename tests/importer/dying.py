"""A process of its own that imports a workbook and kills itself at a point of its work.

The points are counted: before each commit, after each, and after each answer of Administrate.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import event

from ledger.log import configure_log
from sync.administrate.recorder import Attempt
from sync.sandbox.process import RunningSandbox
from tests.databases import opened
from tests.importer.company import Company


class Fuse:
    """Counts the points, and ends the process without a word at the one it is set to."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.points = 0

    def __call__(self, *_: object) -> None:
        self.points += 1
        if self.points == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def record(self, _attempt: Attempt) -> None:
        self()


def import_until(path: Path, url: str, settings: Mapping[str, str], at: int, workers: int) -> int:
    """How many points an import has that is killed at one of them; 0 where it was killed."""
    work = [str(path), url, json.dumps(dict(settings)), str(at), str(workers)]
    done = subprocess.run(
        [sys.executable, "-m", __name__, *work], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode == -signal.SIGKILL:
        return 0
    assert done.returncode == 0, done
    return int(done.stdout)


def main() -> None:
    configure_log(debug=False)
    path, url, settings, at, workers = sys.argv[1:]
    fuse = Fuse(int(at))
    with opened(url) as database:
        company = Company(database, RunningSandbox(Path(), (), json.loads(settings)))
        event.listen(database.engine, "commit", fuse)
        event.listen(database.engine, "checkin", fuse)
        company.imported(Path(path), workers=int(workers), recorder=fuse)
    sys.stdout.write(str(fuse.points))


if __name__ == "__main__":
    main()
