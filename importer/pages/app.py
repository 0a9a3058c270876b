"""The ASGI application: requests to what pages are asked, and what they answer to responses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import TypeAlias
from urllib.parse import parse_qs, quote

import anyio
import anyio.to_thread
import structlog
from attrs import evolve, frozen
from starlette.applications import Starlette
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from importer.pages.access import Role, Visitor
from importer.pages.addresses import JSON, STATIC, is_local
from importer.pages.guard import ENTER, Guard
from importer.pages.menu import ACTIONS, MENU, VIEWS
from importer.pages.page import Action, Asked, Download, Page, Picture, Upload, View
from importer.pages.rendering import as_html, static_files
from importer.pages.site import Site
from importer.workbook.problems import WorkbookError
from ledger.errors import AdmsyncError, DatabaseUnavailable, UsageRefused
from ledger.output.documents import json_document
from ledger.store.ledger import Ledger

FIRST = "/today"
FORM_TOKEN = "form_token"  # noqa: S105 - the name of a field
LIVE = "/live"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LOOK = 1.0  # seconds between two looks at what runs
_AT_ONCE = 8  # pages worked out at a time: each may take a connection of the database's
_MOST_FIELDS = 5_000  # of a form: the ticked events of a sitting

_Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


def application(site: Site, hosts: frozenset[str], cookie: str) -> ASGIApp:
    """The pages of a site, called by these hosts' names; ``cookie`` names the session."""
    answering = _Answering(site, cookie, anyio.CapacityLimiter(_AT_ONCE))
    app = Starlette(
        routes=[
            Route("/", _to_first),
            Route(STATIC + "{name}", _static),
            Route(ENTER, answering.enter, methods=["GET", "POST"]),
            *_views(answering),
            *(Route(one.path, partial(answering.act, one), methods=["POST"]) for one in ACTIONS),
        ],
        exception_handlers={HTTPException: answering.refused},
    )
    app.router.redirect_slashes = False
    return Guard(app, site.access, hosts, cookie)


def _views(answering: _Answering) -> list[Route]:
    """Each page, and its JSON at the same address with an ending."""
    found = []
    for one in VIEWS:
        if one.part:
            found.append(Route(one.path + LIVE, partial(answering.follow, one)))
        found.append(Route(one.path + JSON, partial(answering.show, one, as_json=True)))
        found.append(Route(one.path, partial(answering.show, one)))
    return found


async def _to_first(_request: Request) -> Response:
    return RedirectResponse(FIRST, 303)


async def _static(request: Request) -> Response:
    file = static_files().get(request.path_params["name"])
    if file is None:
        raise HTTPException(404)
    content, kind = file
    # Its address changes with its content.
    kept = {"cache-control": "private, max-age=604800, immutable"}
    return Response(content, media_type=kind, headers=kept)


