"""A forged audit pack is told, whatever in it was changed, left out, added or exchanged."""

from __future__ import annotations

import hashlib
import struct
import subprocess
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import define, evolve

from ledger.audit import form
from ledger.audit.check import NoPack, check
from ledger.audit.pack import export
from ledger.audit.page import page
from ledger.events import EntitySynced, WorkbookRead
from ledger.files import NewFile
from ledger.runs.run import new_run
from ledger.store.entries import StoredEvent
from ledger.store.ledger import Ledger
from tests.ledger.record_events import changed, observed
from tests.ledger.test_audit import contents, remade
from tests.program import ADMSYNC, admsync, environment

NOT_TOLD = "page.html does not tell what the events say; --page FILE writes one that does"
DIGEST = "ab" * 32


@pytest.fixture
def pack(ledger: Ledger, tmp_path: Path) -> Path:
    """The pack of a run of four appends, amid which another run appended one."""
    with new_run(ledger, "sync") as run:
        run.append(
            observed("adm.venues", "V1", 1, name="Waterloo"),
            observed("adm.venues", "V2", 2, name="Old Street"),
        )
        with new_run(ledger, "mend"):
            pass
        run.append(changed("adm.venues", "V1", 1, name=("Waterloo", "Thames")))
        run.append(WorkbookRead(digest=DIGEST, name="a.xlsx", sheet="Import", rows=1))
    path = tmp_path / "pack.zip"
    export(ledger.database, run.run_id, NewFile(path))
    assert check(path).ok
    return path


@define
class Opened:
    """A pack's content, to change and to write again with a page that shows it."""

    manifest: form.Manifest
    events: list[StoredEvent]
    appends: list[form.Append]
    hashes: list[form.Hashes]
    others: list[StoredEvent]

    @classmethod
    def of(cls, pack: Path) -> Opened:
        parts = contents(pack)

        def lines(name: str) -> list[bytes]:
            return parts[name].splitlines()

        return cls(
            form.manifest_of(parts[form.MANIFEST]),
            [form.row_of(line, StoredEvent) for line in lines(form.EVENTS)],
            [form.row_of(line, form.Append) for line in lines(form.APPENDS)],
            [form.row_of(line, form.Hashes) for line in lines(form.HASHES)],
            [form.row_of(line, StoredEvent) for line in lines(form.OTHERS)],
        )

    def write(self, pack: Path) -> None:
        manifest = evolve(self.manifest, events=len(self.events))
        pages = page(manifest, lambda: self.events)
        remade(
            pack,
            {
                form.MANIFEST: form.document_of(manifest),
                form.EVENTS: b"".join(map(form.line_of, self.events)),
                form.APPENDS: b"".join(map(form.line_of, self.appends)),
                form.HASHES: b"".join(map(form.line_of, self.hashes)),
                form.OTHERS: b"".join(map(form.line_of, self.others)),
                form.PAGE: "".join(pages).encode(),
            },
        )

    def at(self, kind: str) -> int:
        """The place of the only event of a type."""
        [place] = [n for n, event in enumerate(self.events) if event.type == kind]
        return place


def rehashed(event: StoredEvent) -> StoredEvent:
    return evolve(event, hash=event.computed_hash())


def drop_an_append(opened: Opened) -> None:
    gone = opened.events.pop(opened.at("RecordChanged"))
    opened.hashes = [one for one in opened.hashes if one.first_position != gone.position]


def drop_an_append_and_call_it_another_runs(opened: Opened) -> None:
    opened.others.append(opened.events.pop(opened.at("RecordChanged")))


def drop_an_append_and_change_its_run(opened: Opened) -> None:
    gone = opened.events.pop(opened.at("RecordChanged"))
    opened.others.append(rehashed(evolve(gone, run_id=opened.others[0].run_id)))


def drop_an_event_of_an_append(opened: Opened) -> None:
    del opened.events[1]


def drop_the_beginning(opened: Opened) -> None:
    del opened.events[opened.at("RunStarted")]


