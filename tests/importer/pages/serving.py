"""The pages served on loopback in this process, and a visitor who asks for them by HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import requests
import uvicorn
from attrs import define, frozen

from importer.pages.access import Access
from importer.pages.app import application
from importer.pages.site import Site
from ledger.database.connection import Database
from ledger.settings.environment import Environment
from sync.loopback_server import LOOPBACK, listening

_T = TypeVar("_T")
PATIENCE = 60.0
COOKIE = "admsync-tests"


@define
class Visit:
    """A browser without scripts: it keeps its cookies, and sends forms as the pages have them."""

    base: str
    site: Site
    session: requests.Session
    fixed_token: str | None = None

    def enter(self) -> Visit:
        """Gives the token."""
        self.session.get(f"{self.base}/enter", params={"token": self.site.access.token})
        return self

    def get(self, path: str, **more: Any) -> requests.Response:
        headers = {"accept": "text/html", **more.pop("headers", {})}
        return self.session.get(f"{self.base}{path}", headers=headers, timeout=PATIENCE, **more)

    def page(self, path: str) -> str:
        """The HTML of a page that is there."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def json(self, path: str) -> Any:
        """The JSON of a page that is there."""
        answer = self.get(path, headers={"accept": "application/json"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(
        self, path: str, fields: Mapping[str, Any], *, token: str | None = None, **more: Any
    ) -> requests.Response:
        """Sends a form, as the pages have it or with another ``token``."""
        given = self._token() if token is None else token
        return self.session.post(
            f"{self.base}{path}",
            data={**fields, "form_token": given},
            headers={"accept": "text/html", **more.pop("headers", {})},
            timeout=PATIENCE,
            **more,
        )

    def _token(self) -> str:
        if self.fixed_token is not None:
            return self.fixed_token
        return self.site.access.form_token(self.session.cookies.get(COOKIE) or "")


def until(look: Callable[[], _T], is_so: Callable[[_T], bool]) -> _T:
    """What is looked at, once it is so."""
    for _ in range(600):
        if is_so(found := look()):
            return found
        time.sleep(0.1)
    raise AssertionError(f"still {found}")


def ended(visit: Visit, answer: requests.Response) -> Any:
    """The page of the command that a form started, once it has ended."""
    assert answer.status_code == 200, answer.text
    address = answer.url.removeprefix(visit.base)
    return until(lambda: visit.json(address), lambda page: not page["running"])


@frozen
class Served:
    """Pages that are served; any number of visitors may come."""

    base: str
    site: Site

    @contextmanager
    def visited(self) -> Iterator[Visit]:
        """Somebody before them, who has not entered yet."""
        with requests.Session() as session:
            yield Visit(self.base, self.site, session)


@contextmanager
def served(
    database: Database, access: Access | None = None, given: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """The pages of a database; ``given`` is the environment of the server."""
    site = Site(database, Environment.of(given or {}), "tests", access or Access())
    listener = listening(LOOPBACK, 0)
    host = f"{LOOPBACK}:{listener.getsockname()[1]}"
    app = application(site, frozenset({host}), COOKIE)
    config = uvicorn.Config(
        app, ws="none", lifespan="off", log_config=None, access_log=False, proxy_headers=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield Served(f"http://{host}", site)
    finally:
        server.should_exit = True
        thread.join()
