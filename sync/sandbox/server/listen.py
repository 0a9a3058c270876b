"""Serves a state directory on the loopback interface until SIGINT or SIGTERM."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from ledger.database.builtin.directory import touch
from ledger.errors import AdmsyncError
from sync.loopback_server import LOOPBACK, listening, serve_until_interrupted
from sync.sandbox.company.generate import Size
from sync.sandbox.control.endpoint import Control, seed
from sync.sandbox.control.journal import Journal
from sync.sandbox.control.webhooks import Webhooks
from sync.sandbox.faults.fault import Fault
from sync.sandbox.records.store import Store
from sync.sandbox.server.app import Sandbox
from sync.sandbox.server.delivery import TransportProtocol
from sync.sandbox.server.tokens import Tokens

FILE = "sandbox.sqlite"


def settings(port: int, tokens: Tokens) -> dict[str, str]:
    """What a client needs to use the sandbox, by the names of the program's settings."""
    base = f"http://{LOOPBACK}:{port}"
    return {
        "ADMINISTRATE_API_URL": f"{base}/graphql",
        "ADMINISTRATE_AUTH_URL": f"{base}/oauth/token",
        "ADMINISTRATE_INSTANCE_URL": base,
        "ADMINISTRATE_API_KEY": tokens.api_key,
        "ADMINISTRATE_API_SECRET": tokens.api_secret,
    }


class StateUnusable(AdmsyncError):
    """The records cannot be kept, or read, in the state directory."""


def opened(state: Path, size: Size) -> Sandbox:
    """The application over a state directory, filled where it is new.

    Raises ``StateUnusable`` where it cannot be.
    """
    try:
        return _opened(state, size)
    except (OSError, sqlite3.Error) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise StateUnusable(
            f"the sandbox's records cannot be kept in {state.absolute()}: {why}; name another"
            " directory with --state"
        ) from problem


def _opened(state: Path, size: Size) -> Sandbox:
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    touch(state / FILE)  # for its owner alone: credentials are in it; SQLite's others are as it is
    store = Store.open(state / FILE)
    journal = Journal.open(store)
    if journal.setting("size") is None:
        seed(store, journal, size)
    tokens = Tokens.open(journal)
    control = Control(store, journal, Webhooks.open(journal), tokens.revoke)
    return Sandbox(store, journal, tokens, control)


def serve(
    state: Path,
    port: int,
    size: Size,
    faults: Sequence[Fault] | None,
    ready: Callable[[dict[str, str]], None],
) -> None:
    """Serves until SIGINT or SIGTERM; ``faults`` None keeps those the state has.

    ``ready`` gets the settings once connections are accepted. PortTaken where the port is in use.
    """
    listener = listening(LOOPBACK, port)
    application = opened(state, size)
    if faults is not None:
        application.journal.set_faults(faults)
    own = settings(listener.getsockname()[1], application.tokens)
    serve_until_interrupted(application, listener, lambda: ready(own), http=TransportProtocol)
