"""The account that the server runs as: the user's own, or, of root, one made for it.

PostgreSQL refuses to run as root. An account that others use as well, such as ``nobody``, would let
them read the data and signal the server; so there is one that runs nothing else.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path
from typing import TypedDict

from attrs import frozen

from ledger.database.builtin.files import account_name
from ledger.errors import DatabaseError

SERVER_ACCOUNT = "admsync-postgres"
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
        """Whose its files are: (uid, gid)."""
        return self.uid, self.gid

    def identity(self) -> _Identity:
        """What makes ``subprocess`` run a program as this user and none of its own groups."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account(cluster: Path) -> Account:
    """Who the server of a data directory runs as: the owner of its cluster, where there is one.

    Raises ``DatabaseError`` where the cluster is somebody else's, or no account can be made.
    """
    ours = os.geteuid()
    if not cluster.is_dir() or not any(cluster.iterdir()):
        return _own() if ours == 0 else _named(ours)
    owner = cluster.stat().st_uid
    if ours == 0:
        return _server_of_root(cluster, owner)
    if owner != ours:
        raise DatabaseError(
            f"{cluster} belongs to {account_name(owner)}; run admsync as that user, or set"
            " ADMSYNC_DATA_DIR to a directory of your own"
        )
    return _named(ours)


def _server_of_root(cluster: Path, owner: int) -> Account:
    if account_name(owner) not in (SERVER_ACCOUNT, _OLDER_ACCOUNT):
        raise DatabaseError(
            f"{cluster} belongs to {account_name(owner)}, which the server of root does not run as;"
            f" if it is root's, give it to the server with: chown -R {_own().name}: {cluster}"
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


def _own() -> Account:
    entry = _entry() or _made()
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


def _made() -> pwd.struct_passwd:
    command = [*_MAKE, "admsync's built-in PostgreSQL", SERVER_ACCOUNT]
    try:
        done = subprocess.run(  # noqa: S603 - nothing in it comes from outside
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        said = done.stderr.strip() or f"exit code {done.returncode}"
    except OSError as problem:
        said = f"useradd: {problem.strerror}"
    entry = _entry()  # where another process made it meanwhile, useradd fails
    if entry is None:
        raise DatabaseError(
            "PostgreSQL does not run as root, and no account can be made for it"
            f" ({' '.join(said.split())}); make a system account {SERVER_ACCOUNT}, {_OTHERWISE}"
        )
    return entry