@frozen
class _Answering:
    """Answers requests on threads of their own, so many at a time."""

    site: Site
    cookie: str
    limiter: anyio.CapacityLimiter

    async def show(self, view: View, request: Request, *, as_json: bool = False) -> Response:
        """A page, or its JSON."""
        asked = self._asked(request)
        as_json = as_json or _wants_json(request)
        return await self._in_thread(partial(self._shown, view, asked, request, as_json=as_json))

    def _shown(self, view: View, asked: Asked, request: Request, *, as_json: bool) -> Response:
        try:
            page = view.show(asked)
            if isinstance(page, Download):
                return _attached(page)
            if isinstance(page, Picture):
                drawn = as_html(page.template, page.content)
                return Response(drawn, media_type="image/svg+xml")
            return self._response(page, request, as_json=as_json)
        except Exception as problem:  # noqa: BLE001 - whatever it was, the person gets one line
            return self._response(_problem(problem, 404), request, as_json=as_json)

    async def follow(self, view: View, request: Request) -> Response:
        """What changes of a page, whenever it does, until nothing runs any more: server-sent
        events."""
        asked = self._asked(request)
        work = partial(self._part, view, asked, request)
        return StreamingResponse(self._parts(work), media_type="text/event-stream")

    async def _parts(self, work: Callable[[], tuple[str, bool]]) -> AsyncIterator[str]:
        before, running = "", True
        while running:
            html, running = await anyio.to_thread.run_sync(work, limiter=self.limiter)
            if html != before:
                yield _server_sent("progress", html)
            before = html
            await anyio.sleep(_LOOK)
        yield _server_sent("ended", "")

    def _part(self, view: View, asked: Asked, request: Request) -> tuple[str, bool]:
        try:
            page = view.show(asked)
        except Exception as problem:  # noqa: BLE001 - whatever it was, the person gets one line
            return as_html("problem_part", _problem(problem, 404).content), False
        assert isinstance(page, Page)  # noqa: S101 - a download has no parts
        frame = self._frame(page, request)
        return as_html(view.part, {**page.content, "frame": frame}), bool(page.content["running"])

    async def act(self, action: Action, request: Request) -> Response:
        """What a form asks for, if its sender may; then the page that shows it."""
        visitor: Visitor = request.state.visitor
        if visitor.role < action.role:
            raise HTTPException(403, f"This takes the role of {action.role.name.lower()}.")
        async with request.form(max_files=1, max_fields=_MOST_FIELDS) as form:
            # Somebody who names the token with the request needs no proof of where it comes from.
            if visitor.session and not self.site.access.is_form_token(
                str(form.get(FORM_TOKEN, "")), visitor.session
            ):
                raise HTTPException(403, "The form is of another session: load its page again.")
            asked = evolve(self._asked(request), form=_fields(form), uploads=await _uploads(form))
        return await self._in_thread(partial(self._acted, action, asked, request))

    def _acted(self, action: Action, asked: Asked, request: Request) -> Response:
        try:
            if why := self.site.why_only_read():
                raise UsageRefused(f"nothing can be changed here: {why}")
            going = action.act(asked)
        except Exception as problem:  # noqa: BLE001 - whatever it was, the person gets one line
            page = _problem(problem, 409)
            return self._response(page, request, as_json=_wants_json(request))
        return RedirectResponse(going.address, 303)

    async def enter(self, request: Request) -> Response:
        """Takes the token, and gives a session for it."""
        async with request.form() as form:
            token = str(form.get("token") or request.query_params.get("token", ""))
            onwards = str(form.get("next") or request.query_params.get("next", ""))
        onwards = onwards if is_local(onwards) else FIRST
        if not token:
            return self._response(_entrance(onwards, said="", status=200), request)
        if not self.site.access.is_token(token):
            said = "That is not the token that this server printed when it started."
            return self._response(_entrance(onwards, said=said, status=403), request)
        response = RedirectResponse(onwards, 303)
        session = self.site.access.new_session()
        response.set_cookie(self.cookie, session, path="/", httponly=True, samesite="strict")
        return response

    async def refused(self, request: Request, problem: Exception) -> Response:
        """What is not there, or not allowed."""
        assert isinstance(problem, HTTPException)  # noqa: S101 - it is registered for these
        said = "There is no such page." if problem.status_code == 404 else problem.detail
        page = Page("problem", "Not done", {"error": said}, problem.status_code)
        answer = partial(self._response, page, request, as_json=_wants_json(request))
        return await self._in_thread(answer)

    def _asked(self, request: Request) -> Asked:
        visitor: Visitor = request.state.visitor
        _require_text([*request.path_params.values(), *request.query_params.values()])
        return Asked(
            site=self.site,
            ledger=Ledger(self.site.database, visitor.name or self.site.actor),
            role=visitor.role,
            path=request.path_params,
            query=parse_qs(request.url.query, max_num_fields=_MOST_FIELDS),
        )

    def _response(self, page: Page, request: Request, *, as_json: bool = False) -> Response:
        if as_json:
            return Response(json_document(page.content), page.status, media_type="application/json")
        html = as_html(page.template, {**page.content, "frame": self._frame(page, request)})
        return HTMLResponse(html, page.status)

    def _frame(self, page: Page, request: Request) -> Mapping[str, object]:
        """What stands around every page."""
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        why = self.site.why_only_read() if visitor else ""
        if visitor and why:
            visitor = evolve(visitor, role=Role.READER)
        return {
            "only_read": why,
            "title": page.title,
            "menu": MENU,
            "here": request.url.path,
            "json_address": _json_twin(request),
            "live_address": quote(request.url.path) + LIVE,
            "visitor": visitor,
            "actor": (visitor.name if visitor else None) or self.site.actor,
            "form_token": self.site.access.form_token(visitor.session) if visitor else "",
        }

    async def _in_thread(self, work: Callable[[], Response]) -> Response:
        return await anyio.to_thread.run_sync(work, limiter=self.limiter)


def _wants_json(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "text/html" not in accepted


def _attached(file: Download) -> Response:
    named = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    return Response(file.content, media_type=_XLSX, headers={"content-disposition": named})


def _json_twin(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{quote(request.url.path)}{JSON}{query}"


def _problem(problem: Exception, refused: int) -> Page:
    """The page in place of one; ``refused`` is the status where what was asked for is wrong."""
    said, status = str(problem), 500
    if isinstance(problem, DatabaseUnavailable):
        status = 503
    elif isinstance(problem, UsageRefused | WorkbookError):
        status = refused
    elif not isinstance(problem, AdmsyncError):
        structlog.get_logger().error("page failed", exc_info=problem)
        said = f"unexpected {type(problem).__name__}; the log of admsync serve shows where"
    return Page("problem", "Not done", {"error": said}, status)


def _server_sent(event: str, html: str) -> str:
    lines = "".join(f"data: {line}\n" for line in html.splitlines() or [""])
    return f"event: {event}\n{lines}\n"


def _require_text(given: Iterable[str]) -> None:
    """No value that is stored or looked for holds a NUL, and the database takes none."""
    if any("\0" in one for one in given):
        raise HTTPException(400, "A NUL is in what was sent.")


def _entrance(onwards: str, *, said: str, status: int) -> Page:
    return Page("enter", "Enter", {"onwards": onwards, "error": said}, status)


def _fields(form: FormData) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            _require_text([value])
            found.setdefault(name, []).append(value)
    return found


async def _uploads(form: FormData) -> Mapping[str, Upload]:
    return {
        name: Upload(value.filename or "", await value.read())
        for name, value in form.multi_items()
        if isinstance(value, UploadFile)
    }
