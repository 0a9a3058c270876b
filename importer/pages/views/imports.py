"""A workbook dropped, looked at on its own cells, and imported as the plan that was shown."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from uuid_utils.compat import uuid7

from importer.output.empty_template import write_template
from importer.pages.access import Role
from importer.pages.addresses import with_query
from importer.pages.grid import grid_of, problems_alike
from importer.pages.kept.workbooks import (
    is_receipt,
    keep,
    path_of,
    plan_path,
    read_kept,
    receipt_path,
)
from importer.pages.page import Action, Asked, Download, GoTo, Page, View
from importer.pages.planned import PlannedImport
from importer.pages.views.runs import summary
from importer.pages.views.started import begin
from importer.planning.plan import counts_of
from importer.planning.prepare import WORKERS, ImportOptions, PreparedImport, prepare, workbook_of
from importer.planning.report import irreversible, plan_document, verdict
from importer.planning.to_keep import plan_to_keep
from importer.reference.read import read_local_reference
from importer.workbook.sheet import read_sheet
from ledger.errors import UsageRefused
from ledger.files import NewFile
from ledger.runs.kept_plan import keep_plan
from ledger.runs.kinds import IMPORT
from ledger.runs.states import find_run, states_in
from ledger.store.append import head
from sync.connection import opened_administrate

ROWS_A_PAGE = 50
_IMPORTS = 20
_OF_WORKBOOK = "r.command = %(command)s AND r.options ->> 'digest' = %(digest)s"


def imports(asked: Asked) -> Page:
    """The last imports, and where a workbook is dropped."""
    with asked.site.database.driver_transaction() as connection:
        found = states_in(
            connection, "r.command = %(command)s", {"command": IMPORT.name}, limit=_IMPORTS
        )
    content = {"imports": [{**summary(one), "digest": one.options.get("digest")} for one in found]}
    return Page("imports", "Import", content)


def drop(asked: Asked) -> GoTo:
    """Keeps a workbook, and shows its plan."""
    digest = keep(asked.site, asked.uploads.get("workbook"), read_sheet)
    asked.site.plans.forget(digest)
    return GoTo(f"/import/{digest}")


def plan(asked: Asked) -> Page:
    """A workbook's plan: the verdict, what is wrong, and a page of the grid."""
    digest, tab = asked.path["digest"], asked.given("tab")
    number = asked.number("page") or 1
    planned = asked.site.plans.of(digest, partial(_planned, asked, digest))
    grid, rows = planned.grid, planned.grid.of(tab)
    here = partial(with_query, f"/import/{digest}", tab=tab)
    with asked.site.database.driver_transaction() as connection:
        position, _ = head(connection)
        before = states_in(connection, _OF_WORKBOOK, {"command": IMPORT.name, "digest": digest})
    content = {
        "digest": digest,
        **planned.told,
        "planned_at": planned.planned_at,
        "outdated": position > planned.position,
        "runs": [summary(one) for one in before],
        "tab": tab,
        "tabs": {"": len(grid.rows), **grid.counts()},
        "columns": grid.columns,
        "headers": grid.headers,
        "title": grid.title,
        "rows": rows[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE],
        "page": number,
        "pages": max(1, -(-len(rows) // ROWS_A_PAGE)),
        "back": number > 1 and here(page=number - 1),
        "on": number * ROWS_A_PAGE < len(rows) and here(page=number + 1),
    }
    return Page("plan", planned.prepared.file.name, content)


def _planned(asked: Asked, digest: str) -> PlannedImport:
    """A plan of now. Nothing is written anywhere."""
    site = asked.site
    file = read_kept(site.environ, digest)
    with site.database.driver_transaction() as connection:
        position, _ = head(connection)
    with opened_administrate(site.database, site.environ) as client:
        prepared = prepare(asked.ledger, client, file, site.environ)
    plan = plan_to_keep(prepared)
    path = plan_path(site.environ, digest, plan.digest)
    with site.database.driver_transaction() as connection:
        keep_plan(NewFile(path, replaces=True), connection, plan)
    grid, now = grid_of(prepared), datetime.now(UTC)
    return PlannedImport(prepared, grid, _told(prepared, plan.digest), now, position)


def _told(prepared: PreparedImport, plan: str) -> dict[str, object]:
    """The verdict, what it costs and cannot be undone of it, and what is wrong."""
    stays = "; ".join(irreversible(prepared.plan))
    document = plan_document(prepared.plan, WORKERS)
    return {
        "file": prepared.file.name,
        "sheet": prepared.sheet.title,
        "plan": plan,
        "verdict": verdict(prepared.plan),
        "counts": counts_of(prepared.plan),
        "seconds": document["seconds"],
        "undo": f"Cannot be undone: {stays}." if stays else "",
        "problems": list(problems_alike(prepared)),
        "products_to_choose": document["products_to_choose"],
    }


def again(asked: Asked) -> GoTo:
    """Plans anew: something may have changed."""
    digest = asked.path["digest"]
    asked.site.plans.forget(digest)
    return GoTo(f"/import/{digest}")


def carry_out(asked: Asked) -> GoTo:
    """Imports the workbook in a process of its own, if the plan still is the one shown."""
    digest, environ = asked.path["digest"], asked.site.environ
    path, shown = path_of(environ, digest), plan_path(environ, digest, asked.typed("plan"))
    if not shown.is_file():
        raise UsageRefused("that plan is not kept here; look at the workbook again")
    receipt = receipt_path(asked.site.environ, digest, str(uuid7()))
    asked.site.plans.forget(digest)
    words = ("--no-prompt", "--plan", str(shown), "--report", str(receipt))
    return begin(asked, "import-events", str(path), *words)


def choose_product(asked: Asked) -> GoTo:
    """Says as what the events of a course template at a location are sold."""
    digest = asked.path["digest"]
    path_of(asked.site.environ, digest)
    asked.site.plans.forget(digest)
    about = [asked.typed(name) for name in ("course_template", "sitting", "location", "product")]
    return begin(asked, "choose-product", f"--reason={asked.typed('reason')}", "--", *about)


def update(asked: Asked) -> GoTo:
    """Carries out, or rehearses, what the rows of events imported before say otherwise by now."""
    path = path_of(asked.site.environ, asked.path["digest"])
    how = "--yes" if asked.typed("how") == "carry out" else "--dry-run"
    return begin(asked, "import-events", str(path), "--update", how)


def template(asked: Asked) -> Download:
    """An empty workbook to fill in."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        write_template(NewFile(path), read_local_reference(asked.site.database))
        return Download("sitting.xlsx", path.read_bytes())


def workbook(asked: Asked) -> Download:
    """The workbook of an import, as it was."""
    state = find_run(asked.site.database, asked.path["run"])
    if state.kind is not IMPORT:
        raise UsageRefused(f"run {state.run_id} is of {state.command}: it has no workbook")
    file = workbook_of(asked.site.database, ImportOptions.of(state.options))
    return Download(file.name, file.content)


def receipt(asked: Asked) -> Download:
    """The receipt of an import that was started from a page."""
    state = find_run(asked.site.database, asked.path["run"])
    path = Path(str(state.options.get("report") or ""))
    if not (is_receipt(asked.site.environ, path) and path.is_file()):
        raise UsageRefused(f"run {state.run_id} has no receipt here")
    return Download(f"receipt of {state.options.get('file')}", path.read_bytes())


VIEWS = (
    View("/import", imports),
    View("/import/template.xlsx", template),
    View("/import/{digest}", plan),
    View("/runs/{run}/workbook.xlsx", workbook),
    View("/runs/{run}/receipt.xlsx", receipt),
)
ACTIONS = (
    Action("/import", drop, Role.OPERATOR),
    Action("/import/{digest}/again", again, Role.OPERATOR),
    Action("/import/{digest}/carry-out", carry_out, Role.OPERATOR),
    Action("/import/{digest}/choose-product", choose_product, Role.OPERATOR),
    Action("/import/{digest}/update", update, Role.OPERATOR),
)