def drop_all(opened: Opened) -> None:
    opened.events.clear()


def drop_the_others_proof(opened: Opened) -> None:
    opened.others.clear()


def add_an_event(opened: Opened) -> None:
    last = opened.events[-1]
    opened.events.append(rehashed(evolve(last, position=last.position + 1)))


def change_an_event(opened: Opened) -> None:
    place = opened.at("RecordChanged")
    event = opened.events[place]
    forged = evolve(event, payload=event.payload.replace("Thames", "Temple"))
    opened.events[place] = rehashed(forged)


def change_an_event_but_not_its_hash(opened: Opened) -> None:
    opened.events[1] = evolve(opened.events[1], actor="somebody else")


def exchange_two_events(opened: Opened) -> None:
    opened.events[1], opened.events[2] = opened.events[2], opened.events[1]


def repeat_an_event(opened: Opened) -> None:
    opened.events.insert(1, opened.events[1])


def add_hashes(opened: Opened) -> None:
    opened.hashes.append(form.Hashes(99, [bytes(32)]))


def drop_an_append_of_the_chain(opened: Opened) -> None:
    del opened.appends[-1]


def exchange_two_appends(opened: Opened) -> None:
    opened.appends[1], opened.appends[2] = opened.appends[2], opened.appends[1]


def name_another_workbook(opened: Opened) -> None:
    opened.manifest = evolve(opened.manifest, workbook="cd" * 32)


def name_another_head(opened: Opened) -> None:
    opened.manifest = evolve(opened.manifest, link="cd" * 32)


def name_another_run(opened: Opened) -> None:
    opened.manifest = evolve(opened.manifest, run_id=str(opened.others[0].run_id))


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        (drop_an_append, "nothing shows whose events are in it"),
        (drop_an_append_and_call_it_another_runs, "nothing shows that its events are another run"),
        (drop_an_append_and_change_its_run, "nothing shows that its events are another run's"),
        (drop_an_event_of_an_append, "an event of the run is missing"),
        (drop_the_beginning, "an event of the run's own history is missing"),
        (drop_all, "the run's own history is missing"),
        (drop_the_others_proof, "nothing shows that its events are another run's"),
        (add_an_event, "the event is in no append"),
        (change_an_event, "another event was appended there"),
        (change_an_event_but_not_its_hash, "is not what was hashed"),
        (exchange_two_events, "the events are out of order"),
        (repeat_an_event, "the events are out of order"),
        (add_hashes, "hashes.jsonl has a line that belongs to no append here"),
        (drop_an_append_of_the_chain, "the chain does not end in the head that the pack names"),
        (exchange_two_appends, "its link does not follow the one before"),
        (name_another_workbook, "the workbook that the manifest names is not the one"),
        (name_another_head, "the chain does not end in the head that the pack names"),
        (name_another_run, "the event is of another run"),
    ],
)
def test_what_is_forged_is_found_though_the_page_agrees(
    pack: Path, forge: Callable[[Opened], None], said: str
) -> None:
    opened = Opened.of(pack)
    forge(opened)
    opened.write(pack)
    checked = check(pack)
    assert said in "\n".join(checked.findings)
    assert NOT_TOLD not in checked.findings
    assert not checked.proven


@pytest.mark.parametrize("software", [None, "0.0.1"])
def test_a_changed_page_is_found_whatever_the_pack_says_of_its_maker(
    pack: Path, software: str | None
) -> None:
    shown = contents(pack)[form.PAGE]
    manifest = Opened.of(pack).manifest
    if software is not None:
        manifest = evolve(manifest, software=software)
    forged = {form.PAGE: shown.replace(b"Thames", b"Temple")}
    remade(pack, {form.MANIFEST: form.document_of(manifest), **forged})
    checked = check(pack)
    [finding] = checked.findings
    assert finding.startswith("page.html does not tell what the events say")
    assert checked.proven
    assert ("because admsync 0.0.1 made it" in finding) == (software is not None)


