"""The command line, as a person and a script meet it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import click
import pytest

from importer.program import COMMANDS, program
from ledger.database.connection import Database
from ledger.errors import AdmsyncError, StoppedResumably
from ledger.runs.run import new_run
from ledger.runs.states import find_run, run_states
from ledger.store.ledger import Ledger
from ledger.typed import as_typed, typed_text
from tests.ledger.record_events import (
    append_events,
    changed,
    linked,
    named,
    observed,
    tutorial_venue,
)
from tests.program import ADMSYNC, admsync, environment
from tests.terminal import at_terminal


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """A ledger that a run told of a venue, linked and renamed, and of a person."""
    tutorial = tutorial_venue(ledger.database, "BPP Waterloo")
    with new_run(ledger, "sync venues", {"page_size": 100}) as run:
        run.append(
            observed("adm.venues", "V1", 1, name="Waterloo"),
            changed("adm.venues", "V1", 1, name=("Waterloo", "BPP Waterloo")),
            linked("adm.venues", "V1", 1, tutorial),
            observed("adm.instructors", "C1", 1, **named("Zebedee", "Quillfeather")),
        )
        run.counts["venues created"] = 1
    return ledger


def document(*arguments: str, url: str, code: int = 0) -> Any:
    """The one JSON document that is all the command prints."""
    done = admsync(*arguments, "--json", url=url)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_help_lists_every_command_with_its_line() -> None:
    done = admsync("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for name, (_, line) in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(line)}$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_s_own_help_begins_with_that_line(name: str) -> None:
    done = admsync(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    usage, _, line = done.stdout.splitlines()[:3]
    assert usage.startswith(f"Usage: admsync {name} ")
    assert line.strip() == COMMANDS[name][1]


@pytest.mark.parametrize(
    "arguments", [("show",), ("history",), ("resume",), ("erase",), ("",), ("replay", "--at")]
)
def test_an_argument_without_measure_is_told_by_its_beginning(arguments: tuple[str, ...]) -> None:
    done = admsync(*arguments, "gooseberry " * 10_000)
    assert (done.returncode, done.stdout) == (2, "")
    [*_, line] = done.stderr.splitlines()
    assert "has 110,000 characters; more than 4,096 are not taken" in line
    assert len(done.stderr) < 300


def packages(*arguments: str, url: str | None = None) -> set[str]:
    """The packages that the program has imported by the end of a command."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", ADMSYNC, *arguments],
        env=environment(url),
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "importer.program" in imported
    return {module.partition(".")[0] for module in imported}


def test_help_imports_nothing_that_only_the_commands_need() -> None:
    heavy = {"attrs", "attr", "cattrs", "sqlalchemy", "alembic", "structlog", "psycopg", "rich"}
    assert packages("--help") & heavy == set()


# What writes, fetches, reads workbooks, or tells in a log.
_HEAVY = {"sqlalchemy", "alembic", "openpyxl", "requests", "urllib3", "graphql", "structlog"}


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["runs"], set()),
        (["runs", "--json"], set()),
        (["show", "last"], {"cattrs"}),
        (["history", "BPP Waterloo"], {"cattrs"}),
        (["history", "adm.venues/V1", "--at", "2", "--json"], {"cattrs"}),
        (["discrepancies"], {"rapidfuzz"}),
    ],
    ids=" ".join,
)
def test_a_command_that_only_reads_loads_what_it_needs_alone(
    told: Ledger, database_url: str, arguments: list[str], needed: set[str]
) -> None:
    tutorial_venue(told.database, "BPP Watterloo")
    loaded = packages(*arguments, url=database_url)
    assert "psycopg" in loaded
    assert loaded & (_HEAVY | {"rich", "cattrs", "rapidfuzz"}) <= needed


def test_the_version_is_the_package_s() -> None:
    assert re.fullmatch(r"admsync, version \d+\.\d+\.\d+\n", admsync("--version").stdout)


def test_the_older_tool_s_spelling_works(database_url: str) -> None:
    older = admsync("verify_schema_placement", url=database_url)
    assert older.returncode == 0
    assert older.stdout == admsync("verify-schema-placement", url=database_url).stdout


@pytest.mark.parametrize(
    ("typed", "meant"), [("verfy", "verify"), ("histroy", "history"), ("run", "runs")]
)
def test_a_slip_of_the_finger_is_answered_with_what_was_meant(typed: str, meant: str) -> None:
    done = admsync(typed)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"There is no command {typed!r}. Did you mean {meant}?\n")


