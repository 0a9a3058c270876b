"""The server's account: the user's own; for root, a system account of its own.

PostgreSQL refuses to run as root. Other users of a shared account, such as ``nobody``, could read
the data and signal the server.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TypedDict

from attrs import frozen

from ledger.database.builtin.directory import account_name
from ledger.database.builtin.locks import FileLock
from ledger.errors import DatabaseError

SERVER_ACCOUNT = "admsync-postgres"
# Of two useradds at once, the later one gives the account another number. Only root can write here.
_MAKING = Path("/run", f"{SERVER_ACCOUNT}.lock")
# Made by versions before this one; their data stays its.
_OLDER_ACCOUNT = "embedded_postgres"
_OTHERWISE = "run admsync as an ordinary user, or set DATABASE_URL to a server"
_MAKE = (
    "useradd --system --user-group --no-create-home --home-dir /nonexistent"
    " --shell /usr/sbin/nologin --comment"
).split()


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@frozen
class Account:
    """A user of the system, by number and name."""

    uid: int
    gid: int
    name: str

    @property
    def owner(self) -> tuple[int, int]:
        """The owner of its files: (uid, gid)."""
        return self.uid, self.gid

    def identity(self) -> _Identity:
        """Arguments of ``subprocess`` to run a program as this user, without root's groups."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account(cluster: Path) -> Account:
    """The account of a data directory's server: the owner of its cluster, where there is one.

    Raises ``DatabaseError`` where the cluster is somebody else's, or no account can be made.
    """
    user = os.geteuid()
    if not cluster.is_dir() or not any(cluster.iterdir()):
        return _system_account() if user == 0 else _named(user)
    owner = cluster.stat().st_uid
    if user == 0:
        return _server_of_root(cluster, owner)
    if owner != user:
        raise DatabaseError(
            f"{cluster} belongs to {account_name(owner)}; run admsync as that user, or set"
            " ADMSYNC_DATA_DIR to a directory of your own"
        )
    return _named(user)


def _server_of_root(cluster: Path, owner: int) -> Account:
    if account_name(owner) not in (SERVER_ACCOUNT, _OLDER_ACCOUNT):
        raise DatabaseError(
            f"{cluster} belongs to {account_name(owner)}, which the server of root does not run as;"
            f" if it is root's, give it to the server with: chown -R {_system_account().name}:"
            f" {cluster}"
        )
    return _named(owner)


def _named(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise DatabaseError(
            f"the user with the id {uid} has no name on this system, and PostgreSQL runs only as"
            " one that has; give it one, or set DATABASE_URL to a server"
        ) from None
    return Account(uid, entry.pw_gid, entry.pw_name)


def _system_account() -> Account:
    entry = _entry() or _make_once()
    if entry.pw_uid == 0 or Path(entry.pw_shell).name not in ("nologin", "false"):
        raise DatabaseError(
            f"the account {SERVER_ACCOUNT}, which the built-in server runs as, can log in; set its"
            f" shell with: usermod --shell /usr/sbin/nologin {SERVER_ACCOUNT}"
        )
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)


def _entry() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError:
        return None


def _make_once() -> pwd.struct_passwd:
    try:
        lock = FileLock(_MAKING)
    except OSError as problem:
        raise _not_made(f"{_MAKING}: {problem.strerror}") from None
    with closing(lock):
        lock.take()
        return _entry() or _make_account()


def _make_account() -> pwd.struct_passwd:
    command = [*_MAKE, "admsync's built-in PostgreSQL", SERVER_ACCOUNT]
    try:
        done = subprocess.run(  # noqa: S603 - nothing in it comes from outside
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        message = done.stderr.strip() or f"exit code {done.returncode}"
    except OSError as problem:
        message = f"useradd: {problem.strerror}"
    entry = _entry()  # where an administrator made it meanwhile, useradd fails
    if entry is None:
        raise _not_made(" ".join(message.split()))
    return entry


def _not_made(why: str) -> DatabaseError:
    return DatabaseError(
        f"PostgreSQL does not run as root, and no account can be made for it ({why}); make a system"
        f" account {SERVER_ACCOUNT}, {_OTHERWISE}"
    )
