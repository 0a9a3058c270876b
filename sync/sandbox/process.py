"""A sandbox in its own process, for tests, benchmarks and the demonstration."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import define, field

from ledger.errors import AdmsyncError
from sync.sandbox.company.generate import Size
from sync.sandbox.control.client import ControlClient

READY = "# Ready"
PATIENCE = 10.0


class SandboxFailed(AdmsyncError):
    """The sandbox's process ended before it served."""


@define
class RunningSandbox:
    """A sandbox that serves; ``settings`` are the program's environment settings for it."""

    state: Path
    options: tuple[str, ...]
    settings: dict[str, str] = field(factory=dict, repr=False)
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return self.settings["ADMINISTRATE_INSTANCE_URL"]

    @property
    def graphql_url(self) -> str:
        return self.settings["ADMINISTRATE_API_URL"]

    @property
    def token_url(self) -> str:
        return self.settings["ADMINISTRATE_AUTH_URL"]

    @property
    def api_key(self) -> str:
        return self.settings["ADMINISTRATE_API_KEY"]

    @property
    def api_secret(self) -> str:
        return self.settings["ADMINISTRATE_API_SECRET"]

    @property
    def pid(self) -> int:
        if self._process is None:
            raise SandboxFailed("The sandbox does not run.")
        return self._process.pid

    @property
    def control(self) -> ControlClient:
        return ControlClient(self.url)

    def start(self, port: int) -> None:
        command = [sys.executable, "-m", "sync.cli.sandbox", "--state", str(self.state)]
        self._process = subprocess.Popen(  # noqa: S603 - our own program with our own options
            [*command, "--port", str(port), *self.options],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        self.settings = dict(self._settings_printed())

    def _settings_printed(self) -> Iterator[tuple[str, str]]:
        """The settings the process prints, which ends with its being ready."""
        process = self._process
        if process is None or process.stdout is None:
            return
        for line in process.stdout:
            if line.startswith(READY):
                return
            name, _, value = line.removeprefix("export ").rstrip("\n").partition("=")
            yield name, value
        self.stop()
        raise SandboxFailed(f"The sandbox over {self.state} ended before it served; see above.")

    def stop(self) -> None:
        """Ends the process as Ctrl-C does; by force where it does not end."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the process with SIGKILL, in the middle of whatever it does."""
        self._end(signal.SIGKILL)

    def died(self, within: float = PATIENCE) -> bool:
        """Whether the process ends of itself, as by a fault that kills it, in so many seconds."""
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(within)
                self._forget()
        return self._process is None

    def restart(self) -> None:
        """Starts again on the same port and state; faults set before go on counting."""
        port = int(self.url.rpartition(":")[2])
        self.kill()
        self.options = ()
        self.start(port)

    def _end(self, number: signal.Signals) -> None:
        process = self._process
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._forget()

    def _forget(self) -> None:
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None


@contextlib.contextmanager
def start_sandbox(
    state: Path,
    *,
    company: Size | None = None,
    faults: Iterable[str] = (),
    latency_ms: float = 0,
    port: int = 0,
) -> Iterator[RunningSandbox]:
    """A sandbox over a state directory, ended with the block; ``company`` counts for a new one.

    ``faults`` are written as ``sync.sandbox.faults.fault`` says. SandboxFailed where it does not
    start.
    """
    size = company or Size()
    options = [f"--fault={text}" for text in faults]
    options += [f"--size={one}" for one in size.options]
    options += ["--seed", str(size.seed), "--latency", str(latency_ms)]
    running = RunningSandbox(state, tuple(options))
    running.start(port)
    try:
        yield running
    finally:
        running.stop()