def test_a_command_that_looks_like_another_is_told_with_what_differs() -> None:
    done = admsync("v\u0435rify")
    assert done.returncode == 2
    assert done.stderr.endswith("Did you mean verify? (these differ: U+0435 / U+0065)\n")


def test_a_command_like_none_there_is_gets_no_suggestion() -> None:
    done = admsync("xyzzy")
    assert done.returncode == 2
    assert done.stderr.endswith("There is no command 'xyzzy'.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["show"],
        ["runs", "--limit", "0"],
        ["runs", "--limit", "99999999999999999999"],
        ["runs", "surplus"],
        ["verify", "--anchors", "00"],
        ["verify", "--anchor", ""],
        ["verify", "--anchor", "zz" * 32],
        ["verify", "--anchor", "00" * 31],
        ["erase", "adm.instructors/C1"],
        ["replay", "--at", "1", "--apply"],
        ["replay", "--table", "adm.venues"],
        ["replay", "--forms", "no-such-file"],
        ["replay", "--forms", "pyproject.toml"],
        ["replay", "--at", "0", "--table", "adm.nothing"],
    ],
)
def test_wrong_usage_exits_2_before_any_database_is_asked(arguments: list[str]) -> None:
    done = admsync(*arguments, url="postgresql://nowhere.invalid/none")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: admsync ")


def texts(of: click.Command, *words: str) -> Iterator[tuple[tuple[str, ...], click.Parameter]]:
    """Each text that a command, or one below it, is given, with the command's words."""
    if isinstance(of, click.Group):
        for name in of.list_commands(click.Context(of)):
            below = of.get_command(click.Context(of), name)
            assert below is not None
            yield from texts(below, *words, name)
    for one in of.params:
        if one.type.name == "text":
            yield words, one


ALL_TEXTS = list(texts(program))


@pytest.mark.parametrize(
    ("words", "parameter"), ALL_TEXTS, ids=[f"{' '.join(w)} {p.name}" for w, p in ALL_TEXTS]
)
def test_no_name_and_no_reason_is_blank(words: tuple[str, ...], parameter: click.Parameter) -> None:
    context = click.Context(click.Command(words[-1]))
    for blank in ("", " ", "\t\n", "\u200b", " \u3164 ", "\u202e"):
        with pytest.raises(click.BadParameter, match="it is blank; say something"):
            parameter.type.convert(blank, parameter, context)
    assert parameter.type.convert(" one \n", parameter, context) == "one"


def test_there_are_texts_of_every_sort() -> None:
    found = {(words[-1], parameter.name) for words, parameter in ALL_TEXTS}
    assert {("rollback", "reason"), ("rollback", "run"), ("settle", "field")} <= found
    assert {("resume", "leave_out"), ("erase", "reason"), ("publish", "names")} <= found


def test_a_reason_is_kept_without_the_spaces_around_it(told: Ledger, database_url: str) -> None:
    done = admsync("rollback", "last", "--reason", "  it was wrong \n", "--yes", url=database_url)
    assert done.returncode == 0, done.stderr
    rolled_back = find_run(told.database, "last")
    assert rolled_back.options["reason"] == "it was wrong"
    for blank_reason in ("", " ", "\u200b"):
        refused = admsync("rollback", "last", "--reason", blank_reason, url=database_url)
        assert refused.returncode == 2
        [line] = [one for one in refused.stderr.splitlines() if "blank" in one]
        assert "--reason" in line


# As cron, or a container without locales, may start a program; Python mends neither then.
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_a_name_beyond_ascii_is_found_in_a_locale_without_it(
    ledger: Ledger, database_url: str
) -> None:
    append_events(ledger, observed("adm.venues", "V1", 1, name="Café Zoë"))
    found = admsync("history", "Café Zoë", url=database_url, settings=ASCII)
    assert (found.returncode, found.stderr) == (0, "")
    assert "adm.venues/V1 (Caf\\xe9 Zo\\xeb)" in found.stdout
    unknown = admsync("history", "Çafé", url=database_url, settings=ASCII)
    assert "\\xc7af\\xe9" in unknown.stderr


