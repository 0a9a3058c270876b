"""The examples of the Python API in the READMEs of sync and importer do what they say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from importer.dual_write.event import State
from ledger.schema import acted
from sync.sandbox.process import RunningSandbox
from tests.databases import opened
from tests.importer.company import Company, a_workbook, five_events

ROOT = Path(__file__).parents[2]


def run_example(package: str, names: dict[str, Any]) -> None:
    """Runs the Python example of a package's README with these names, and adds its own."""
    readme = ROOT / package / "README.md"
    [example] = re.findall(r"^```python\n(.*?)^```$", readme.read_text(), re.MULTILINE | re.DOTALL)
    exec(compile(example, str(readme), "exec"), names)  # noqa: S102 - our own README


def test_it_asks_why_lists_plans_and_imports(
    company_url: str, administrate: RunningSandbox, tmp_path: Path
) -> None:
    with opened(company_url) as database:
        before = len(Company(database, administrate).rows(acted.EVENTS))
    path = a_workbook(tmp_path, *five_events())
    environ = {**administrate.settings, "DATABASE_URL": company_url}
    names: dict[str, Any] = {"path": path, "environ": environ}
    run_example("sync", names)
    run_example("importer", names)
    names["ledger"].database.close()
    assert names["link"].other.startswith("adm.venues/")
    assert names["reasons"][0]
    assert "venues" in names["discrepancies"]
    assert [one.state for one in names["running"].outcomes] == [State.DONE] * 5
    with opened(company_url) as database:
        assert len(Company(database, administrate).rows(acted.EVENTS)) == before + 5
