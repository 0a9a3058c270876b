"""Whatever workbook is drawn, exactly its valid events end in both systems, however often it is
imported."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from ledger.replay.compare import replay
from ledger.schema import acted, adm
from sync.sandbox.process import RunningSandbox
from tests.databases import Databases, opened
from tests.importer.company import Company
from tests.importer.workbooks import Made, workbooks, write_grid

# What the maker of workbooks calls its records, and what the company has in their place.
_OURS = {
    "CB1_LO_6": "CB1_f2f_3",
    "London": "London",
    "BPP Waterloo": "Blackfriars House",
    "Clara Haversham": "Callum Jessop",
    "John Smith": "Delphine Kirkbride",
    "Mary Grant Holloway": "Niamh Grant Ingleby",
    "Pat Quill": "Ruth Calder",
}


def ours(value: object) -> object:
    """A cell of the maker's in the company's terms."""
    if isinstance(value, str):
        for theirs, own in _OURS.items():
            value = value.replace(theirs, own)
    return value


@settings(
    max_examples=4,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(workbooks())
def test_exactly_the_valid_events_are_made(
    databases: Databases, linked: str, administrate: RunningSandbox, made: Made
) -> None:
    administrate.control.reset()
    with (
        tempfile.TemporaryDirectory() as folder,
        databases.fresh(linked) as url,
        opened(url) as database,
    ):
        company = Company(database, administrate)
        grid = [[ours(value) for value in row] for row in made.grid]
        path = write_grid(Path(folder, "made.xlsx"), grid)  # type: ignore[arg-type]  # as typed before
        imported = company.imported(path, workers=2)
        again = company.imported(path)
        valid = sorted(event.title for event in made.accepted)
        assert sorted(one.in_progress.plan.title for one in imported.outcomes) == valid
        assert again.outcomes == []
        assert sorted(title for (title,) in company.rows(adm.EVENTS, "title")) == valid
        sessions = sum(len(event.sessions) for event in made.accepted)
        assert len(company.rows(adm.SESSIONS)) == sessions
        remote = [one["title"] for one in administrate.control.dump("Event")]
        assert sorted(title for title in remote if title.startswith("E-")) == valid
        codes = [code for (code,) in company.rows(acted.EVENTS, "code")]
        assert len(codes) == len(set(codes))
        assert replay(database).ok
