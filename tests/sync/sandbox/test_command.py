"""``admsync sandbox`` as a person starts and stops it."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from sync.sandbox.control.client import ControlClient
from sync.sandbox.faults.kinds import KINDS
from sync.sandbox.process import READY, RunningSandbox, SandboxFailed, start_sandbox
from tests.program import ADMSYNC, admsync, environment

README = (Path(__file__).parents[3] / "sync" / "sandbox" / "README.md").read_text("utf-8")
SECTION = README.partition("## Using it\n")[2].partition("\n## ")[0]
LINES = [shlex.split(line)[2:] for line in re.findall(r"(?m)^admsync sandbox.*$", SECTION)]
SHOWN = [line for line in LINES if "edit" not in line]
EDITS = [line for line in LINES if "edit" in line]


@contextmanager
def in_the_foreground(
    state: Path, *options: str
) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """The program's process, serving, and the settings it printed."""
    command = [str(ADMSYNC), "sandbox", "--port", "0", "--state", str(state), *options]
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, dict(_settings(process.stdout))
        finally:
            process.kill()


def _settings(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if line.startswith(READY):
            return
        name, _, value = line.removeprefix("export ").strip().partition("=")
        yield name, value


def control(settings: dict[str, str]) -> ControlClient:
    return ControlClient(settings["ADMINISTRATE_INSTANCE_URL"])


def token(settings: dict[str, str]) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": settings["ADMINISTRATE_API_KEY"],
        "client_secret": settings["ADMINISTRATE_API_SECRET"],
    }
    answer = requests.post(settings["ADMINISTRATE_AUTH_URL"], data=form, timeout=10)
    return str(answer.json()["access_token"])


def test_it_prints_its_settings_and_ends_with_an_interrupt(tmp_path: Path) -> None:
    with in_the_foreground(tmp_path) as (process, settings):
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=60)
    assert list(settings) == re.findall(r"(?m)^export (\w+)=", SECTION)
    assert (process.returncode, complaints) == (0, "")


def test_its_files_are_their_owner_s_alone(tmp_path: Path) -> None:
    """Its credentials are in them, be they made up."""
    state = tmp_path / "state"
    before = os.umask(0)
    try:
        with in_the_foreground(state) as (_, settings):
            token(settings)
            made = [state, *state.iterdir()]
            assert len(made) > 1
            assert {one.name: one.stat().st_mode & 0o077 for one in made} == {
                one.name: 0 for one in made
            }
    finally:
        os.umask(before)


@pytest.mark.parametrize("fault", ["hang", "latency:*:*:60", "reset-before", "reset-mid"])
def test_it_ends_without_a_word_whatever_became_of_its_calls(tmp_path: Path, fault: str) -> None:
    with in_the_foreground(tmp_path, "--fault", fault) as (process, settings):
        with pytest.raises(requests.RequestException):
            requests.post(
                settings["ADMINISTRATE_API_URL"],
                json={"query": "{ hello }"},
                headers={"Authorization": f"Bearer {token(settings)}"},
                timeout=0.3,
            )
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (0, "")


def test_a_call_that_waits_when_it_ends_gets_no_answer(tmp_path: Path) -> None:
    with in_the_foreground(tmp_path, "--fault", "latency:*:*:60") as (process, settings):
        where = urlsplit(settings["ADMINISTRATE_API_URL"])
        with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
            head = (
                f"POST {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Length: 2\r\n\r\n"
            )
            connection.sendall(head.encode() + b"{}")
            while not control(settings).counts():
                pass
            process.send_signal(signal.SIGINT)
            assert connection.recv(1) == b""


def test_on_a_port_in_use_it_says_so_in_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with start_sandbox(tmp_path / "first") as running:
        port = running.url.rpartition(":")[2]
        with (
            pytest.raises(SandboxFailed),
            start_sandbox(tmp_path / "second", port=int(port)),
        ):
            pass
        own_words = capfd.readouterr().err
        done = admsync("sandbox", "--port", port, "--state", str(tmp_path / "third"))
    assert own_words == done.stderr
    assert done.stderr == (
        f"admsync: Port {port} cannot be listened on (Address already in use);"
        " give another with --port, or 0 for any free one.\n"
    )
    assert done.returncode == 1


def test_where_its_records_cannot_be_kept_it_says_so_in_one_line(tmp_path: Path) -> None:
    file, folder, broken = (tmp_path / name for name in ("file", "folder", "broken"))
    file.touch()
    (folder / "sandbox" / "sandbox.sqlite").mkdir(parents=True)
    (broken / "sandbox").mkdir(parents=True)
    (broken / "sandbox" / "sandbox.sqlite").write_bytes(b"no database" * 100)
    for place, why in {
        file: "Not a directory",
        Path("/dev/null"): "Not a directory",
        Path("/proc/nowhere"): "No such file or directory",
        folder: "unable to open database file",
        broken: "file is not a database",
    }.items():
        done = admsync("sandbox", "--port", "0", settings={"ADMSYNC_DATA_DIR": str(place)})
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == (
            f"admsync: the sandbox's records cannot be kept in {place}/sandbox: {why};"
            " name another directory with --state\n"
        )


@pytest.mark.parametrize(
    "options", [["--fault", "flood"], ["--size", "venues=many"], ["--size", "ships=3"]]
)
def test_an_option_that_means_nothing_is_refused(tmp_path: Path, options: list[str]) -> None:
    done = admsync("sandbox", "--state", str(tmp_path / "state"), *options)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "state").exists()


def test_it_lists_every_fault() -> None:
    lines = admsync("sandbox", "--list-faults").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(KINDS)


@pytest.mark.parametrize("options", SHOWN, ids=" ".join)
def test_each_start_shown_in_the_readme_is_one(tmp_path: Path, options: list[str]) -> None:
    with in_the_foreground(tmp_path, *options) as (_, settings):
        faults = control(settings).faults()
        venues = control(settings).dump("Venue")
    assert len(faults) == options.count("--fault") + options.count("--latency")
    assert (len(venues) > 9_000) == ("--size" in options)


def test_the_edits_shown_in_the_readme_can_be_made(company_sandbox: RunningSandbox) -> None:
    company_sandbox.control.reset()
    port = company_sandbox.url.rpartition(":")[2]
    printed = []
    for line in EDITS:
        done = admsync("sandbox", *line, "--port", port)
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    assert "session 1: start 2025-07-08T09:30:00 → 2025-07-15T09:30:00" in printed[0]
    assert "the event: booked places 9 → 12" in printed[0]
    assert "session 2: start 2025-07-29T09:30:00 → 2026-04-01T18:00:00" in printed[1]
    assert "the event: sold out no → yes" in printed[2]
    assert "session 1: state published → cancelled" in printed[3]
    company_sandbox.control.reset()


def test_where_no_sandbox_runs_an_edit_says_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        done = admsync("sandbox", "--port", port, "edit", "A", "--delete")
    assert done.returncode == 1
    assert "start one with admsync sandbox" in done.stderr
    done = admsync("sandbox", "edit", "A", "--session", "2")
    assert done.returncode == 2
    assert "say what to edit" in done.stderr
