"""A real browser before the pages: Chromium, where it and playwright are installed."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from attrs import define, field

from tests.importer.pages.serving import PATIENCE, Served

WIDE, NARROW = (1280, 900), (390, 800)


@define
class Browsing:
    """A page of a browser; ``errors`` are what its console says, ``elsewhere`` the requests that
    would leave the machine."""

    base: str
    page: Any
    errors: list[str] = field(factory=list)
    elsewhere: list[str] = field(factory=list)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.base}{path}")

    def text(self) -> str:
        return str(self.page.inner_text("main"))

    def overflows(self) -> bool:
        """Whether the page itself has to be scrolled sideways."""
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        return bool(self.page.evaluate(wide))


def started_browser() -> Generator[Any]:
    """The browser; skips where there is none."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not here: no test in a real browser"
    )
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("chromium is not here: no test in a real browser")
    with playwright.sync_playwright() as running:
        # As root, Chromium starts without its sandbox alone.
        browser = running.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def browsing(
    browser: Any, pages: Served, size: tuple[int, int] = WIDE, *, scripts: bool = True
) -> Iterator[Browsing]:
    """The operator in a browser with a window of its own."""
    viewport = {"width": size[0], "height": size[1]}
    context = browser.new_context(viewport=viewport, java_script_enabled=scripts)
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    found = Browsing(pages.base, page)

    def heard(message: Any) -> None:
        if message.type == "error":
            found.errors.append(message.text)

    def asked(request: Any) -> None:
        if not request.url.startswith((pages.base, "data:", "blob:")):
            found.elsewhere.append(request.url)

    page.on("console", heard)
    page.on("pageerror", lambda problem: found.errors.append(str(problem)))
    page.on("request", asked)
    found.go(f"/enter?token={pages.site.access.token}")
    yield found
    context.close()
