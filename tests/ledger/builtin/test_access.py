"""Nobody gets in but root and the server's own account, and no mode of others' is changed."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from ledger.database.builtin.account import SERVER_ACCOUNT
from tests.ledger.builtin.conftest import as_root, copied
from tests.ledger.builtin.using import (
    User,
    keep,
    kept,
    mode,
    modes_above,
    server_process,
    socket_directory,
    use_once,
)

Using = Callable[..., User]

# Tries each thing as another user of the machine, and says what it succeeded in.
_TRIES = """
import os, shutil, sys
from pathlib import Path
import psycopg
uid, url, sockets, data_dir = sys.argv[1:]
psycopg.connect
os.setgroups([]); os.setgid(int(uid)); os.setuid(int(uid))
def write(path):
    path.write_text("local all all trust")
def connect(url):
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError as problem:
        raise OSError(str(problem))
sockets, data = Path(sockets), Path(data_dir)
TRIES = {
    "connect": lambda: connect(url),
    "list the sockets": lambda: os.listdir(sockets),
    "put a socket there": lambda: write(sockets / "another"),
    "move the sockets": lambda: sockets.rename(str(sockets) + "-moved"),
    "remove the sockets": lambda: shutil.rmtree(sockets),
    "list the data": lambda: os.listdir(data),
    "read the log": lambda: (data / "postgresql.log").read_text(),
    "read the cluster": lambda: os.listdir(data / "postgresql"),
    "hold the lock": lambda: open(data / "in-use.lock"),
    "put something there": lambda: write(data / "another"),
    "write the rules": lambda: write(data / "postgresql" / "pg_hba.conf"),
    "move the cluster": lambda: (data / "postgresql").rename(data / "moved"),
}
for name, tried in TRIES.items():
    try:
        tried()
        print(name)
    except OSError:
        pass
"""


def another_user() -> int:
    """The id of a user of the system that is neither root nor the server's."""
    mine = {0, os.geteuid()}
    for entry in pwd.getpwall():
        if entry.pw_uid not in mine and entry.pw_name != SERVER_ACCOUNT:
            return entry.pw_uid
    raise AssertionError("the system has no other user")


def succeeded_in(url: str, data_dir: Path) -> list[str]:
    """What another local user succeeds in."""
    places = (socket_directory(url), data_dir)
    done = subprocess.run(
        [sys.executable, "-c", _TRIES, str(another_user()), url, *map(str, places)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@as_root
def test_another_local_user_succeeds_in_nothing(used: Using, whole_cluster: Path) -> None:
    # Where everybody can enter the directory above, with the data directory's own mode to defend
    # it; with one that was made open; and with one whose path is long.
    for name, open_to_all in (("data", False), ("open", True), ("long" * 40, False)):
        place = whole_cluster.parent / "open-place"
        place.mkdir(exist_ok=True)
        place.chmod(0o755)
        place.parent.chmod(0o755)
        data_dir = copied(whole_cluster, place / name)
        if open_to_all:
            data_dir.chmod(0o755)
        user = used(data_dir)
        url = user.url()
        found = succeeded_in(url, data_dir)
        assert found == (["list the data"] if open_to_all else [])
        user.ends()


@as_root
def test_one_who_reaches_the_socket_all_the_same_is_not_let_in(used: Using, data_dir: Path) -> None:
    url = used(data_dir).url()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE ada LOGIN")
    sockets = socket_directory(url)
    sockets.chmod(0o755)
    for file in sockets.iterdir():
        file.chmod(0o777)
    for name in ("postgres", "ada"):
        theirs = make_url(url).set(username=name).render_as_string(hide_password=False)
        assert "connect" not in succeeded_in(theirs, data_dir)


@as_root
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_the_callers_umask_does_not_matter(used: Using, new_dir: Path, umask: int) -> None:
    above = modes_above(new_dir)
    data_dir = new_dir / "made" / "too"
    user = used(data_dir, umask=umask)
    sockets = socket_directory(user.url())
    assert modes_above(new_dir) == above
    assert mode(new_dir) == mode(new_dir / "made") == mode(data_dir) == mode(sockets) == 0o700
    assert {mode(path) for path in data_dir.iterdir() if path.is_file()} == {0o600}
    for path in (data_dir / "postgresql").rglob("*"):
        assert not mode(path) & 0o077, path
    user.ends()
    use_once(data_dir, umask=umask)


@as_root
def test_root_runs_it_as_an_account_that_cannot_log_in(used: Using, data_dir: Path) -> None:
    used(data_dir).url()
    server = server_process(data_dir)
    assert server is not None
    entry = pwd.getpwnam(SERVER_ACCOUNT)
    assert set(server.uids()) == {entry.pw_uid} != {0}
    assert set(server.gids()) == {entry.pw_gid} != {0}
    assert Path(entry.pw_shell).name == "nologin"
    groups = Path(f"/proc/{server.pid}/status").read_text().partition("Groups:")[2]
    assert groups.splitlines()[0].strip() == ""
    assert server.net_connections(kind="inet") == []


@as_root
@as_root
def test_the_account_is_made_once_by_processes_that_need_it_at_once(tmp_path: Path) -> None:
    etc = f"cp -a /etc {tmp_path}/etc && mount --bind {tmp_path}/etc /etc"
    unmade = f"sed -i /{SERVER_ACCOUNT}/d /etc/passwd /etc/shadow /etc/group /etc/gshadow"
    asked = f"'{sys.executable}' -c '{_ACCOUNT}' & " * 4
    script = f"{etc} && {unmade} && ({asked} wait)"
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script], capture_output=True, text=True, check=False
    )
    if not done.stdout:
        pytest.skip(f"no file system of its own: {done.stderr}")
    accounts = done.stdout.split()
    assert len(accounts) == 4
    assert len(set(accounts)) == 1


