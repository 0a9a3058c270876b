"""Runs of the program as processes that need not import it: forked from one that has.

Importing takes longer than most of what the tests have the program do. Run as a script, this is the
process that imports: it forks for each message on its standard input, a socket, and ends with it.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pty
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import NoReturn

from importer.program import COMMANDS, main

# What of the tests' own surroundings the program is given: where things are.
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


def run(
    command: Sequence[str], environment: Mapping[str, str], directory: str
) -> subprocess.CompletedProcess[str]:
    """Runs the program to its end, as ``subprocess.run`` does, without any standard input."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        with _start(command, environment, directory, out.fileno(), err.fileno()) as ended:
            code = int(ended.recv(16))
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(command, code, out.read(), err.read())


def run_at_terminal(
    command: Sequence[str], environment: Mapping[str, str], directory: str, columns: int = 2000
) -> tuple[int, bytes]:
    """The same with both outputs at a terminal: the exit code, and all that the terminal gets."""
    screen, shown = pty.openpty()
    termios.tcsetwinsize(shown, (24, columns))
    with os.fdopen(screen, "rb", buffering=0) as terminal:
        ended = _start(command, environment, directory, shown, shown)
        os.close(shown)
        seen = b""
        with suppress(OSError):  # nobody is left who writes
            while found := terminal.read(65536):
                seen += found
        with ended:
            return int(ended.recv(16)), seen


def _start(
    command: Sequence[str], environment: Mapping[str, str], directory: str, out: int, err: int
) -> socket.socket:
    """A run of the program on these outputs; its exit code comes through the socket."""
    sys.audit("subprocess.Popen", command[0], command, directory, environment)
    ended, its_end = socket.socketpair()
    with its_end:
        message = json.dumps([list(command), dict(environment), directory]).encode()
        socket.send_fds(_importer(), [message], [out, err, its_end.fileno()])
    return ended


@cache
def _importer() -> socket.socket:
    mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        # Not as a module of a package: click would call the program by that name.
        process = subprocess.Popen(
            [sys.executable, "-P", __file__],
            stdin=its.fileno(),
            stdout=subprocess.DEVNULL,
            env={
                name: value
                for name, value in os.environ.items()
                if name in KEPT or name.startswith("COVERAGE_")
            },
            start_new_session=True,  # whoever interrupts the tests interrupts their process group
        )

    def end() -> None:
        mine.close()
        process.wait()

    atexit.register(end)
    return mine


def _serve() -> NoReturn:
    for module, _ in COMMANDS.values():
        import_module(module)
    for name in ("ledger.migrations.migrate", "sync.run", "importer.dual_write.run"):
        import_module(name)
    gc.freeze()  # no run need take these apart at its end
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait
    asked = socket.socket(fileno=os.dup(0))
    while True:
        message, given, _, _ = socket.recv_fds(asked, 2**20, 3)
        if not message:
            asked.close()
            sys.exit()
        if os.fork() == 0:
            asked.detach()  # closed with all others
            _wait_for_a_run(*json.loads(message), *given)
        for number in given:
            os.close(number)


def _wait_for_a_run(
    command: list[str], environment: dict[str, str], directory: str, out: int, err: int, ended: int
) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if program := os.fork():
        _, status = os.waitpid(program, 0)
        os.write(ended, str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, meant in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(number, meant)
    os.closerange(3, 1024)
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = command
    main()
    sys.exit()


if __name__ == "__main__":
    _serve()
