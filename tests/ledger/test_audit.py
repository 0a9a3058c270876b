"""An audit pack: one run in a file, written whole or not at all, that proves itself."""

from __future__ import annotations

import json
import subprocess
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.audit import form
from ledger.audit.check import NoPack, check
from ledger.audit.pack import export
from ledger.events import EventPlanned
from ledger.files import NewFile
from ledger.runs.run import new_run
from ledger.store.append import head
from ledger.store.entries import StoredEvent
from ledger.store.ledger import Ledger
from tests.ledger.record_events import named, observed
from tests.program import ADMSYNC, admsync, environment


@pytest.fixture
def planned(ledger: Ledger) -> Ledger:
    """A ledger with one run in it, which planned an event and told of a venue and a person."""
    with new_run(ledger, "import-events") as run:
        run.append(
            observed("adm.venues", "V1", 1, name="Waterloo"),
            observed("adm.instructors", "C1", 1, **named("Zebedee", "Quillfeather")),
            EventPlanned(tutorial_id=7, plan={"row": 3, "title": "CB1 SAMPLE"}, keys={}, people=()),
        )
    return ledger


THERE = " is there already; name another file, or add --force"


@pytest.fixture
def pack(planned: Ledger, tmp_path: Path) -> Path:
    """The pack of that run."""
    path = tmp_path / "pack.zip"
    with planned.database.transaction() as connection:
        run_id = connection.exec_driver_sql("SELECT run_id FROM ledger.runs").scalar_one()
    export(planned.database, run_id, NewFile(path))
    return path


def test_what_is_exported_is_whole(pack: Path) -> None:
    checked = check(pack)
    assert (checked.findings, checked.proven) == ((), True)
    assert [path.name for path in pack.parent.iterdir()] == ["pack.zip"]


def test_a_file_that_is_there_is_left_alone_and_named(
    planned: Ledger, database_url: str, tmp_path: Path
) -> None:
    assert planned
    mine, neighbour = tmp_path / "mine.zip", tmp_path / "other.zip.part"
    for path in (mine, neighbour):
        path.write_text("keep")
    refused = admsync("export", "last", "--audit", str(mine), url=database_url)
    assert refused.returncode == 1
    assert refused.stderr == f"admsync: {mine}{THERE}\n"
    beside = admsync("export", "last", "--audit", str(tmp_path / "other.zip"), url=database_url)
    assert (beside.returncode, beside.stderr) == (0, "")
    assert mine.read_text() == neighbour.read_text() == "keep"
    assert len(list(tmp_path.iterdir())) == 3


def test_of_two_exports_to_one_file_at_once_one_is_there_whole(
    planned: Ledger, database_url: str, tmp_path: Path
) -> None:
    assert planned
    path = tmp_path / "pack.zip"
    both = [
        subprocess.Popen(
            [ADMSYNC, "export", "last", "--audit", str(path)],
            env=environment(database_url),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = sorted(process.communicate()[1] for process in both)
    assert sorted(process.returncode for process in both) == [0, 1]
    assert said == ["", f"admsync: {path}{THERE}\n"]
    assert check(path).ok
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_planned_is_in_the_pack_and_a_forged_plan_is_found(pack: Path) -> None:
    assert contents(pack)[form.PLAN].endswith(b'"title":"CB1 SAMPLE"},"tutorial_id":7}\n')
    plan = contents(pack)[form.PLAN]
    for forged in (plan.replace(b"SAMPLE", b"FORGED"), b"", plan + plan):
        remade(pack, {form.PLAN: forged})
        assert check(pack).findings == ("plan.jsonl does not hold what the events planned",)
        assert not check(pack).proven


def test_a_part_that_is_none_or_is_there_twice_is_found(pack: Path) -> None:
    with zipfile.ZipFile(pack, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of the name that is there twice
        archive.writestr("letter.html", "Read me first")
        archive.writestr(form.PAGE, contents(pack)[form.PAGE])
    assert check(pack).findings == (
        "letter.html is no part of an audit pack",
        "page.html is in it twice",
    )


# What a byte, or a value, of a pack may be turned into.
damage = st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 255)), min_size=1)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)


@settings(max_examples=200)
@given(damage=damage)
def test_a_damaged_pack_is_no_pack_or_what_is_wrong_is_found(
    pack: Path, damage: list[tuple[int, int]]
) -> None:
    damaged = bytearray(pack.read_bytes())
    for at, byte in damage:
        damaged[at % len(damaged)] = byte
    is_judged(pack.with_name("damaged.zip"), bytes(damaged))


@settings(max_examples=200)
@given(
    name=st.sampled_from([form.MANIFEST, form.EVENTS, form.APPENDS, form.HASHES]),
    value=values,
    data=st.data(),
)
def test_a_pack_may_hold_anything(
    pack: Path, name: str, value: object, data: st.DataObject
) -> None:
    content = contents(pack)[name]
    parts = content.splitlines() if name.endswith(".jsonl") else [content]
    documents = [json.loads(part) for part in parts]
    document = data.draw(st.sampled_from(documents))
    document[data.draw(st.sampled_from(sorted(document)))] = value
    if name == form.EVENTS and data.draw(st.booleans()):
        # As a forger would; where it still is an event.
        with suppress(Exception):
            event = form.row_of(orjson.dumps(document), StoredEvent)
            document["hash"] = event.computed_hash().hex()
    forged = pack.with_name("forged.zip")
    forged.write_bytes(pack.read_bytes())
    written = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    with suppress(TypeError):  # an integer beyond those of JSON
        if name == form.MANIFEST:
            remade(forged, {name: orjson.dumps(document, option=written)})
        else:
            remade(forged, {name: b"".join(orjson.dumps(one) + b"\n" for one in documents)})
    is_judged(forged, forged.read_bytes())


def is_judged(path: Path, content: bytes) -> None:
    """Checking what is in the file gives findings, or says that it is no pack."""
    path.write_bytes(content)
    with suppress(NoPack):
        check(path)


def contents(pack: Path) -> dict[str, bytes]:
    """What the parts of a pack hold."""
    with zipfile.ZipFile(pack) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def remade(pack: Path, changes: dict[str, bytes]) -> None:
    """Writes the pack anew, with other contents of some of its parts."""
    parts = contents(pack) | changes
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_of_a_link_noted_after_the_export_it_says_to_export_again(
    planned: Ledger, pack: Path, tmp_path: Path
) -> None:
    with planned.database.transaction() as connection:
        run_id = connection.exec_driver_sql("SELECT run_id FROM ledger.runs").scalar_one()
    with new_run(planned, "sync venues"):
        pass
    with planned.database.driver_transaction() as connection:
        later = head(connection)[1].hex()
    [finding] = check(pack, anchor=later).findings
    assert finding.endswith("after the export; for a later one, export the run again")
    anew = tmp_path / "anew.zip"
    export(planned.database, run_id, NewFile(anew))
    assert check(anew, anchor=later).ok


@pytest.mark.parametrize("name", ["gone.zip", ""])
def test_a_pack_that_is_not_there_is_no_pack_with_a_difference(pack: Path, name: str) -> None:
    refused = admsync("verify", name, cwd=pack.parent)
    assert (refused.returncode, "Errno" in refused.stderr) == (2, False)
    assert f"'{name}' does not exist" in refused.stderr
