"""The server is shared, stays up for a while after its last use, and is stopped by somebody."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.database.settings import linger_seconds
from ledger.errors import SettingsError
from tests.ledger.builtin.using import (
    User,
    keep,
    kept,
    server_process,
    socket_directory,
    use_once,
    watcher_process,
)
from tests.program import ADMSYNC, environment

Using = Callable[..., User]
AN_HOUR = 3600


def test_two_processes_share_the_server_and_the_last_stops_it(used: Using, data_dir: Path) -> None:
    first, second = used(data_dir), used(data_dir)
    url = first.url()
    assert url == second.url()
    sockets = socket_directory(url)
    server = server_process(data_dir)
    first.ends()
    assert server == server_process(data_dir) is not None
    second.ends()
    assert server_process(data_dir) is None
    assert not sockets.exists()


def test_a_server_whose_user_and_watcher_were_killed_is_used_and_stopped_by_the_next(
    used: Using, data_dir: Path
) -> None:
    killed = used(data_dir)
    url = killed.url()
    server, watcher = server_process(data_dir), watcher_process(data_dir)
    assert watcher is not None
    watcher.kill()
    killed.is_killed()
    assert server == server_process(data_dir) is not None
    following = used(data_dir)
    assert following.url() == url
    following.ends()
    assert server_process(data_dir) is None


def test_it_lingers_for_the_next_and_the_watcher_stops_it(used: Using, data_dir: Path) -> None:
    user = used(data_dir, linger=AN_HOUR)
    url = user.url()
    keep(url, "kept")
    user.ends()
    server, watcher = server_process(data_dir), watcher_process(data_dir)
    assert server is not None
    assert watcher is not None
    following = used(data_dir, linger=AN_HOUR)
    assert following.url() == url
    assert kept(url) == ["kept"]
    following.ends()
    assert server == server_process(data_dir)
    assert watcher == watcher_process(data_dir)
    # Its time is over while nobody uses it: one who wants no lingering says so at its end.
    use_once(data_dir)
    server.wait(60)
    watcher.kill()


def test_a_watcher_stops_the_server_when_its_time_is_over(used: Using, data_dir: Path) -> None:
    user = used(data_dir, linger=0.2)
    url = user.url()
    server, watcher = server_process(data_dir), watcher_process(data_dir)
    assert server is not None
    assert watcher is not None
    user.ends()
    server.wait(60)
    watcher.wait(60)
    assert not socket_directory(url).exists()


@pytest.mark.parametrize("linger", [0, 0.2])
def test_a_watcher_does_not_wait_for_a_killed_user(
    used: Using, data_dir: Path, linger: float
) -> None:
    user = used(data_dir, linger=linger)
    user.url()
    server = server_process(data_dir)
    assert server is not None
    user.is_killed()
    server.wait(60)


def test_a_killed_watcher_is_replaced_by_the_next_command(used: Using, data_dir: Path) -> None:
    use_once(data_dir, linger=AN_HOUR)
    first = watcher_process(data_dir)
    assert first is not None
    first.kill()
    first.wait(60)
    server = server_process(data_dir)
    assert server is not None
    user = used(data_dir, linger=0.2)
    user.url()
    assert server == server_process(data_dir)
    user.ends()
    server.wait(60)


def test_a_killed_watcher_is_not_missed_where_nobody_lingers(data_dir: Path) -> None:
    use_once(data_dir, linger=AN_HOUR)
    watcher = watcher_process(data_dir)
    assert watcher is not None
    watcher.kill()
    use_once(data_dir)
    assert server_process(data_dir) is None


def test_of_many_at_once_each_finds_a_server_and_one_watcher_is_left(
    used: Using, data_dir: Path
) -> None:
    users = [used(data_dir, linger=AN_HOUR) for _ in range(4)]
    assert len({user.url() for user in users}) == 1
    for user in users:
        user.ends()
    watcher = watcher_process(data_dir)
    assert watcher is not None
    watcher.kill()
    watcher.wait(60)
    assert watcher_process(data_dir) is None


def test_one_that_begins_just_as_the_watcher_stops_the_server_has_a_server(
    used: Using, data_dir: Path
) -> None:
    for _ in range(4):
        user = used(data_dir, linger=0.01)
        url = user.url()
        keep(url, "kept")
        user.ends()
    following = used(data_dir)
    assert kept(following.url()) == ["kept"] * 4


def test_what_lingers_holds_no_stream_no_secret_and_no_directory(data_dir: Path) -> None:
    # Read to its end, though the server and the watcher live on: neither holds the pipe.
    done = subprocess.run(
        [ADMSYNC, "migrate"],
        env=environment(
            settings={
                "ADMSYNC_DATA_DIR": str(data_dir),
                "ADMSYNC_LINGER": "1h",
                "ADMINISTRATE_API_SECRET": "gooseberry-fool",
            }
        ),
        cwd=data_dir.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "schema" in done.stdout
    left = (watcher_process(data_dir), server_process(data_dir))
    for process in left:
        assert process is not None
        assert "gooseberry" not in Path(f"/proc/{process.pid}/environ").read_text()
        assert os.getsid(process.pid) == process.pid
        for descriptor in Path(f"/proc/{process.pid}/fd").iterdir():
            assert not str(descriptor.readlink()).startswith("pipe:") or process != left[0]
    assert left[0] is not None
    assert left[0].cwd() == "/"
    use_once(data_dir)


@pytest.mark.parametrize(
    ("setting", "seconds"),
    [("", 300), ("0", 0), ("3", 180), (" 90s ", 90), ("10m", 600), ("2H", 7200), ("1440", 86400)],
)
def test_lingering_is_set_in_minutes_or_as_a_duration(setting: str, seconds: float) -> None:
    assert linger_seconds(setting) == seconds


@pytest.mark.parametrize("setting", ["soon", "-1", "1.5", "10 minutes", "1441", "25h", "٣", "1e3"])
def test_another_setting_of_it_is_one_clear_line(setting: str) -> None:
    with pytest.raises(SettingsError, match=r"ADMSYNC_LINGER is .*expected minutes") as refused:
        linger_seconds(setting)
    assert "\n" not in str(refused.value)
