"""Heads of the chain noted outside the database find a ledger that was shortened or made anew."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.database.connection import Database, driver
from ledger.errors import UsageRefused
from ledger.migrations.protection import changed_protection
from ledger.runs import anchoring
from ledger.runs.anchoring import named_place
from ledger.runs.run import new_run
from ledger.settings.environment import ANCHORS
from ledger.store.ledger import Ledger
from ledger.verify.anchors import UNPROVEN, Anchors, why_none
from ledger.verify.verify import Verified, verify_chain
from tests.ledger.record_events import append_events, named, observed
from tests.program import admsync
from tests.receiver import receiving
from tests.terminal import at_terminal

# A trigger that no statement without a row fires.
ROW_BY_ROW = """
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE ON ledger.personal
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.personal ENABLE ALWAYS TRIGGER append_only
"""


@pytest.fixture
def noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that heads are noted in."""
    path = tmp_path / "anchors"
    monkeypatch.setenv(ANCHORS.name, str(path))
    return path


def a_run(ledger: Ledger) -> None:
    with new_run(ledger, "sync"):
        pass


def verified(ledger: Ledger, path: Path) -> Verified:
    return verify_chain(ledger.database, anchors=Anchors(path))


def forge(ledger: Ledger, *changes: str) -> None:
    """Changes the ledger as its owner can, past the triggers."""
    with ledger.database.transaction() as connection:
        for table in ("events", "appends"):
            connection.exec_driver_sql(f"ALTER TABLE ledger.{table} DISABLE TRIGGER append_only")
        for change in changes:
            connection.exec_driver_sql(change)


def test_the_end_of_each_run_notes_the_head(ledger: Ledger, noted: Path) -> None:
    a_run(ledger)
    with pytest.raises(ZeroDivisionError), new_run(ledger, "sync"):
        raise ZeroDivisionError
    lines = [json.loads(line) for line in noted.read_text().splitlines()]
    assert [sorted(line) for line in lines] == [["link", "position", "time"]] * 2
    assert lines[-1]["link"] == verified(ledger, noted).link
    anchors = Anchors(noted)
    assert verify_chain(ledger.database, anchors=anchors).ok
    assert anchors.checked == 2


def test_a_person_at_a_terminal_is_shown_the_head(ledger: Ledger, database_url: str) -> None:
    append_events(ledger, observed("adm.instructors", "C1", 1, **named("Ann", "Other")))
    with at_terminal("erase", "C1", "--reason", "asked", "--yes", url=database_url) as terminal:
        terminal.shows("The ledger's head is position 4, with the link ")
        code, _ = terminal.ends()
    assert code == 0
    assert verify_chain(ledger.database).link in terminal.seen


def test_a_ledger_cut_off_at_its_end_is_found(ledger: Ledger, noted: Path) -> None:
    a_run(ledger)
    a_run(ledger)
    forge(
        ledger,
        "DELETE FROM ledger.events WHERE position > 2",
        "DELETE FROM ledger.appends WHERE first_position > 2",
    )
    assert verify_chain(ledger.database).ok
    [finding] = verified(ledger, noted).findings
    assert finding.what.endswith(
        "notes position 4; the ledger ends at 2: the events after it are gone"
    )


def test_an_emptied_ledger_is_found(ledger: Ledger, noted: Path) -> None:
    a_run(ledger)
    forge(ledger, "DELETE FROM ledger.events", "DELETE FROM ledger.appends")
    [finding] = verified(ledger, noted).findings
    assert finding.what.endswith("the ledger is empty: what was in it is gone")


def test_a_ledger_made_anew_is_found(ledger: Ledger, noted: Path) -> None:
    a_run(ledger)
    forge(ledger, "DELETE FROM ledger.events", "DELETE FROM ledger.appends")
    a_run(ledger)
    [finding] = verified(ledger, noted).findings
    assert finding.what.endswith("this ledger has another one there")


def test_a_log_will_do_and_other_lines_are_passed_over(ledger: Ledger, noted: Path) -> None:
    a_run(ledger)
    log = noted.with_name("log")
    [line] = noted.read_text().splitlines()
    entry = {"event": "run completed", "level": "info", **json.loads(line)}
    others = ['{"position": 1}', "[]", "null", "\x00", '{"position": 1, "link": "ab"}', "x" * 2**21]
    others += ['{"position": true, "link": "' + "ab" * 32 + '"}']
    log.write_text("\n".join([*others, json.dumps(entry)]))
    anchors = Anchors(log)
    assert verify_chain(ledger.database, anchors=anchors).ok
    assert anchors.checked == 1