def test_the_page_of_a_pack_is_written_anew_of_its_events(pack: Path, tmp_path: Path) -> None:
    shown, written = contents(pack)[form.PAGE], tmp_path / "page.html"
    remade(pack, {form.PAGE: b"<p>All is well</p>"})
    done = admsync("verify", str(pack), "--page", str(written))
    assert (done.returncode, done.stdout) == (1, f"✗ {NOT_TOLD}\n")
    assert written.read_bytes() == shown
    opened = Opened.of(pack)
    change_an_event(opened)
    opened.write(pack)
    written.unlink()
    done = admsync("verify", str(pack), "--page", str(written))
    assert done.returncode == 1
    assert "No page was written: it would show what is not proven." in done.stdout
    assert not written.exists()


def test_the_page_begins_with_a_summary_and_names_records_as_of_then(pack: Path) -> None:
    shown = contents(pack)[form.PAGE].decode()
    summary, table = shown.split("<table>")
    for said in (
        "<dt>Run</dt><dd>Began sync, with admsync ",
        "<dt>End</dt><dd>Done: ",
        f"<dt>Workbook</dt><dd>a.xlsx, sheet Import, SHA-256 {DIGEST}</dd>",
        "<dt>Record observed</dt><dd>2 events</dd>",
    ):
        assert said in summary
    first, then = table.index("adm.venues/V1 (Waterloo)"), table.index("adm.venues/V1 (Thames)")
    assert first < then


def test_an_anchor_counts_only_from_the_runs_last_event_on(pack: Path) -> None:
    appends = Opened.of(pack).appends
    last = appends[-1].link.hex()
    assert check(pack, anchor=last).ok
    [early] = check(pack, anchor=appends[1].link.hex()).findings
    assert early.endswith(f"the run's events go on to {Opened.of(pack).manifest.position}")
    [foreign] = check(pack, anchor="cd" * 32).findings
    assert "of another chain" in foreign


def test_a_chain_made_up_whole_is_told_by_a_link_noted_elsewhere(pack: Path) -> None:
    noted = Opened.of(pack).manifest.link
    opened = Opened.of(pack)
    change_an_event(opened)
    forge_chain(opened)
    opened.write(pack)
    assert check(pack).ok
    assert not check(pack, anchor=noted).ok


def forge_chain(opened: Opened) -> None:
    """Computes hashes, roots and links anew, as only who makes up a whole chain can."""
    known = {event.position: event.hash for event in (*opened.events, *opened.others)}
    link = bytes.fromhex(opened.manifest.before)
    for n, (append, listed) in enumerate(zip(opened.appends, opened.hashes, strict=True)):
        positions = enumerate(listed.hashes, append.first_position)
        hashes = [known.get(position, old) for position, old in positions]
        opened.hashes[n] = evolve(listed, hashes=hashes)
        root = sha256(b"".join(hashes))
        link = sha256(link + root)
        opened.appends[n] = evolve(append, root=root, link=link)
    opened.manifest = evolve(opened.manifest, link=link.hex())


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def test_a_pack_of_the_first_format_is_checked_and_its_gaps_are_named(pack: Path) -> None:
    opened = Opened.of(pack)
    opened.manifest = evolve(opened.manifest, form=1)
    opened.hashes = [one for one in opened.hashes if one.first_position != 4]
    opened.write(pack)
    found = check(pack).findings
    assert found[0].startswith("its format, 1, proves neither that no event is left out")


def test_parts_of_two_packs_in_one_are_found(pack: Path, ledger: Ledger, tmp_path: Path) -> None:
    with new_run(ledger, "sync") as run:
        run.append(EntitySynced(entity="venues", counts={"linked": 1}))
    other = tmp_path / "other.zip"
    export(ledger.database, run.run_id, NewFile(other))
    own, foreign = contents(pack), contents(other)
    for name in form.PARTS:
        if own[name] != foreign[name]:
            remade(pack, own | {name: foreign[name]})
            assert not check(pack).ok


# What a ZIP file can be made to say beside its parts: each is refused.


def with_bytes_before(data: bytes) -> bytes:
    return b"<p>All is well</p>" + data


