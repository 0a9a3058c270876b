"""Processes that use the built-in server of a data directory, and what is seen of it."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg

# Uses the server until its standard input ends. Everything is imported before the process becomes
# another user, who may not be able to reach the interpreter's own modules.
_USES = """
import os, sys
from pathlib import Path
import psycopg
from psycopg import rows
import ledger.database.builtin.lifetime
from ledger.database.builtin import embedded_url
from ledger.errors import AdmsyncError

data_dir, linger, umask, uid, gid, line = sys.argv[1:]
os.umask(int(umask, 8))
if int(uid):
    psycopg.connect  # loads the driver
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))
if int(line):
    import signal
    from pathlib import PurePath
    seen = set()  # the lines of the server's modules, each counted when it is first reached
    def counted(frame, event, argument):
        if "builtin" not in frame.f_code.co_filename:
            return None
        if event == "line":
            seen.add((frame.f_code.co_filename, frame.f_lineno))
            if len(seen) == int(line):
                os.kill(os.getpid(), signal.SIGKILL)
        return counted
    sys.settrace(counted)
try:
    url = embedded_url(Path(data_dir), float(linger))
except AdmsyncError as problem:
    sys.exit(f"refused: {problem}")
with psycopg.connect(url, autocommit=True) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS kept (text text)")
print(url, flush=True)
sys.stdin.read()
"""


class User:
    """A process that uses the server, as whom and with what it is said to."""

    def __init__(
        self,
        data_dir: Path,
        *,
        linger: float = 0,
        umask: int = 0o022,
        uid: int = 0,
        gid: int = 0,
        killed_at_line: int = 0,
        python: tuple[str, ...] = (sys.executable,),
        **environment: str,
    ) -> None:
        numbers = [str(linger), f"{umask:o}", str(uid), str(gid), str(killed_at_line)]
        self.process = subprocess.Popen(
            [*python, "-c", _USES, str(data_dir), *numbers],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def url(self) -> str:
        """The server's URL, once it is up."""
        assert self.process.stdout is not None
        url = self.process.stdout.readline().strip()
        if not url:
            raise AssertionError(self.process.communicate()[1])
        return url

    def refused(self) -> str:
        """What the user was told, who could not use it: one line."""
        _, told = self.process.communicate(timeout=120)
        assert self.process.returncode == 1, told
        assert told.startswith("refused: ")
        assert told.count("\n") == 1, told
        return told

    def ends(self) -> None:
        """The process comes to its end by itself."""
        _, told = self.process.communicate(timeout=120)
        assert self.process.returncode == 0, told

    def is_killed(self) -> None:
        """The process is killed, but not the server."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.communicate()


def use_once(data_dir: Path, **how: object) -> None:
    """Uses the server and ends."""
    user = User(data_dir, **how)  # type: ignore[arg-type]  # as they are given
    user.url()
    user.ends()


def server_process(data_dir: Path) -> psutil.Process | None:
    """The server's process, where it runs: found without its file of process ids."""
    cluster = data_dir / "postgresql"
    for process in psutil.process_iter():
        try:
            if process.name() == "postgres" and Path(process.cwd()).samefile(cluster):
                parent = process.parent()
                if process.status() == psutil.STATUS_ZOMBIE:
                    continue
                if parent is None or parent.name() != "postgres":
                    return process
        except (psutil.Error, OSError):
            continue
    return None


def watcher_process(data_dir: Path) -> psutil.Process | None:
    """The process that waits to stop the server, where there is one."""
    for process in psutil.process_iter():
        try:
            line = process.cmdline()
        except psutil.Error:
            continue
        if "ledger.database.builtin.lifetime" in line and line[-1] == str(data_dir):
            return process
    return None


def socket_directory(url: str) -> Path:
    """Where the server of a URL listens."""
    return Path(str(psycopg.conninfo.conninfo_to_dict(url)["host"]))


def mode(path: Path) -> int:
    """The permission bits of what is at a path, not of what a link leads to."""
    return stat.S_IMODE(path.lstat().st_mode)


def modes_above(path: Path) -> dict[Path, int]:
    """The modes of the directories above a path."""
    return {directory: mode(directory) for directory in path.parents}


def keep(url: str, text: str) -> None:
    """Puts something into the database that has to be there later."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO kept VALUES (%s)", [text])


def kept(url: str) -> list[str]:
    """What was put into the database."""
    with psycopg.connect(url) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM kept ORDER BY 1")]