def test_a_reason_and_an_actor_beyond_ascii_are_kept_as_they_were_typed(
    ledger: Ledger, database_url: str
) -> None:
    with suppress(StoppedResumably), new_run(ledger, "sync venues"):
        raise StoppedResumably("the power")
    settings = {**ASCII, "ADMSYNC_ACTOR": "Zoë"}
    told = admsync("set-aside", "last", "--reason", "naïve", url=database_url, settings=settings)
    assert (told.returncode, told.stderr) == (0, "")
    states = run_states(ledger.database)
    assert [(one.reason, one.actor) for one in states[1:]] == [("naïve", "tests")]
    assert states[0].actor == "Zoë"


def test_what_is_typed_is_read_in_utf_8_where_the_locale_cannot() -> None:
    assert as_typed("Zoë".encode().decode("ascii", "surrogateescape")) == "Zoë"
    for text in ("Zoë", "plain", "\udcff", "\ud800"):
        assert as_typed(text) == text
    assert typed_text("Zoë".encode(), "ascii") == "Zoë"
    assert typed_text("Zoë".encode("latin-1"), "latin-1") == "Zoë"


def test_what_the_ledger_does_not_know_exits_2_with_one_line(database_url: str) -> None:
    for arguments in (
        ["replay", "--at", "999"],
        ["replay", "--at", "yesterday"],
        ["history", "Nowhere"],
        ["show", "last"],
        ["erase", "Nobody", "--reason", "asked to"],
    ):
        done = admsync(*arguments, url=database_url)
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(r"admsync: .+\n", done.stderr)


def test_runs_as_json(told: Ledger, database_url: str) -> None:
    assert told
    [run] = document("runs", url=database_url)
    assert run.keys() >= {"run_id", "command", "state", "started_at", "ended_at", "actor", "counts"}
    assert (run["command"], run["state"]) == ("sync venues", "done")
    assert (run["actor"], run["counts"]) == ("tests", {"venues created": 1})


def test_show_and_history_as_json(told: Ledger, database_url: str) -> None:
    assert told
    run = document("show", "last", url=database_url)
    venue = document("history", "BPP Waterloo", url=database_url)
    keys = {"position", "type", "recorded_at", "actor", "run_id", "subjects", "payload"}
    for event in (*run, *venue):
        assert event.keys() >= keys
    assert [event["position"] for event in run] == [1, 2, 3, 4, 5, 6]
    assert [event["type"] for event in venue] == ["RecordObserved", "RecordChanged", "MatchDecided"]
    assert document("history", "V1", "--at", "2", url=database_url) == venue[:1]


def test_verify_and_replay_as_json(told: Ledger, database_url: str) -> None:
    verified = document("verify", url=database_url)
    assert verified["ok"]
    assert verified["differences"] == []
    link = verified["chain"]["link"]
    assert document("verify", "--anchor", link.upper(), url=database_url)["ok"]
    forged = document("verify", "--anchor", "00" * 32, url=database_url, code=1)
    assert (forged["ok"], forged["differences"]) == (False, [])
    assert [finding["where"] for finding in forged["chain"]["findings"]] == ["anchor"]
    said = admsync("verify", "--anchor", "00" * 32, url=database_url).stdout.splitlines()
    assert said[0].startswith("✗ anchor: no append has the link 0000")
    assert said[1].startswith("✓ The chain is whole: ")
    assert said[-1].startswith("✓ The tables equal the ledger")

    rename(told.database, "Overwritten")
    expected = {
        "table": "adm.venues",
        "key": "1",
        "column": "name",
        "ledger": "BPP Waterloo",
        "stands": "Overwritten",
    }
    for command in ("verify", "replay"):
        found = document(command, url=database_url, code=1)
        assert (found["ok"], found["differences"]) == (False, [expected])
    mended = document("replay", "--apply", url=database_url)
    assert (mended["ok"], mended["mended"]) == (True, {"adm.venues": 1})
    assert document("replay", url=database_url)["ok"]


def test_the_state_at_a_position_as_json(told: Ledger, database_url: str) -> None:
    assert told
    shown = document("replay", "--at", "2", "--table", "adm.venues", url=database_url)
    assert shown["position"] == 2
    [row] = shown["tables"]["adm.venues"]
    assert (row["name"], row["tutorial_venue_id"]) == ("Waterloo", None)