def with_bytes_behind(data: bytes) -> bytes:
    return data + b"\0"


def with_a_comment(data: bytes) -> bytes:
    return data[:-2] + struct.pack("<H", 4) + b"well"


def with_bytes_between(data: bytes) -> bytes:
    start = struct.unpack("<I", data[-6:-2])[0]
    end = data[-22:-6] + struct.pack("<I", start + 7) + data[-2:]
    return data[:start] + b"between" + data[start:-22] + end


def with_another_name_in_the_header(data: bytes) -> bytes:
    return data.replace(b"page.html", b"PAGE.html", 1)


def with_a_name_that_ends_early(data: bytes) -> bytes:
    return data.replace(b"plan.jsonl", b"plan.js\0nl")


@pytest.mark.parametrize(
    "disguise",
    [
        with_bytes_before,
        with_bytes_behind,
        with_a_comment,
        with_bytes_between,
        with_another_name_in_the_header,
        with_a_name_that_ends_early,
    ],
)
def test_a_file_that_others_may_read_otherwise_is_no_pack(
    pack: Path, disguise: Callable[[bytes], bytes]
) -> None:
    pack.write_bytes(disguise(pack.read_bytes()))
    with pytest.raises(NoPack):
        check(pack)


def test_content_behind_the_end_of_a_part_is_found(pack: Path) -> None:
    # The header says how long the genuine page is; what is packed goes on.
    shown = contents(pack)[form.PAGE]
    longer = {form.PAGE: shown + b"<p>All is well</p>"}
    remade(pack, longer)
    data = pack.read_bytes()
    for said, instead in (
        (zlib.crc32(longer[form.PAGE]), zlib.crc32(shown)),
        (len(longer[form.PAGE]), len(shown)),
    ):
        data = data.replace(struct.pack("<I", said), struct.pack("<I", instead))
    pack.write_bytes(data)
    with pytest.raises(NoPack, match=r"page\.html is damaged"):
        check(pack)


def a_long_line(pack: Path) -> None:
    remade(pack, {form.EVENTS: bytes(40 * 2**20)})


def a_large_manifest(pack: Path) -> None:
    remade(pack, {form.MANIFEST: b" " * (40 * 2**20)})


def deeply_nested(pack: Path) -> None:
    remade(pack, {form.HASHES: b"[" * (8 * 2**20) + b"\n"})


def many_lines(pack: Path) -> None:
    remade(pack, {form.APPENDS: contents(pack)[form.APPENDS] * 50_000})


def many_parts(pack: Path) -> None:
    with zipfile.ZipFile(pack, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number in range(20_000):
            archive.writestr(f"{number}.html", "")


def a_great_size(pack: Path) -> None:
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(form.PAGE, "")
    size = struct.pack("<II", zlib.crc32(b""), 2)
    data = pack.read_bytes()
    assert data.count(size) == 2
    pack.write_bytes(data.replace(size + bytes(4), size + struct.pack("<I", 2**32 - 2)))


@pytest.mark.parametrize(
    ("inflate", "said"),
    [
        (a_long_line, "a line of events.jsonl has more than 16 MB"),
        (a_large_manifest, "manifest.json has more than 16 MB"),
        (deeply_nested, "no audit pack of admsync: "),
        (many_lines, "its link does not follow the one before"),
        (many_parts, "it has far more parts than a pack"),
        (a_great_size, "unpacked it has more than the 2048 MB that are read"),
    ],
)
def test_a_pack_that_is_far_too_large_is_told_in_bounded_memory(
    pack: Path, inflate: Callable[[Path], None], said: str
) -> None:
    inflate(pack)
    # In KB of address space; the program needs some 150 MB without any pack.
    bounded = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -v 400000; exec "$@"', "sh", ADMSYNC, "verify", str(pack)],
        env=environment(),
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert bounded.returncode == 1
    assert said in bounded.stdout + bounded.stderr
    assert len(bounded.stdout + bounded.stderr) < 40_000
