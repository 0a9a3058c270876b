"""A process of its own that imports a workbook, or changes events, and kills itself at a point.

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

from ledger.output.log import configure_log
from sync.administrate.recorder import Attempt
from sync.sandbox.process import RunningSandbox
from tests.databases import opened
from tests.importer.changing import changed
from tests.importer.company import Company

# Of the points at which to kill or to fail: all, each so-manieth, or a few.
EVERY = int(os.environ.get("ADMSYNC_EVERY_POINT", "0"))


def chosen(points: int, few: int) -> list[int]:
    """The points to try: every one, or so many spread over all."""
    if EVERY:
        return list(range(1, points + 1, EVERY))
    return [points * n // few + 1 for n in range(few)]


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
    return _until("import", str(path), url, settings, at, workers)


def change_until(word: str, url: str, settings: Mapping[str, str], at: int) -> int:
    """The same of a change of every linked event; see ``changing.changed``."""
    return _until(word, "", url, settings, at, 1)


def _until(
    what: str, path: str, url: str, settings: Mapping[str, str], at: int, workers: int
) -> int:
    work = [what, path, url, json.dumps(dict(settings)), str(at), str(workers)]
    done = subprocess.run(
        [sys.executable, "-m", __name__, *work], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode == -signal.SIGKILL:
        return 0
    assert done.returncode == 0, done
    return int(done.stdout)


def main() -> None:
    configure_log(debug=False)
    what, path, url, settings, at, workers = sys.argv[1:]
    fuse = Fuse(int(at))
    with opened(url) as database:
        company = Company(database, RunningSandbox(Path(), (), json.loads(settings)))
        event.listen(database.engine, "commit", fuse)
        event.listen(database.engine, "checkin", fuse)
        if what == "import":
            company.imported(Path(path), workers=int(workers), recorder=fuse.record)
        else:
            changed(company, what, fuse.record)
    sys.stdout.write(str(fuse.points))


if __name__ == "__main__":
    main()