def test_placements_and_erasures_as_json(told: Ledger, database_url: str) -> None:
    assert told
    placed = document("verify-schema-placement", url=database_url)
    assert placed["ok"]
    states = {table["table"]: table["state"] for table in placed["tables"]}
    assert (states["adm.venues"], states["public.auth_user"]) == ("in place", "in place")
    erased = document("erase", "C1", "--reason", "asked to", "--yes", url=database_url)
    assert erased["record"] == "adm.instructors/C1"
    assert (erased["ok"], erased["values"], erased["blobs"]) == (True, 2, 0)


ASKING = {
    ("erase", "C1", "--reason", "asked to"): "Delete 2 values and 0 stored answers of",
    ("rollback", "last", "--reason", "it was wrong"): "Roll back? [y/N]:",
}


@pytest.mark.parametrize(("arguments", "question"), ASKING.items(), ids=["erase", "rollback"])
def test_what_cannot_be_undone_is_done_only_where_somebody_agrees(
    told: Ledger, database_url: str, arguments: tuple[str, ...], question: str
) -> None:
    assert told
    unasked = admsync(*arguments, url=database_url)
    assert unasked.returncode == 2
    assert unasked.stderr.endswith("Error: there is nobody to ask here; --yes agrees to the plan\n")
    with at_terminal(*arguments, url=database_url) as terminal:
        terminal.shows(question)
        terminal.types("n")
        code, printed = terminal.ends()
    assert (code, question in printed) == (1, False)
    assert terminal.seen.endswith("admsync: nothing was done\n")
    assert len(document("runs", url=database_url)) == 1
    with at_terminal(*arguments, "--json", url=database_url) as terminal:
        terminal.shows(question)
        terminal.types("y")
        code, printed = terminal.ends()
    assert (code, json.loads(printed)["ok"]) == (0, True)
    assert printed.startswith("{")


def test_an_empty_ledger_is_an_answer_too(database_url: str) -> None:
    assert document("runs", url=database_url) == []
    assert admsync("runs", url=database_url).stdout == "Nothing has run yet.\n"
    assert document("verify", url=database_url)["ok"]


def test_people_read_what_happened(told: Ledger, database_url: str) -> None:
    [state] = document("runs", url=database_url)
    short = state["run_id"][-12:]
    headings, listed = admsync("runs", url=database_url).stdout.splitlines()
    assert headings.split()[:4] == ["Run", "State", "Command", "Started"]
    assert re.match(rf"{state['run_id']}  done   sync venues  20.{{17}}  .* s  tests ", listed)
    assert "1 venues created" in listed
    shown = admsync("show", short, url=database_url).stdout
    assert shown.startswith(f"Run {state['run_id']}\nsync venues, done\n")
    history = admsync("history", "waterloo", url=database_url).stdout
    assert history.startswith("adm.venues/V1 (BPP Waterloo)\n  linked with acted.tutorial_venues/")
    assert "name: Waterloo → BPP Waterloo" in history
    rename(told.database, "Overwritten")
    verified = admsync("verify", url=database_url)
    assert verified.returncode == 1
    assert (
        "✗ adm.venues 1 name: the ledger says 'BPP Waterloo', the table 'Overwritten'"
        in verified.stdout
    )
    assert "admsync replay --apply" in verified.stdout


def test_a_run_s_heading_says_why_it_failed(ledger: Ledger, database_url: str) -> None:
    with suppress(AdmsyncError), new_run(ledger, "erase"):
        raise AdmsyncError("no such person")
    [state] = document("runs", url=database_url)
    shown = admsync("show", "last", url=database_url).stdout.splitlines()
    assert shown[:2] == [f"Run {state['run_id']}", "erase, failed: no such person"]


def test_counts_are_told_in_the_order_that_a_sync_prints_them(
    ledger: Ledger, database_url: str
) -> None:
    printed = "3 created, 2 updated, 0 unchanged, 1 deleted, 0 skipped, 0 errors, 7 pages"
    with new_run(ledger, "sync venues") as run:
        for one in reversed(printed.split(", ")):
            count, name = one.split()
            run.counts[name] = int(count)
    told = "3 created, 2 updated, 1 deleted, 7 pages"  # those that are any
    for arguments in (["runs"], ["show", "last"]):
        assert told in admsync(*arguments, url=database_url).stdout


