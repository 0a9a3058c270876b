"""What is printed: text from outside made visible, whatever has become of the streams."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import AdmsyncError
from ledger.output import documents, lines
from ledger.output.streams import STDERR, STDOUT
from ledger.output.visible import told_apart, visible, visible_in_json, with_what_differs
from ledger.output.words import counted, counts_in_words, local_time
from ledger.runs.run import new_run
from ledger.store.ledger import Ledger
from tests.ledger.record_events import named, observed
from tests.program import ADMSYNC, environment
from tests.terminal import PATIENCE, at_terminal

UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text())
def test_no_character_that_acts_or_hides_is_left(text: str) -> None:
    seen = visible(text)
    assert not any(unicodedata.category(one) in UNSEEN for one in seen)
    assert visible(seen) == seen


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"])))
def test_what_is_seen_stays_but_for_letters_that_show_nothing(text: str) -> None:
    assert "\\u" in visible(text) or visible(text) == text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("two\nlines\r", r"two\nlines\r"),
        ("a\u202eb", r"a\u202eb"),
        ("a\u200bb\u2028c\ufeff", r"a\u200bb\u2028c\ufeff"),
        ("\udcff.xlsx", r"\udcff.xlsx"),
        ("\u3164\U000e0041", r"\u3164\U000e0041"),
        ("\u0301\u0302 '\u0301", r"\u0301\u0302 '\u0301"),
        ("Łódź\u00a0✓ 漢字 🏳\ufe0f e\u0301", "Łódź\u00a0✓ 漢字 🏳\ufe0f e\u0301"),
        ("Viê\u0323\u0301t 1\ufe0f\u20e3", "Viê\u0323\u0301t 1\ufe0f\u20e3"),
    ],
)
def test_an_escape_says_which_character_it_is(text: str, seen: str) -> None:
    assert visible(text) == seen


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("BPP\u00a0London", "BPP London", "U+00A0 / U+0020"),
        ("London", "L\u043endon", "U+006F / U+043E"),
        ("London ", "London", "U+0020 / nothing"),
        ("BPP  London", "BPP London", "U+0020 / nothing"),
        ("e\u0301t", "\u00e9t", "U+0065 U+0301 / U+00E9"),
        ("Lon\u200bdon", "London", "U+200B / nothing"),
        ("a b c d e", "a\u00a0b\u00a0c\u00a0d\u00a0e", ", ".join(["U+0020 / U+00A0"] * 3) + ", …"),
        ("a" + " " * 9 + "b", "a b", "U+0020 U+0020 U+0020… / nothing"),
        ("London", "London", ""),
        ("London", "Londen", ""),
        ("London", "LONDON", ""),
    ],
)
def test_names_that_look_equal_are_told_apart(one: str, other: str, apart: str) -> None:
    assert told_apart(one, other) == apart
    assert with_what_differs("w", one, other) == (f"w (these differ: {apart})" if apart else "w")


@given(st.text(), st.text())
def test_any_two_texts_are_compared(one: str, other: str) -> None:
    assert visible(told_apart(one, other)).isprintable()
    assert not told_apart(one, one)


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_a_json_document_is_the_same_with_its_escapes(value: object) -> None:
    document = visible_in_json(json.dumps(value, ensure_ascii=False, indent=2))
    assert json.loads(document) == value
    assert not any(unicodedata.category(one) in UNSEEN for one in document.replace("\n", ""))


@pytest.fixture
def streams() -> Iterator[None]:
    yield
    for stream in (STDOUT, STDERR):
        stream.lost, stream.owed = None, False


HOSTILE = "a\x1b[2J\nb\u202ec\u200bd"


@pytest.mark.usefixtures("streams")
def test_every_form_of_an_answer_shows_it(capsys: pytest.CaptureFixture[str]) -> None:
    lines.answer(HOSTILE)
    lines.report(HOSTILE)
    documents.print_table((HOSTILE, "x"), [(1, {HOSTILE: [HOSTILE]}), (HOSTILE, None)])
    documents.print_entry(HOSTILE, [HOSTILE])
    printed = capsys.readouterr().out
    assert printed.count(r"a\x1b[2J\nb\u202ec\u200bd") == 8
    assert len(printed.splitlines()) == 6
    documents.print_json({HOSTILE: HOSTILE, "id": UUID(int=7)})
    documents.print_json_list([HOSTILE])
    documents.print_json(["\udcff"])
    printed += capsys.readouterr().out
    assert not set(printed) & {"\x1b", "\u202e", "\u200b"}
    assert "\\udcff" in printed


def test_counts_of_nothing_are_left_out() -> None:
    counts = {"errors": 0, "updated": 2, "created": 0, "edited": 1}
    assert counts_in_words(counts) == "2 updated, 1 edit seen"
    assert counts_in_words(counts, zeros=True) == "0 created, 2 updated, 0 errors, 1 edit seen"
    assert counts_in_words({"created": 0}) == "none"


@pytest.mark.parametrize(("number", "told"), [(0, "0 runs"), (1, "1 run"), (2, "2 runs")])
def test_a_count_has_its_noun(number: int, told: str) -> None:
    assert counted(number, "run") == told


ANSWERS = [
    ("runs",),
    ("runs", "--json"),
    ("show", "last"),
    ("show", "last", "--json"),
    ("history", "V1"),
    ("verify",),
    ("verify", "--json"),
    ("replay", "--at", "2"),
    ("discrepancies",),
    ("--help",),
    ("show", "--help"),
    ("--version",),
]


def redirected(how: str, *arguments: str, url: str) -> subprocess.CompletedProcess[bytes]:
    """The program with its streams redirected as a shell does it."""
    return subprocess.run(
        ["sh", "-c", f'exec "$0" "$@" {how}', ADMSYNC, *arguments],
        env=environment(url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    with new_run(ledger, "sync venues") as run:
        run.append(observed("adm.venues", "V1", 1, name=HOSTILE))
    return ledger


@pytest.mark.parametrize("arguments", ANSWERS, ids=" ".join)
@pytest.mark.parametrize(
    ("how", "why"),
    [(">/dev/full", b"No space left on device"), (">&-", b"stdout is closed")],
    ids=["full", "closed"],
)
def test_an_answer_that_is_lost_is_an_error_in_one_line(
    told: Ledger, database_url: str, arguments: tuple[str, ...], how: str, why: bytes
) -> None:
    assert told
    done = redirected(how, *arguments, url=database_url)
    assert done.returncode == 1
    assert done.stderr == b"admsync: the output cannot be written: " + why + b"\n"


@pytest.mark.parametrize("how", ["2>&-", "2>/dev/full", "<&-", "<&- 2>&-"])
def test_what_is_beside_the_answer_may_be_lost(told: Ledger, database_url: str, how: str) -> None:
    assert told
    for arguments, code in ((("runs",), 0), (("show", "nothing"), 2), (("erase", "V1"), 2)):
        done = redirected(how, *arguments, url=database_url)
        assert done.returncode == code
        assert done.stderr == b"" or "2>" not in how


def test_without_any_stream_the_exit_code_tells(told: Ledger, database_url: str) -> None:
    assert told
    assert redirected("<&- >&- 2>&-", "runs", url=database_url).returncode == 1
    assert redirected("<&- >&- 2>&-", "migrate", url=database_url).returncode == 0
    assert redirected("<&- >&- 2>&-", "nothing", url=database_url).returncode == 2


ERASE = ("erase", "adm.instructors/C1", "--reason", "asked to")


@pytest.fixture
def asking_url(ledger: Ledger, database_url: str) -> str:
    """A database on which ``ERASE`` asks before it does anything."""
    with new_run(ledger, "sync instructors") as run:
        run.append(observed("adm.instructors", "C1", 1, **named("Zebedee", "Quillfeather")))
    return database_url


@pytest.mark.parametrize("elsewhere", ["stdout", "stderr", ""])
def test_a_question_is_asked_where_a_person_sees_it(asking_url: str, elsewhere: str) -> None:
    with at_terminal(*ERASE, url=asking_url, elsewhere=elsewhere) as terminal:
        terminal.answers("[y/N]: ", "n")
        assert terminal.ends()[0] == 1


def test_a_question_that_nobody_would_see_is_not_asked(asking_url: str) -> None:
    screen, keyboard = pty.openpty()
    done = subprocess.run(
        [ADMSYNC, *ERASE],
        env=environment(asking_url),
        stdin=keyboard,
        capture_output=True,
        check=False,
    )
    os.close(screen)
    os.close(keyboard)
    assert done.returncode == 2
    assert b"there is nobody to ask here" in done.stderr


def test_an_answer_of_any_bytes_is_an_answer(asking_url: str) -> None:
    with at_terminal(*ERASE, url=asking_url) as terminal:
        terminal.shows("[y/N]: ")
        os.write(terminal.screen, b"\xff\x9b\n")
        terminal.shows("Please type y or n.")
        terminal.answers("[y/N]: ", "n")
        assert terminal.ends()[0] == 1
    assert "nothing was done" in terminal.seen


def test_the_end_of_what_is_typed_ends_the_command(asking_url: str) -> None:
    with at_terminal(*ERASE, url=asking_url) as terminal:
        terminal.shows("[y/N]: ")
        os.write(terminal.screen, b"\x04")
        assert terminal.ends()[0] == 130
    assert "unexpected" not in terminal.seen


def test_a_terminal_that_is_gone_ends_the_command(asking_url: str) -> None:
    screen, keyboard = pty.openpty()
    with subprocess.Popen(
        [ADMSYNC, *ERASE],
        env=environment(asking_url),
        stdin=keyboard,
        stdout=keyboard,
        stderr=keyboard,
    ) as process:
        os.close(keyboard)
        seen = b""
        while b"[y/N]: " not in seen:
            seen += os.read(screen, 1024)
        os.close(screen)
        assert process.wait(PATIENCE) != 0


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-16"])
def test_an_encoding_that_lacks_a_letter_shows_its_escape(
    told: Ledger, database_url: str, encoding: str
) -> None:
    with new_run(told, "sync venues") as run:
        run.append(observed("adm.venues", "V2", 2, name="Łódź"))
    done = subprocess.run(
        [ADMSYNC, "verify"],
        env=environment(database_url, {"PYTHONIOENCODING": encoding}),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    marks = {"ascii": "+ ", "latin-1": "+ ", "cp1252": "+ ", "utf-16": "✓ "}
    assert done.stdout.decode(encoding).startswith(f"{marks[encoding]}The chain is whole")
    done = subprocess.run(
        [ADMSYNC, "history", "V2"],
        env=environment(database_url, {"PYTHONIOENCODING": encoding}),
        capture_output=True,
        check=False,
    )
    shown = {"ascii": r"\u0141\xf3d\u017a", "latin-1": r"\u0141ód\u017a"}
    assert shown.get(encoding, "") in done.stdout.decode(encoding)


def test_no_character_of_a_reason_or_a_file_name_acts_on_the_terminal(
    told: Ledger, database_url: str, tmp_path: Path
) -> None:
    with suppress(AdmsyncError), new_run(told, f"sync {HOSTILE}", {HOSTILE: HOSTILE}):
        raise AdmsyncError(f"the server says {HOSTILE}")
    out, missing = str(tmp_path / f"{HOSTILE}.zip"), str(tmp_path / f"{HOSTILE}.xlsx")
    commands = {
        ("runs",): 0,
        ("show", "last"): 0,
        ("show", HOSTILE): 2,
        ("history", HOSTILE): 0,
        ("history", f"not {HOSTILE}"): 2,
        ("history", "--cell", missing, "A1"): 2,
        ("replay", "--at", "4"): 0,
        ("export", "last", "--audit", out): 0,
        ("verify", out): 0,
        ("verify", missing): 2,
        ("doctor",): 1,
        ("rollback", "last", "--dry-run"): 0,
        (HOSTILE,): 2,
    }
    hostile = set(HOSTILE) - set("abcd[2J\n")
    for command, code in commands.items():
        settings = {"ADMINISTRATE_API_URL": HOSTILE}
        with at_terminal(
            *command, url=database_url, settings=settings, elsewhere="", columns=60
        ) as terminal:
            assert terminal.ends()[0] == code, terminal.seen
        assert not hostile & set(terminal.seen), command


def test_a_time_at_the_end_of_the_calendar_is_told_as_it_is() -> None:
    for moment in (
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(-timedelta(hours=14))),
    ):
        assert local_time(moment) == moment.isoformat(" ")
