"""``python -m tests.pictures FOLDER`` takes the README's pictures of the audit pages.

Of the fictional company, with Chromium and playwright, which have to be installed.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from sync.sandbox.process import start_sandbox
from tests.databases import Databases, embedded_server, migrated_template, opened, server_directory
from tests.importer.company import Company, a_workbook, an_own_event, five_events, link
from tests.importer.pages.browsing import Browsing, browsing, started_browser
from tests.importer.pages.serving import served
from tests.program import environment

PAGES = {
    "today": "/today",
    "discrepancies": "/discrepancies?entity=venues&outcome=suggested",
    "record": "/records/acted.tutorial_events/3",
    "events": "/events",
}


def main(folder: Path) -> None:
    """Takes each picture, and writes it to the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        here = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        databases = Databases(stack.enter_context(embedded_server(server_directory())))
        template = stack.enter_context(migrated_template(databases))
        url = stack.enter_context(databases.fresh(template))
        database = stack.enter_context(opened(url))
        sandbox = stack.enter_context(start_sandbox(here / "administrate"))
        link(database, sandbox)
        Company(database, sandbox).imported(a_workbook(here, *five_events(), name="spring.xlsx"))
        given = environment(url, {**sandbox.settings, "ADMSYNC_DATA_DIR": str(here)})
        pages = stack.enter_context(served(database, given=given))
        browser = next(running := started_browser())
        with browsing(browser, pages) as seen:
            _take(seen, folder, here)
        running.close()


def _take(seen: Browsing, folder: Path, here: Path) -> None:
    for name, path in PAGES.items():
        seen.go(path)
        seen.page.wait_for_load_state("networkidle")
        seen.page.screenshot(path=folder / f"{name}.png")
    wrong = an_own_event("F", code="CB1_f2f_3", location="London", venue="Blackfrairs House")
    file = a_workbook(here, wrong, an_own_event("G", instructor="Callum Jesop"), *five_events())
    seen.go("/import")
    seen.page.set_input_files("#workbook", str(file))
    seen.page.click("text=Look at its plan")
    seen.page.screenshot(path=folder / "import.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
