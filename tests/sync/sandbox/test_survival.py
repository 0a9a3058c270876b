"""What is left of a sandbox that is killed, and how one is started."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from sync.sandbox.cli import sandbox as command
from sync.sandbox.generate import Size
from sync.sandbox.process import SandboxFailed, start_sandbox
from tests.sync.sandbox.builders import CREATE_EVENT, Asker


@pytest.mark.parametrize(("kind", "made"), [("exit-before", 0), ("exit-after", 1)])
def test_a_change_is_there_after_a_kill_if_and_only_if_it_was_made(
    tmp_path: Path, kind: str, made: int
) -> None:
    with start_sandbox(tmp_path) as running:
        asker = Asker(running)
        asker.authorize()
        given = asker.event_input()
        running.control.set_faults(f"{kind}:event.createBlended:1")
        with pytest.raises(requests.ConnectionError):
            asker.post(CREATE_EVENT, input=given)
        assert running.died()
        running.restart()
        assert len(running.control.changes("event.createBlended")) == made
        assert running.control.count("event.createBlended") == 1
        titles = [one["title"] for one in running.control.dump("Event")]
        assert titles.count("ELO-CB1-99-26A") == made
        asker.close()


def test_tokens_counts_and_faults_survive_a_kill(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, faults=["503:hello:3"]) as running:
        asker = Asker(running)
        asker.authorize()
        before = running.pid
        assert [asker.post("{ hello }").status_code for _ in range(2)] == [200, 200]
        running.kill()
        asker.close()
        running.restart()
        assert running.pid != before
        assert [asker.post("{ hello }").status_code for _ in range(2)] == [503, 200]
        assert running.control.count("hello") == 4
        asker.close()


def test_a_new_state_is_as_large_as_asked_and_an_old_one_stays(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, company=Size(locations=10, venues=120, instructors=5)) as running:
        venues = running.control.dump("Venue")
        assert len(venues) > 120
    with start_sandbox(tmp_path) as running:
        assert running.control.dump("Venue") == venues


def test_two_on_one_port_are_refused_with_the_port(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with start_sandbox(tmp_path / "first") as running:
        port = int(running.url.rpartition(":")[2])
        with pytest.raises(SandboxFailed), start_sandbox(tmp_path / "second", port=port):
            pass
        assert (
            capfd.readouterr().err
            == f"Port {port} cannot be listened on (Address already in use).\n"
        )


def test_in_the_foreground_it_prints_its_settings_and_ends_with_an_interrupt(
    tmp_path: Path,
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "sync.sandbox", "--port", "0", "--state", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    names = [process.stdout.readline().split("=")[0] for _ in range(5)]
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=60)
    assert names == [
        "export ADMINISTRATE_API_URL",
        "export ADMINISTRATE_AUTH_URL",
        "export ADMINISTRATE_INSTANCE_URL",
        "export ADMINISTRATE_API_KEY",
        "export ADMINISTRATE_API_SECRET",
    ]
    assert complaints == ""


@pytest.mark.parametrize(
    "options", [["--fault", "flood"], ["--size", "venues=many"], ["--size", "ships=3"]]
)
def test_an_option_that_means_nothing_is_refused(tmp_path: Path, options: list[str]) -> None:
    result = CliRunner().invoke(command, ["--state", str(tmp_path / "state"), *options])
    assert result.exit_code != 0
    assert not (tmp_path / "state").exists()


def test_the_secret_is_in_no_repr(tmp_path: Path) -> None:
    with start_sandbox(tmp_path) as running:
        assert running.api_secret not in repr(running)
