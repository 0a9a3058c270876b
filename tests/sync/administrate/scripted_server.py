"""A real HTTP server on a loopback socket that misbehaves as told, request by request.

Each GraphQL request takes the next behaviour of the script; once it is used up, the server behaves.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Mapping
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs

from attrs import define, field, frozen

from sync.administrate.settings import AdministrateSettings

KEY = "the-key"
SECRET = "a-secret-nobody-may-see"


@frozen
class Answer:
    """An answer given without a look at the request."""

    body: bytes = b'{"data": {"viewer": {"user": {"email": "Hello"}}}}'
    status: int = 200
    headers: Mapping[str, str] = {}


class Fault(Enum):
    """What may go wrong; ``carried_out`` tells whether the request was obeyed before it did."""

    RESET_BEFORE = auto()
    RESET_MID = auto()
    RESET_AFTER = auto()
    HANG = auto()
    TRUNCATED = auto()
    NOT_JSON = auto()
    EMPTY = auto()
    NULL_DATA = auto()
    FAULT_BEFORE = auto()
    FAULT_AFTER = auto()
    BAD_GATEWAY = auto()
    UNAVAILABLE = auto()
    GATEWAY_TIMEOUT = auto()
    THROTTLED = auto()
    UNAUTHORISED = auto()

    @property
    def carried_out(self) -> bool:
        return self in _CARRIED_OUT


_CARRIED_OUT = {
    Fault.RESET_MID,
    Fault.RESET_AFTER,
    Fault.HANG,
    Fault.TRUNCATED,
    Fault.NOT_JSON,
    Fault.EMPTY,
    Fault.NULL_DATA,
    Fault.FAULT_AFTER,
    Fault.GATEWAY_TIMEOUT,
}
_ANSWERS = {
    Fault.NOT_JSON: Answer(b"<html>It works!</html>"),
    Fault.EMPTY: Answer(b""),
    Fault.NULL_DATA: Answer(b'{"data": null}'),
    Fault.FAULT_BEFORE: Answer(b"Internal Server Error", 500),
    Fault.FAULT_AFTER: Answer(b"Internal Server Error", 500),
    Fault.BAD_GATEWAY: Answer(b"", 502),
    Fault.UNAVAILABLE: Answer(b"", 503),
    Fault.GATEWAY_TIMEOUT: Answer(b"", 504),
    Fault.THROTTLED: Answer(b"", 429),
    Fault.UNAUTHORISED: Answer(b"", 401),
}

Behaviour = Answer | Fault
Obey = Callable[[str, Mapping[str, Any]], Any]


def closed_address() -> str:
    """An address of this machine where nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{closed.getsockname()[1]}"


def data(**fields: object) -> Answer:
    """A good answer with these fields as its data."""
    return Answer(json.dumps({"data": fields}).encode())


@define
class ScriptedServer:
    """The server, started on a port the system chooses; ``obey`` makes the data of good answers."""

    obey: Obey = lambda _operation, _variables: {"viewer": {"user": {"email": "Hello"}}}
    script: deque[Behaviour] = field(factory=deque)
    token_script: deque[Answer] = field(factory=deque)
    token_life: object = 3600
    calls: list[tuple[str, Mapping[str, Any]]] = field(factory=list)
    carried_out: int = 0
    tokens_given: int = 0
    token_forms: list[dict[str, list[str]]] = field(factory=list)
    _lock: threading.Lock = field(factory=threading.Lock)
    _closing: threading.Event = field(factory=threading.Event)
    _http: _Listener = field(init=False)

    def __enter__(self) -> Self:
        self._http = _Listener(("127.0.0.1", 0), _Handler)
        self._http.scripted = self
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()

    @property
    def url(self) -> str:
        host, port = self._http.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def settings(self) -> AdministrateSettings:
        return AdministrateSettings(self.url, self.url, self.url, KEY, SECRET)

    @property
    def token(self) -> str:
        """The only token taken at present."""
        return f"token-number-{self.tokens_given}"

    def reset(self) -> None:
        """Forget script and counts, not the tokens."""
        for kept in (self.script, self.token_script, self.calls):
            kept.clear()
        self.carried_out = 0

    def behave(self, operation: str, variables: Mapping[str, Any]) -> tuple[Behaviour, bytes]:
        """The next behaviour, and the good answer, obeyed where the behaviour says so."""
        with self._lock:
            self.calls.append((operation, variables))
            behaviour = self.script.popleft() if self.script else None
            if isinstance(behaviour, Answer):
                return behaviour, b""
            if behaviour is not None and not behaviour.carried_out:
                return behaviour, b""
            self.carried_out += 1
            good = json.dumps({"data": self.obey(operation, variables)}).encode()
            return behaviour or Answer(good), good

    def give_token(self, form: dict[str, list[str]]) -> Answer:
        with self._lock:
            self.token_forms.append(form)
            if self.token_script:
                return self.token_script.popleft()
            self.tokens_given += 1
            given = {"access_token": self.token, "token_type": "Bearer"}
            return Answer(json.dumps({**given, "expires_in": self.token_life}).encode())

    def wait_for_the_end(self) -> None:
        self._closing.wait(10)


class _Listener(ThreadingHTTPServer):
    scripted: ScriptedServer
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up in the middle is no reason for a traceback."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are written apart, and would wait for each other

    @property
    def scripted(self) -> ScriptedServer:
        assert isinstance(self.server, _Listener)
        return self.server.scripted

    def do_POST(self) -> None:
        request = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/oauth/token":
            self._answer(self.scripted.give_token(parse_qs(request.decode())))
        elif self.headers["Authorization"] != f"Bearer {self.scripted.token}":
            self._answer(Answer(b"", 401))
        else:
            asked = json.loads(request)
            self._behave(*self.scripted.behave(asked["operationName"], asked["variables"]))

    def _behave(self, behaviour: Behaviour, good: bytes) -> None:
        match behaviour:
            case Fault.RESET_BEFORE | Fault.RESET_AFTER:
                self._reset()
            case Fault.RESET_MID:
                self._answer(Answer(good), cut_at=len(good) // 2)
                self._reset()
            case Fault.TRUNCATED:
                self._answer(Answer(good), cut_at=len(good) // 2)
                self.close_connection = True
            case Fault.HANG:
                self.scripted.wait_for_the_end()
                self.close_connection = True
            case Fault():
                self._answer(_ANSWERS[behaviour])
            case Answer():
                self._answer(behaviour)

    def _answer(self, answer: Answer, cut_at: int | None = None) -> None:
        self.send_response_only(answer.status)  # without a Date, which a script may set
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[:cut_at])

    def _reset(self) -> None:
        # Lingering for no time makes close() send RST instead of FIN.
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass
