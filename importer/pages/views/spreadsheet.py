"""Discrepancies decided in a spreadsheet: written, sent back, looked at, recorded."""

from __future__ import annotations

import tempfile
from hashlib import sha256
from pathlib import Path

from importer.decisions.decision_plan import DecisionPlan
from importer.decisions.reading import read_decisions
from importer.decisions.record_decisions import gather_open, plan_decisions, record_decisions
from importer.decisions.writing import write_open
from importer.pages.access import Role
from importer.pages.addresses import run_address
from importer.pages.kept.workbooks import keep, read_kept
from importer.pages.page import Action, Asked, Download, GoTo, Page, View
from ledger.errors import UsageRefused
from ledger.files import NewFile


def export(asked: Asked) -> Download:
    """A workbook of what is open, to decide in."""
    pairs, products = gather_open(asked.ledger)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "open.xlsx"
        write_open(NewFile(path), pairs, products)
        return Download("discrepancies.xlsx", path.read_bytes())


def send_back(asked: Asked) -> GoTo:
    """Keeps a workbook of decisions, and shows its plan."""
    digest = keep(asked.site, asked.uploads.get("workbook"), read_decisions)
    return GoTo(f"/discrepancies/spreadsheet/{digest}")


def plan(asked: Asked) -> Page:
    """What the decisions of a workbook would record now, and which are refused, by cell."""
    digest = asked.path["digest"]
    file = read_kept(asked.site.environ, digest)
    _, found = plan_decisions(asked.ledger, file)
    content = {
        "digest": digest,
        "file": file.name,
        "plan": _digest(found),
        "counts": found.counts,
        "decisions": [
            {"cell": one.cell, "decision": one.decision, "about": one.about, "reason": one.reason}
            for one in found.decisions
        ],
        "refused": [str(one) for one in found.refused],
    }
    return Page("spreadsheet", f"Decisions of {file.name}", content)


def record(asked: Asked) -> GoTo:
    """Records the decisions, all or none, if the plan still is the one shown."""
    file = read_kept(asked.site.environ, asked.path["digest"])
    typed, found = plan_decisions(asked.ledger, file)
    if _digest(found) != asked.typed("plan"):
        raise UsageRefused("what is open has changed since the plan was shown; look at it again")
    if not found.decisions:
        raise UsageRefused("there is nothing to record; decide in the workbook first")
    return GoTo(run_address(record_decisions(asked.ledger, file, typed, found).run_id))


def _digest(plan: DecisionPlan) -> str:
    """Equal for plans that are shown alike."""
    lines = map(str, (*plan.decisions, *plan.refused))
    return sha256("\n".join(lines).encode(errors="surrogatepass")).hexdigest()


VIEWS = (
    View("/discrepancies/open.xlsx", export),
    View("/discrepancies/spreadsheet/{digest}", plan),
)
ACTIONS = (
    Action("/discrepancies/spreadsheet", send_back, Role.DECIDER),
    Action("/discrepancies/spreadsheet/{digest}", record, Role.DECIDER),
)
