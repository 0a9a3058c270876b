"""Whatever was left by a kill or a power cut, the next command has a server, and the data."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.ledger.builtin.conftest import as_root, copied
from tests.ledger.builtin.using import (
    User,
    keep,
    kept,
    server_process,
    socket_directory,
    use_once,
)

Using = Callable[..., User]


def has_ended(process: psutil.Process) -> bool:
    """Whether it has, though whoever adopted it may not have asked how."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def cut_off(used: Using, data_dir: Path, place: Path) -> Path:
    """The files of a data directory as they were at one moment while its server ran."""
    user = used(data_dir)
    url = user.url()
    keep(url, "kept")
    copied(data_dir, place / "cut")
    user.ends()
    return place / "cut"


def bystander(data_dir: Path) -> subprocess.Popen[bytes]:
    """A process of the server's account that is no server."""
    owner = (data_dir / "postgresql").stat().st_uid if os.geteuid() == 0 else None
    return subprocess.Popen(["/bin/sleep", "1000"], cwd=data_dir / "postgresql", user=owner)


def change_pid(data_dir: Path, pid: int) -> None:
    """Has the file of a server that is gone name another process."""
    path = data_dir / "postgresql" / "postmaster.pid"
    lines = path.read_text().split("\n")
    path.write_text("\n".join([str(pid), *lines[1:]]))


def assert_recovers(used: Using, data_dir: Path) -> None:
    """The server starts with what was in it, and stops."""
    user = used(data_dir)
    assert kept(user.url()) == ["kept"]
    user.ends()
    assert server_process(data_dir) is None


def test_a_power_cut_is_recovered_from(used: Using, cut_off: Path) -> None:
    assert (cut_off / "postgresql" / "postmaster.pid").exists()
    assert_recovers(used, cut_off)


@pytest.mark.parametrize("who", ["bystander", "parent", "this process", "init"])
def test_a_process_id_that_lives_again_is_not_taken_for_the_server(
    used: Using, cut_off: Path, who: str
) -> None:
    with bystander(cut_off) as process:
        pids = {"bystander": process.pid, "parent": os.getppid(), "this process": os.getpid()}
        change_pid(cut_off, pids.get(who, 1))
        assert_recovers(used, cut_off)
        assert process.poll() is None
        process.kill()


@pytest.mark.parametrize("left", ["", "12", "\n\n", "no number\n", "-1\n", "4000000000000\n" * 8])
def test_a_damaged_file_of_the_servers_process_does_not_matter(
    used: Using, cut_off: Path, left: str
) -> None:
    (cut_off / "postgresql" / "postmaster.pid").write_text(left)
    assert_recovers(used, cut_off)


@pytest.mark.parametrize("lost", ["cluster-made", "socket-directory", "in-use.lock", "until"])
def test_what_else_was_lost_is_made_again(used: Using, cut_off: Path, lost: str) -> None:
    (cut_off / lost).unlink()
    assert_recovers(used, cut_off)


def test_a_copy_of_a_running_servers_files_leaves_that_server_alone(
    used: Using, data_dir: Path, place: Path
) -> None:
    original = used(data_dir)
    url = original.url()
    keep(url, "kept")
    server = server_process(data_dir)
    assert_recovers(used, copied(data_dir, place / "copy"))
    assert kept(url) == ["kept"]
    assert server == server_process(data_dir) is not None


def test_a_killed_server_is_started_again(used: Using, data_dir: Path) -> None:
    first = used(data_dir)
    keep(first.url(), "kept")
    server = server_process(data_dir)
    assert server is not None
    server.kill()
    assert kept(used(data_dir).url()) == ["kept"]
    first.ends()


def test_what_a_killed_server_left_running_is_ended(used: Using, data_dir: Path) -> None:
    first = used(data_dir)
    url = first.url()
    keep(url, "kept")
    server = server_process(data_dir)
    assert server is not None
    with closing(psycopg.connect(url)) as connection:
        [pid] = connection.execute("SELECT pg_backend_pid()").fetchone() or [0]
        # One that does not notice: stopped, it holds the memory that the server shared.
        backend = psutil.Process(pid)
        backend.suspend()
        server.kill()
        assert kept(used(data_dir).url()) == ["kept"]
        assert has_ended(backend)
    first.is_killed()


def test_a_server_whose_starter_was_killed_is_waited_for(used: Using, data_dir: Path) -> None:
    killed = used(data_dir)
    while (server := server_process(data_dir)) is None:
        assert killed.process.poll() is None
    killed.is_killed()
    user = used(data_dir)
    user.url()
    user.ends()
    assert has_ended(server)


@pytest.mark.parametrize("line", range(12, 270, 36))
def test_a_starter_killed_between_two_lines_leaves_nothing_in_the_way(
    used: Using, data_dir: Path, line: int
) -> None:
    killed = used(data_dir, killed_at_line=line)
    killed.process.communicate()
    user = used(data_dir)
    sockets = socket_directory(user.url())
    user.ends()
    assert server_process(data_dir) is None
    assert not sockets.exists()


@pytest.mark.parametrize("line", range(90, 297, 50))
def test_a_maker_killed_between_two_lines_leaves_nothing_in_the_way(
    used: Using, new_dir: Path, line: int
) -> None:
    killed = used(new_dir, killed_at_line=line)
    killed.process.communicate()
    user = used(new_dir)
    keep(user.url(), "kept")
    user.ends()
    assert not list(new_dir.glob("postgresql.new-*"))
    assert_recovers(used, new_dir)


def test_a_killed_initdb_leaves_nothing_in_the_way(used: Using, new_dir: Path) -> None:
    killed = used(new_dir)
    while not list(new_dir.glob("postgresql.new-*/PG_VERSION")):
        assert killed.process.poll() is None
    for child in psutil.Process(killed.process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # some last for a moment
            child.kill()
    killed.is_killed()
    assert not (new_dir / "postgresql").exists()
    use_once(new_dir)
    assert not list(new_dir.glob("postgresql.new-*"))


def spoil_control(cluster: Path) -> None:
    (cluster / "global" / "pg_control").unlink()


def spoil_settings(cluster: Path) -> None:
    with (cluster / "postgresql.conf").open("a") as file:
        file.write("max_connections = many\n")


def spoil_mode(cluster: Path) -> None:
    cluster.chmod(0o755)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_control, "could not find the database system"),
        (spoil_settings, "contains errors"),
        (spoil_mode, "invalid permissions"),
    ],
)
def test_a_server_that_does_not_start_says_why(
    used: Using, data_dir: Path, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(data_dir / "postgresql")
    refused = used(data_dir).refused()
    assert "does not start: " in refused
    assert said in refused
    assert "postgresql.log" in refused


@as_root
def test_root_that_may_not_look_at_others_finds_its_server(used: Using, data_dir: Path) -> None:
    # As in a container: root without the right to look into another user's processes.
    contained = ("setpriv", "--bounding-set", "-sys_ptrace", sys.executable)
    first = used(data_dir, python=contained)
    url = first.url()
    keep(url, "kept")
    second = used(data_dir, python=contained)
    assert second.url() == url
    server = server_process(data_dir)
    assert server is not None
    first.ends()
    second.ends()
    assert server_process(data_dir) is None