def test_a_file_without_any_head_proves_nothing(ledger: Ledger, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    [finding] = verified(ledger, empty).findings
    assert finding.what == f"{empty} has no line with a head of the chain"
    with pytest.raises(UsageRefused, match="gone cannot be read: No such file"):
        verified(ledger, tmp_path / "gone")


def test_what_cannot_be_noted_stops_no_run(
    ledger: Ledger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        places = [
            str(tmp_path),
            str(tmp_path / "no" / "folder"),
            str(tmp_path / "pipe"),
            "/dev/full",
            f"http://127.0.0.1:{port}/",
            "http://[",
            "http://127.0.0.1:x/",
            "http:///",
            "ftp://somebody:gooseberry@elsewhere/anchors",
            "http://u:goose/berry@127.0.0.1/",
            "http://127.0.0.1/goose berry",
        ]
        for place in places:
            monkeypatch.setenv(ANCHORS.name, place)
            a_run(ledger)
            said = " ".join(capsys.readouterr().err.split())
            assert said.count("was not noted where ADMSYNC_ANCHORS says") == 1, place
            assert f"says, {named_place(place)}: " in said
            assert "have it take a line, or name another place" in said
            assert "goose" not in said


@pytest.fixture
def server() -> Iterator[tuple[str, list[bytes]]]:
    """A server's address, and what was posted to it; it refuses what is posted to /full."""
    posted: list[bytes] = []

    def take(path: str, body: bytes) -> int:
        posted.append(body)
        return 507 if path == "/full" else 204

    with receiving(take) as address:
        yield address, posted


def test_a_head_is_posted_to_a_url(
    ledger: Ledger,
    server: tuple[str, list[bytes]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    address, posted = server
    monkeypatch.setenv(ANCHORS.name, f"{address}/anchors?of=us")
    a_run(ledger)
    [line] = posted
    assert json.loads(line)["link"] == verify_chain(ledger.database).link
    assert "was not noted" not in capsys.readouterr().err
    monkeypatch.setenv(ANCHORS.name, f"{address}/full")
    a_run(ledger)
    assert "the server answered 507" in " ".join(capsys.readouterr().err.split())


def test_a_server_that_never_answers_keeps_no_run_waiting(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(anchoring, "_LONGEST", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv(ANCHORS.name, f"http://127.0.0.1:{silent.getsockname()[1]}/")
        a_run(ledger)
    assert "no answer within" in " ".join(capsys.readouterr().err.split())


def test_a_database_that_is_lost_once_the_run_is_done_is_only_a_warning(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = Database({**ledger.database.parameters, "port": 1})
    assert anchoring.noted_head(lost) == {}
    assert "the chain's head was not read" in capsys.readouterr().err


def test_verify_says_what_no_anchor_leaves_unproven(
    ledger: Ledger, database_url: str, noted: Path
) -> None:
    a_run(ledger)
    unproven = f"{UNPROVEN[0].upper()}{UNPROVEN[1:]}"
    printed = admsync("verify", url=database_url).stdout
    assert unproven in printed
    assert "set ADMSYNC_ANCHORS, or give --anchor LINK" in printed
    with_file = admsync("verify", "--anchors", str(noted), url=database_url)
    assert with_file.returncode == 0
    assert f"✓ It has 1 head that {noted} notes" in with_file.stdout
    assert unproven not in with_file.stdout
    settings = {ANCHORS.name: str(noted)}
    by_itself = admsync("verify", url=database_url, settings=settings)
    assert by_itself.stdout == with_file.stdout
    noted.write_text(noted.read_text().replace('"position":2', '"position":7'))
    found = admsync("verify", url=database_url, settings=settings)
    assert found.returncode == 1
    assert "the ledger ends at 2: the events after it are gone" in found.stdout


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "ALTER TABLE ledger.events DISABLE TRIGGER append_only",
            "ledger.events has its trigger append_only switched off",
        ),
        (
            "ALTER TABLE ledger.blobs ENABLE TRIGGER append_only",
            "ledger.blobs has its trigger append_only switched off",
        ),
        (
            "DROP TRIGGER append_only ON ledger.appends",
            "ledger.appends lacks its trigger append_only",
        ),
        (
            ROW_BY_ROW,
            "ledger.personal has another trigger append_only than migrated",
        ),
        (
            "CREATE RULE mine AS ON UPDATE TO ledger.events DO INSTEAD NOTHING",
            "ledger.events has a trigger or rule of somebody else: mine",
        ),
        (
            "ALTER FUNCTION ledger.append SET search_path = public, pg_catalog",
            "ledger.append has another search path than migrated",
        ),
        (
            "ALTER FUNCTION ledger.refuse_change RESET search_path",
            "ledger.refuse_change has another search path than migrated",
        ),
        (
            "ALTER FUNCTION ledger.append SECURITY INVOKER",
            "ledger.append is not run with its owner's rights",
        ),
    ],
)
def test_what_keeps_the_ledger_append_only_is_compared_with_what_was_migrated(
    ledger: Ledger, change: str, said: str
) -> None:
    with ledger.database.transaction() as connection:
        assert changed_protection(driver(connection)) == []
        connection.exec_driver_sql(change)
        assert changed_protection(driver(connection)) == [said]


def test_an_append_function_of_another_owner_is_told(ledger: Ledger) -> None:
    with ledger.database.transaction() as connection:
        connection.exec_driver_sql("CREATE ROLE somebody_else")
        connection.exec_driver_sql("GRANT ALL ON SCHEMA ledger TO somebody_else")
        connection.exec_driver_sql("ALTER FUNCTION ledger.append OWNER TO somebody_else")
        [said] = changed_protection(driver(connection))
        assert said.startswith("ledger.append belongs to somebody_else, the ledger's tables to ")
        connection.rollback()


def test_a_line_that_was_cut_short_takes_no_other_with_it(ledger: Ledger, noted: Path) -> None:
    a_run(ledger)
    whole = noted.read_bytes()
    for kept in (1, 20, len(whole) - 2):
        noted.write_bytes(whole + whole[:kept])
        a_run(ledger)
        anchors = Anchors(noted)
        assert verify_chain(ledger.database, anchors=anchors).ok
        assert (anchors.checked, anchors.torn) == (2, [2])
        assert anchors.torn_in_words().startswith(f"line 2 of {noted}: not written to the end")


def test_a_file_that_may_only_grow_takes_a_line_of_its_own(
    ledger: Ledger, noted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that cannot be read back; the superuser, who may read it, is refused here, too."""
    noted.write_bytes(b"{")
    noted.chmod(0o200)
    if os.access(noted, os.R_OK):
        monkeypatch.setattr(anchoring, "_ends_with_a_line", lambda _path: False)
    a_run(ledger)
    noted.chmod(0o600)
    assert noted.read_bytes().startswith(b'{\n{"position"')


def test_a_line_of_any_length_is_one_line(ledger: Ledger, noted: Path) -> None:
    a_run(ledger)
    head = noted.read_bytes()
    for length in (2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20):
        # The end of such a line is no line, though it reads as a head.
        noted.write_bytes(b"{" * length + head.replace(b":2,", b":9,") + head)
        anchors = Anchors(noted)
        assert verify_chain(ledger.database, anchors=anchors).ok, length
        assert anchors.checked == 1
    noted.write_bytes(b"x" * 2**21 + b"\n" + head.replace(b":2,", b":9,"))
    [finding] = verified(ledger, noted).findings
    assert finding.what.startswith(f"line 2 of {noted} notes position 9")


def test_verify_tells_a_torn_line_beside_what_it_proves(
    ledger: Ledger, database_url: str, noted: Path
) -> None:
    a_run(ledger)
    noted.write_bytes(noted.read_bytes() + b'{"position":4,"li')
    done = admsync("verify", url=database_url, settings={ANCHORS.name: str(noted)})
    assert done.returncode == 0
    assert f"✓ It has 1 head that {noted} notes" in done.stdout
    assert f"⚠ Line 2 of {noted}: not written to the end" in done.stdout
    done = admsync("verify", "--json", url=database_url, settings={ANCHORS.name: str(noted)})
    assert json.loads(done.stdout)["torn_anchors"] == [2]


def test_anchors_that_cannot_be_compared_are_told_with_the_reason(
    ledger: Ledger, database_url: str, tmp_path: Path
) -> None:
    a_run(ledger)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    places = {
        str(tmp_path / "gone"): f"names {tmp_path}/gone, which is not there",
        str(tmp_path / "no" / "folder"): f"names {tmp_path}/no/folder, which is not there",
        str(tmp_path / "file" / "in it"): "which cannot be read: Not a directory",
        str(tmp_path / ("long" * 99)): "which cannot be read: File name too long",
        str(tmp_path): f"names {tmp_path}, which is no file that could be read back",
        str(tmp_path / "pipe"): "which is no file that could be read back",
        "/dev/null": "which is no file that could be read back",
        "HTTPS://u:gooseberry@h.example/x?token=gooseberry": "names https://h.example, and what was"
        " posted there cannot be read back: get its lines into a file",
        "http://[": "names http://…, and what was posted there cannot be read back",
        "http://u:goose/berry@h.example": "names http://…, and what was posted there",
        "ftp://h.example/x": "names ftp://h.example, which is neither a file nor an http(s) URL",
    }
    for place, said in places.items():
        done = admsync("verify", url=database_url, settings={ANCHORS.name: place})
        assert (done.returncode, done.stderr) == (0, ""), place
        assert said in done.stdout
        assert "set ADMSYNC_ANCHORS" not in done.stdout
        assert "gooseberry" not in done.stdout
    for place, said in places.items():
        assert said in why_none({ANCHORS.name: place})
    doctor = admsync("doctor", url=database_url, settings={ANCHORS.name: str(tmp_path / "gone")})
    assert f"names {tmp_path}/gone, which is not there" in doctor.stdout