_ACCOUNT = """
import os
from pathlib import Path
from ledger.database.builtin.account import server_account
os.write(1, b"%d\\n" % server_account(Path("/nonexistent")).uid)  # in one piece
"""


def test_an_ordinary_user_has_one_of_their_own(used: Using, place: Path) -> None:
    uid = another_user()
    place.chmod(0o711)
    home = place / "a home"
    home.mkdir(mode=0o700)
    os.chown(home, uid, uid)
    data_dir = home / ".local" / "share" / "admsync"
    for _ in range(2):
        user = used(data_dir, uid=uid, gid=uid)
        url = user.url()
        server = server_process(data_dir)
        assert server is not None
        assert set(server.uids()) == {uid}
        assert socket_directory(url).lstat().st_uid == uid
        user.ends()
    assert server_process(data_dir) is None
    assert mode(home) == 0o700
    refused = used(data_dir).refused()
    assert pwd.getpwuid(uid).pw_name in refused
    assert "run admsync as that user" in refused


@as_root
def test_a_user_without_a_name_is_told_so(used: Using, place: Path) -> None:
    place.chmod(0o711)
    home = place / "home"
    home.mkdir()
    os.chown(home, 54321, 54321)
    assert "54321 has no name" in used(home / "data", uid=54321, gid=54321).refused()


@as_root
def test_a_data_directory_that_others_have_a_hand_in_is_refused(used: Using, place: Path) -> None:
    of_another, writable, of_group, linked = (place / name for name in "abcd")
    for path in (of_another, writable, of_group):
        path.mkdir()
    os.chown(of_another, another_user(), 0)
    writable.chmod(0o1777)
    of_group.chmod(0o770)
    os.chown(of_group, 0, another_user())
    assert "belongs to" in used(of_another).refused()
    assert "others can write to" in used(writable).refused()
    assert "others can write to" in used(of_group).refused()
    linked.symlink_to(place / "target")
    (place / "target").mkdir()
    os.chown(linked, another_user(), 0, follow_symlinks=False)
    assert "belongs to" in used(linked).refused()
    assert not any(path.exists() for path in (of_another / "postgresql", writable / "postgresql"))


@as_root
def test_a_link_put_into_the_cluster_is_not_followed(used: Using, data_dir: Path) -> None:
    # Whoever got to run something as the server's account does not get root to write elsewhere.
    victim = data_dir.parent / "victim"
    victim.write_text("as it was")
    for name in ("pg_hba.conf", "pg_ident.conf", "postmaster.pid"):
        path = data_dir / "postgresql" / name
        path.unlink(missing_ok=True)
        path.symlink_to(victim)
    user = used(data_dir)
    keep(user.url(), "kept")
    user.ends()
    assert victim.read_text() == "as it was"
    assert victim.stat().st_uid == 0


@as_root
def test_a_socket_directory_that_is_gone_or_anothers_is_not_used(
    used: Using, data_dir: Path
) -> None:
    killed = used(data_dir)
    url = killed.url()
    keep(url, "kept")
    sockets = socket_directory(url)
    killed.is_killed()
    # Another user's, of the same name: what could be done once a cleaner had removed it.
    for file in sockets.iterdir():
        file.unlink()
    sockets.rmdir()
    sockets.mkdir()
    os.chown(sockets, another_user(), 0)
    following = used(data_dir)
    url = following.url()
    assert socket_directory(url) != sockets
    assert kept(url) == ["kept"]
    assert sockets.exists()
    sockets.rmdir()


@as_root
def test_settings_of_the_clusters_users_do_not_open_it(used: Using, data_dir: Path) -> None:
    first = used(data_dir)
    url = first.url()
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in (
            "listen_addresses = '*'",
            "hba_file = '/tmp/trust.conf'",
            "unix_socket_directories = '/tmp'",
            "unix_socket_permissions = '0777'",
            "port = 5433",
        ):
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
    first.ends()
    user = used(data_dir)
    url = user.url()
    server = server_process(data_dir)
    assert server is not None
    assert server.net_connections(kind="inet") == []
    assert mode(socket_directory(url)) == mode(socket_directory(url) / ".s.PGSQL.5432") == 0o700
    with psycopg.connect(url) as connection:
        [file] = connection.execute("SHOW hba_file").fetchone() or [""]
    assert file == "/proc/self/cwd/pg_hba.conf"
