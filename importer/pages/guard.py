"""Stands before every page: who may ask, from where, how much; and the headers of every answer."""

from __future__ import annotations

from attrs import frozen
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from importer.pages.access import Access, Visitor
from importer.pages.addresses import STATIC, entrance

LARGEST_FORM = 1 << 20  # bytes: a thousand ticked events, and a reason
LARGEST_FILE = 33 << 20  # a workbook of the largest size that is read, and its form
UPLOADS = "/import"
ENTER = "/enter"
_OWN_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    # The address of a page names records; "no-referrer" would hide a form's origin, too.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@frozen
class Guard:
    """Lets a request through to the pages, with its visitor, or answers in their place.

    ``hosts`` are the names by which the server is called: another site that has its own name lead
    here would else read the answers.
    """

    pages: ASGIApp
    access: Access
    hosts: frozenset[str]
    cookie: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        visitor = self._visitor(scope, headers)
        answer: Response | None = self._refusal(scope, headers)
        if answer is None and visitor is None and not scope["path"].startswith((ENTER, STATIC)):
            answer = _turned_away(scope, headers)
        if answer is not None:
            await answer(scope, receive, _with_own_headers(send))
            return
        scope["state"] = {"visitor": visitor}
        most = LARGEST_FILE if scope["path"] == UPLOADS else LARGEST_FORM
        await self.pages(scope, _bounded(receive, most), _with_own_headers(send))

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        if headers.get("host", "").lower() not in self.hosts:
            return _said(421, "These pages are not served under that name.")
        if scope["method"] in ("GET", "HEAD"):
            return None
        if scope["method"] != "POST":
            return _said(405, "Only GET and POST are served.")
        if not _is_of_this_site(headers):
            return _said(403, "The form was not sent by a page of this server.")
        if int(headers.get("content-length") or 0) > LARGEST_FILE:
            return _said(413, f"More than {LARGEST_FILE >> 20} MB are not taken.")
        return None

    def _visitor(self, scope: Scope, headers: Headers) -> Visitor | None:
        proxy = self.access.proxy
        if proxy is not None and (user := headers.get(proxy.header, "").strip()):
            peer = scope["client"][0] if scope.get("client") else ""
            return self.access.of_proxy(peer, user)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.access.with_token(token.strip())
        cookies = cookie_parser(headers.get("cookie", ""))
        return self.access.with_cookie(cookies.get(self.cookie, ""))


def _is_of_this_site(headers: Headers) -> bool:
    """Whether a browser sent a form from a page of this server, or no browser sent it."""
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2] != headers["host"]:
        return False
    return headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def _turned_away(scope: Scope, headers: Headers) -> Response:
    """A browser is asked for the token, anything else is told."""
    if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
        query = scope["query_string"].decode("latin-1")
        return RedirectResponse(entrance(scope["path"], query), 303)
    return _said(401, "Give the token that admsync serve printed: Authorization: Bearer TOKEN")


def _said(status: int, words: str) -> Response:
    return PlainTextResponse(f"{words}\n", status)


def _bounded(receive: Receive, most: int) -> Receive:
    """The request's body, as far as it is no larger."""
    taken = 0

    async def receive_bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(413, f"More than {most >> 20} MB are not taken.")
        return message

    return receive_bounded


def _with_own_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            headers.update(_OWN_HEADERS)
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return send_with_headers
