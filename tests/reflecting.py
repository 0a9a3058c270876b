"""An Administrate behind a gateway that repeats what it was sent: key, secret, token, in any form.

Requests go on to the sandbox, with its own credentials, until an operation that ``reflects``.
"""

from __future__ import annotations

import base64
import html
import json
import socketserver
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from threading import Thread
from typing import Self
from urllib.parse import parse_qs, quote, urlencode
from urllib.request import Request, urlopen

from attrs import define, field

from sync.sandbox.process import RunningSandbox

KEY = "key/of+a=goose%berry"
SECRET = "a-secret&\"nobody'\\may<see>"
TOKEN = "eyJnb29zZWJlcnJ5." + "fool-_9x" * 12 + ".sig/na+ture=="
# As the server spells a secret.
SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "plain": str,
    "url": lambda one: quote(one, safe=""),
    "url of url": lambda one: quote(quote(one, safe=""), safe=""),
    "json": lambda one: json.dumps(one)[1:-1],
    "html": html.escape,
    "base64": lambda one: base64.b64encode(one.encode()).decode(),
    "base64 of a URL": lambda one: base64.urlsafe_b64encode(one.encode()).decode(),
    "basic": lambda one: base64.b64encode(f"me:{one}".encode()).decode(),
    "hex": lambda one: one.encode().hex(),
    "repr": lambda one: repr(one.encode()),
}


def every_spelling(secrets: Sequence[str]) -> str:
    return " | ".join(spell(one) for one in secrets for spell in SPELLINGS.values())


def _head(status: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode("utf-8", "replace") + body


def _errors(said: str, data: object = None) -> bytes:
    error = {"message": said[-150:], "path": [said], "extensions": {"code": said, said: said}}
    more = [{"message": said}, {"message": said[:170]}]
    body = json.dumps({"data": data, "errors": [error, *more]}).encode()
    return _head("200 OK", "Content-Type: application/json", body=body)


def _user_errors(said: str) -> bytes:
    refused = {"event": None, "errors": [{"label": said, "message": said, "value": said}]}
    body = json.dumps({"data": {"event": {"createBlended": refused, "create": refused}}})
    return _head("200 OK", "Content-Type: application/json", body=body.encode())


# What comes in place of an answer, made of all that the program must not repeat.
ANSWERS: Mapping[str, Callable[[str], bytes]] = {
    "fault": lambda said: _head("500 Fault", body=said.encode()),
    "words of the status": lambda said: _head(f"400 {said}", body=said.encode()),
    "status line": lambda said: f"HTTP/9.9 {said}\r\n\r\n".encode(),
    "no status line": lambda said: f"{said}\r\n\r\n".encode(),
    "refusal": lambda said: _head("403 No", f"Warning: {said}", body=json.dumps(said).encode()),
    "redirect": lambda said: _head(f"302 {said}", f"Location: http://elsewhere/?{said}"),
    "later": lambda said: _head("429 Later", f"Retry-After: {said}", f"Date: {said}"),
    "page": lambda said: _head(
        "200 OK", "Content-Type: text/html", body=f"<html><title>{said}</title>".encode()
    ),
    "no JSON": lambda said: _head("200 OK", body=said.encode()),
    "JSON": lambda said: _head("200 OK", body=json.dumps([said]).encode()),
    "other data": lambda said: _head("200 OK", body=json.dumps({"data": {said: said}}).encode()),
    "errors": _errors,
    "errors in a string": lambda said: _errors(json.dumps({"sent": said})),
    "errors beside data": lambda said: _errors(said, {said: {said: said}}),
    "user errors": _user_errors,
    "headers": lambda said: f"HTTP/1.1 500 Fault\r\n{said}\r\n: {said}\r\n\r\n{said}".encode(),
    "chunks": lambda said: (
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{said}\r\n{said}".encode()
    ),
    "encoding": lambda said: _head(
        "200 OK", "Content-Encoding: gzip", f"X-Sent: {said}", body=said.encode()
    ),
    "short": lambda said: b"HTTP/1.1 500 Fault\r\nContent-Length: 999999\r\n\r\n" + said.encode(),
}


# Of these nothing is tried again.
FINAL = {"words of the status", "refusal", "redirect", "page"}


@define
class Reflecting:
    """The gateway before a sandbox. ``answer`` comes in place of each answer to an operation that
    ``reflects``, and ``of_tokens`` in place of a token."""

    sandbox: RunningSandbox
    answer: str = "fault"
    reflects: Callable[[str], bool] = lambda _operation: True
    of_tokens: bool = False
    secrets: Sequence[str] = (KEY, SECRET, TOKEN)
    tokens_given: int = 0
    times: int = 0
    _server: socketserver.ThreadingTCPServer = field(init=False)

    def __enter__(self) -> Self:
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"]))
                self.wfile.write(gateway._answered(self.path, sent, self.headers["Authorization"]))
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def settings(self) -> dict[str, str]:
        url = f"http://127.0.0.1:{self._server.server_address[1]}"
        addresses = {f"ADMINISTRATE_{one}_URL": url for one in ("API", "AUTH", "INSTANCE")}
        return {**addresses, "ADMINISTRATE_API_KEY": KEY, "ADMINISTRATE_API_SECRET": SECRET}

    def _answered(self, path: str, sent: bytes, authorization: str | None) -> bytes:
        if path.endswith("token"):
            assert parse_qs(sent.decode())["client_secret"] == [SECRET]
            if self.of_tokens:
                return self._reflected()
            self.tokens_given += 1
            body = json.dumps({"access_token": TOKEN, "expires_in": 3600}).encode()
            return _head("200 OK", "Content-Type: application/json", body=body)
        assert authorization == f"Bearer {TOKEN}"
        if self.reflects(json.loads(sent)["query"]):
            return self._reflected()
        forwarded = self._posted(
            self.sandbox.graphql_url, sent, {"Authorization": f"Bearer {self._token()}"}
        )
        return _head("200 OK", "Content-Type: application/json", body=forwarded)

    def _reflected(self) -> bytes:
        self.times += 1
        return ANSWERS[self.answer](every_spelling(self.secrets))

    def _token(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.sandbox.api_key,
            "client_secret": self.sandbox.api_secret,
        }
        answer = self._posted(self.sandbox.token_url, urlencode(form).encode(), {})
        token: str = json.loads(answer)["access_token"]
        return token

    def _posted(self, url: str, sent: bytes, headers: Mapping[str, str]) -> bytes:
        form = "application/json" if headers else "application/x-www-form-urlencoded"
        request = Request(url, sent, {"Content-Type": form, **headers})  # noqa: S310 - ours
        with urlopen(request) as answer:  # noqa: S310 - ours
            found: bytes = answer.read()
            return found