def test_no_line_of_a_table_in_a_pipe_ends_in_blanks(told: Ledger, database_url: str) -> None:
    assert told
    with new_run(told, "erase"):
        pass
    for arguments in (["runs"], ["verify-schema-placement"]):
        lines = admsync(*arguments, url=database_url).stdout.splitlines()
        assert lines == [line.rstrip() for line in lines]


def test_a_pipe_gets_no_colour(told: Ledger, database_url: str) -> None:
    assert told
    wishes = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    for arguments in (["runs"], ["show", "last"], ["verify-schema-placement"], ["verify"]):
        plain = admsync(*arguments, url=database_url)
        wished = admsync(*arguments, url=database_url, settings=wishes)
        assert "\x1b" not in wished.stdout
        assert wished.stdout == plain.stdout


def test_a_reader_who_goes_away_is_no_news(ledger: Ledger, database_url: str) -> None:
    with new_run(ledger, "sync venues") as run:
        run.append(*(observed("adm.venues", f"V{n}", n, name="x" * 60) for n in range(1, 3001)))
    for arguments in (["show", "last"], ["show", "last", "--json"], ["replay", "--at", "3001"]):
        with subprocess.Popen(
            [ADMSYNC, *arguments],
            env=environment(database_url),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline()
            process.stdout.close()
            assert process.stderr is not None
            assert process.stderr.read() == b""


def test_who_is_erased_by_name_is_named_nowhere_after(told: Ledger, database_url: str) -> None:
    erase = ("erase", "Zebedee Quillfeather", "--reason", "asked to", "--yes")
    done = admsync(*erase, url=database_url)
    assert done.returncode == 0, done.stderr
    assert "Quillfeather" not in done.stdout + done.stderr
    run = admsync("show", "last", "--json", url=database_url).stdout
    assert json.loads(run)[0]["payload"]["options"] == {"record": "adm.instructors/C1"}
    for output in (run, admsync("runs", "--json", url=database_url).stdout):
        assert "Quillfeather" not in output
    again = admsync("erase", "C1", "--reason", "asked to", url=database_url)
    assert again.returncode == 1
    assert "was erased at position" in again.stderr
    assert document("verify", url=database_url)["ok"]
    assert told


def rename(database: Database, name: str) -> None:
    """Writes past the ledger, as somebody with a database client might."""
    with database.session() as connection:
        connection.execute("UPDATE adm.venues SET name = %s", (name,))


def offered(line: str, *, of: str = "zsh", **settings: str) -> list[str]:
    """What the shell is offered for the last word of a command line, which is being typed."""
    number = len(line.split(" ")) - 1
    asking = {
        "COMP_WORDS": line,
        "COMP_CWORD": str(number),
        "_ADMSYNC_COMPLETE": f"{of}_complete",
    }
    done = admsync(settings={**asking, **settings})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_a_shell_completes_commands_runs_and_records(told: Ledger, database_url: str) -> None:
    run = str(find_run(told.database, "last").run_id)
    assert offered("admsync ro")[1::3] == ["rollback"]
    kind, name, what, *_ = offered("admsync show ", DATABASE_URL=database_url)
    assert (kind, name, what) == ("plain", "last", "the newest run")
    for typed, whole in ((run[-12:-6], run[-12:]), (run[:9], run)):
        _, name, what = offered(f"admsync show {typed}", DATABASE_URL=database_url)
        assert name == whole
        assert what.startswith("sync venues, done, ")
    assert offered("admsync history bpp", DATABASE_URL=database_url)[1] == "BPP Waterloo"
    assert offered("admsync history adm.venues/V", DATABASE_URL=database_url)[1:3] == [
        *("adm.venues/V1", "BPP Waterloo")
    ]
    in_bash = offered("admsync history bpp", of="bash", DATABASE_URL=database_url)
    assert in_bash == [r"plain,BPP\ Waterloo"]


@pytest.mark.parametrize("line", ["admsync show ", "admsync history x", "admsync rollback 8"])
@pytest.mark.parametrize(
    "settings",
    [
        {"DATABASE_URL": "postgresql://127.0.0.1:1/none"},
        {"DATABASE_URL": "no URL"},
        {"ADMSYNC_DATA_DIR": "/dev/null/nowhere"},
    ],
    ids=["unreachable", "wrong", "built-in"],
)
def test_where_no_database_is_nothing_is_offered(line: str, settings: dict[str, str]) -> None:
    assert "".join(offered(line, **settings)) == ""
