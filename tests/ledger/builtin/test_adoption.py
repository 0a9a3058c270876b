"""What an older version left is taken over; what is none of this version's is left as it is."""

from __future__ import annotations

import pwd
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from ledger.database.builtin import default_data_dir, opened_by_older_version
from ledger.database.builtin.account import SERVER_ACCOUNT, server_account
from ledger.database.builtin.directory import read
from ledger.database.builtin.programs import installed_programs, programs_for
from tests.ledger.builtin.conftest import as_root
from tests.ledger.builtin.using import User, keep, kept, mode, server_process, socket_directory
from tests.program import admsync

Using = Callable[..., User]
PROGRAMS = installed_programs()


@pytest.fixture
def older(data_dir: Path) -> Path:
    """A data directory as an older version left it: everybody trusted, and named as it did."""
    cluster = data_dir / "postgresql"
    (cluster / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 trust\n")
    (cluster / "pg_ident.conf").write_text("")
    (cluster / ".handle_pids.json").write_text("[]")
    for name in ("socket-directory", "server.lock", "until", "postgresql.log"):
        (data_dir / name).unlink(missing_ok=True)
    for name in ("in-use.lock", "making.lock", "cluster-made"):
        (data_dir / name).touch()
        (data_dir / name).chmod(0o644)
    data_dir.chmod(0o755)
    return data_dir


def start_as_older(data_dir: Path, sockets: Path) -> subprocess.Popen[bytes]:
    """The server as an older version started it, with its socket in a directory."""
    cluster = data_dir / "postgresql"
    account = server_account(cluster)
    server = subprocess.Popen(
        [programs_for(account).postgres, "-D", "/proc/self/cwd", "-h", "", "-k", sockets],
        cwd=cluster,
        stderr=subprocess.DEVNULL,
        **account.identity(),
    )
    while "ready" not in (read(cluster / "postmaster.pid") or ""):
        assert server.poll() is None
    return server


def assert_closed(data_dir: Path, url: str) -> None:
    """Nobody is trusted any more."""
    with psycopg.connect(url) as connection:
        rules = connection.execute(
            "SELECT type, auth_method FROM pg_hba_file_rules WHERE error IS NULL"
        ).fetchall()
    assert set(rules) == {("local", "peer"), ("local", "scram-sha-256")}
    assert "trust" not in (data_dir / "postgresql" / "pg_hba.conf").read_text()


def test_an_older_cluster_is_used_and_closed(used: Using, older: Path) -> None:
    user = used(older)
    url = user.url()
    assert_closed(older, url)
    keep(url, "kept")
    assert mode(older) == 0o755
    assert mode(older / "in-use.lock") == mode(older / "making.lock") == 0o600
    user.ends()


def test_a_server_that_an_older_version_left_running_is_closed(
    used: Using, older: Path, place: Path
) -> None:
    place.chmod(0o711)  # as the older version did
    with start_as_older(older, older / "postgresql") as server:
        user = used(older)
        url = user.url()
        assert socket_directory(url) == older / "postgresql"
        assert_closed(older, url)
        user.ends()
        server.wait(60)


@as_root
def test_one_that_listens_where_all_may_write_is_started_anew(
    used: Using, older: Path, place: Path
) -> None:
    place.chmod(0o711)
    open_to_all = place / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    with start_as_older(older, open_to_all) as server:
        user = used(older)
        url = user.url()
        server.wait(60)
        assert socket_directory(url) != open_to_all
        assert_closed(older, url)
        user.ends()


@as_root
def test_the_account_of_older_versions_goes_on_with_its_data(used: Using, older: Path) -> None:
    if not any(entry.pw_name == "embedded_postgres" for entry in pwd.getpwall()):
        subprocess.run(["useradd", "--system", "embedded_postgres"], check=True)
    subprocess.run(["chown", "-R", "embedded_postgres", older / "postgresql"], check=True)
    used(older).url()
    server = server_process(older)
    assert server is not None
    assert server.username() == "embedded_postgres"


@as_root
def test_a_cluster_of_somebody_else_is_refused_with_what_to_do(used: Using, older: Path) -> None:
    for owner in (0, pwd.getpwnam("daemon").pw_uid):
        subprocess.run(["chown", "-R", str(owner), older / "postgresql"], check=True)
        refused = used(older).refused()
        assert f"belongs to {pwd.getpwuid(owner).pw_name}" in refused
        assert f"chown -R {SERVER_ACCOUNT}:" in refused


@pytest.mark.parametrize("version", ["17", "19", "9.6"])
def test_data_of_another_version_are_left_with_what_to_do(
    used: Using, data_dir: Path, version: str
) -> None:
    (data_dir / "postgresql" / "PG_VERSION").write_text(f"{version}\n")
    refused = used(data_dir).refused()
    assert f"is of PostgreSQL {version}" in refused
    assert f"brings {PROGRAMS.major}" in refused
    assert (data_dir / "postgresql" / "base").is_dir()


@pytest.mark.parametrize("mark", ["", "no number"])
def test_data_without_a_version_are_left_with_what_to_do(
    used: Using, data_dir: Path, mark: str
) -> None:
    (data_dir / "postgresql" / "PG_VERSION").write_text(mark)
    assert "PG_VERSION" in used(data_dir).refused() or mark
    assert (data_dir / "postgresql" / "base").is_dir()


def test_one_that_lost_its_mark_keeps_its_data(used: Using, data_dir: Path) -> None:
    first = used(data_dir)
    keep(first.url(), "kept")
    first.ends()
    (data_dir / "cluster-made").unlink()
    user = used(data_dir)
    assert kept(user.url()) == ["kept"]
    user.ends()
    assert (data_dir / "cluster-made").exists()


def test_one_that_an_older_version_half_made_is_made_anew(used: Using, older: Path) -> None:
    (older / "cluster-made").unlink()
    for name in ("postmaster.opts", "pg_control", ".handle_pids.json"):
        (older / "postgresql" / name).unlink(missing_ok=True)
    for name in ("1", "4", "5"):
        shutil.rmtree(older / "postgresql" / "base" / name, ignore_errors=True)
    user = used(older)
    assert kept(user.url()) == []


@pytest.mark.parametrize("strange", ["notes.txt", "base/16999", "PG_VERSION.bak"])
def test_what_may_be_somebodys_is_never_deleted(used: Using, older: Path, strange: str) -> None:
    (older / "cluster-made").unlink()
    for name in ("postmaster.opts", "PG_VERSION", ".handle_pids.json"):
        (older / "postgresql" / name).unlink(missing_ok=True)
    path = older / "postgresql" / strange
    path.write_text("somebody's")
    refused = used(older).refused()
    assert "PG_VERSION is missing" in refused
    assert path.read_text() == "somebody's"


def test_an_empty_directory_in_its_place_is_filled(used: Using, new_dir: Path) -> None:
    (new_dir / "postgresql").mkdir(parents=True)
    used(new_dir).url()


@as_root
def test_roots_data_are_where_they_were_or_below_var_lib(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(place))
    root = pwd.getpwuid(0)
    home = place / "root"
    moved = pwd.struct_passwd((*root[:5], str(home), root[6]))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: moved)
    assert default_data_dir() == Path("/var/lib/admsync")
    (home / ".local" / "share" / "admsync").mkdir(parents=True)
    assert default_data_dir() == home / ".local" / "share" / "admsync"
    (place / "admsync").mkdir()
    assert default_data_dir() == place / "admsync"


@as_root
def test_the_doctor_says_which_modes_were_widened(older: Path) -> None:
    home = older.parent
    home.chmod(0o755)
    said = opened_by_older_version(older)
    assert said is not None
    assert f"everybody access to {home}, {older}" in said
    assert f"chmod go-rx {home}" in said
    done = admsync("doctor", settings={"ADMSYNC_DATA_DIR": str(older)})
    assert done.returncode == 1
    assert f"✗ data directory: {said}" in " ".join(done.stdout.split())
    home.chmod(0o700)
    # The directory of the program itself may be one of them, wherever the tests are.
    assert f"access to {home}" not in str(opened_by_older_version(older))
    (older / "postgresql" / ".handle_pids.json").unlink()
    home.chmod(0o755)
    assert opened_by_older_version(older) is None
