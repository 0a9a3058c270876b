"""Every command as it is called, in a company whose every text from outside would act on the
terminal."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psycopg
from attrs import evolve, frozen

from importer.workbook.template import COLUMNS
from ledger.output.layout import columns_of
from sync.sandbox.process import RunningSandbox, start_sandbox
from tests.databases import Databases
from tests.forked_program import run_at_terminal
from tests.importer.company import an_own_event, an_own_session
from tests.importer.workbooks import write_grid, write_rows
from tests.program import ADMSYNC, admsync, environment
from tests.sync.administrate.scripted_server import Answer, ScriptedServer
from tests.sync.company import fill_tutorial_side

# XML holds no control characters but C1, a tab and line breaks; PostgreSQL and Administrate do.
CELL = "Zq\r\nFORGED\u202e\u2066\u200b\ufeff\u2028\x85\x9bz"
NAME = f"\u0301Zq\x1b[31m\x1b]0;t\x07{CELL[2:]}"
# Of a command line, a setting or a file name, where bytes need be no text.
TYPED = f"{NAME}\udcff"
KEPT = "Live online"  # or nothing could be imported there: XML cannot hold such a name
MARKS = "\u0301\u0302"
# Locations that one side alone has: of the tutorial tables, and of Administrate.
UNMATCHED, UNLINKED = "Cardiff", "Belfast"
BOOK, MIXED, SHEET, HEADER, PACK = (
    f"{TYPED}-{name}" for name in ("book.xlsx", "mixed.xlsx", "sheet.xlsx", "header.xlsx", "p.zip")
)
REASON = ("--reason", TYPED)

Calls = tuple[tuple[str, ...], ...]
# How each command is called, beside the usages it refuses. ``{port}`` is one that is taken.
CALLS: Mapping[str, Calls] = {
    "demo": ((),),  # the directory it would use is a file
    "migrate": ((), ("--grant", TYPED)),
    "verify-schema-placement": ((), ("--json",), ("--fix",)),
    "doctor": ((), ("--json",)),
    "sync": (("all", "--no-prompt"), ("venues", "--json"), ("locations", "--no-prompt")),
    "discrepancies": (
        (),
        ("--json",),
        ("decisions",),
        ("accept", f"{UNMATCHED}{NAME}", f"{UNLINKED}{NAME}", *REASON),
        ("ignore", f"{UNLINKED}{NAME}", *REASON),
        ("withdraw", f"{UNMATCHED}{NAME}", *REASON),
        ("create", f"{UNMATCHED}{NAME}", "--in", TYPED, "--dry-run"),
        ("create", f"{UNMATCHED}{NAME}", "--dry-run", "--json"),
        ("settle", f"London{NAME}", TYPED, "--side", "tutorial", *REASON),
        ("export", f"{TYPED}-new.xlsx"),
        ("import", f"{TYPED}-new.xlsx", "--yes"),
        ("import", BOOK),
    ),
    "events": (
        ("list",),
        ("list", "--json"),
        ("policy",),
        ("publish", f"London{NAME}", "--yes"),
        ("publish", "--sitting", TYPED, "--dry-run"),
        ("cancel", "--workbook", BOOK, "--dry-run"),
        ("web-sale", "on", "--run", "last", "--dry-run", "--json"),
    ),
    "status": ((), ("--json",), ("--strict", "--metrics", f"{TYPED}.prom")),
    "drift": ((), ("--json",), ("--event", f"London{NAME}")),
    "import-events": (
        (MIXED, "--dry-run"),
        (MIXED, "--dry-run", "--json"),
        (BOOK, "--no-prompt"),
        (BOOK, "--update", "--yes"),
        (MIXED, "--no-prompt", "--report", f"{TYPED}-receipt.xlsx"),
        (SHEET, "--dry-run"),
        (HEADER, "--dry-run"),
    ),
    "import-template": ((f"{TYPED}-template.xlsx",), (BOOK,)),
    "choose-product": (("CB1_LO_3", "2026A", TYPED, *REASON), (TYPED, "2026A", "London", *REASON)),
    "serve": (("--host", TYPED), ("--port", "{port}")),
    "sandbox": (
        ("--list-faults",),
        ("--fault", TYPED),
        ("--state", f"{TYPED}-state", "--port", "{port}"),
        ("--state", BOOK),
        ("edit", "CB1-01", "--title", TYPED, "--port", "{port}"),
        ("edit", TYPED, "--delete", "--port", "{port}"),
    ),
    "rollback": (("last", "--dry-run"), ("last", "--yes", *REASON), ("last", "--json", "--yes")),
    "resume": ((), ("--leave-out", TYPED, *REASON), ("--json",)),
    "set-aside": (("{failed}", *REASON), ("{failed}", *REASON, "--json")),
    "runs": ((), ("--json",)),
    "show": (("last",), ("last", "--json"), ("{failed}", "--raw"), ("{sync}", "--raw")),
    "history": (
        (f"London{NAME}",),
        (f"London{NAME}", "--json"),
        ("adm.locations/1", "--raw"),
        (f"{UNLINKED}{NAME}",),
        ("--cell", BOOK, "A2"),
        ("--cell", BOOK, "2", "--json"),
    ),
    "replay": (
        (),
        ("--json",),
        ("--rules",),
        ("--rules", "--forms", BOOK),
        ("{failed}",),
        ("--at", "100000"),
        ("--at", "200", "--table", "adm.locations"),
    ),
    "verify": (
        (),
        ("--json",),
        (PACK,),
        (f"{PACK}-forged.zip",),
        (f"{PACK}-forged.zip", "--json"),
        (BOOK,),
    ),
    "export": (("last", "--audit", f"{TYPED}-out.zip"), ("last", "--audit", BOOK)),
    "erase": (
        (f"Zebedee {NAME}", "--yes", *REASON),
        ("adm.instructors/1", "--yes", "--json", *REASON),
    ),
}


# The runs of the company, the newest first.
MADE = [
    ("sync venues", "stopped"),
    ("import-events", "done"),
    ("discrepancies ignore", "done"),
    ("sync all", "done"),
]
# Usages that no command knows.
REFUSED: Calls = (
    (TYPED, TYPED, TYPED, TYPED, TYPED),
    (f"--{TYPED}",),
)


@frozen
class Hostile:
    """The company on a database, with files of hostile names where the program is run."""

    url: str
    sandbox: RunningSandbox
    folder: Path
    runs: Mapping[str, str]
    more: Mapping[str, str] = {}

    @property
    def settings(self) -> dict[str, str]:
        ours = {"ADMSYNC_ACTOR": TYPED, "TERM": "dumb"}
        data = {"ADMSYNC_DATA_DIR": str(self.folder / BOOK)}
        return {**self.sandbox.settings, **ours, **data, **self.more}

    def piped(self, *arguments: str) -> str:
        done = admsync(*arguments, url=self.url, settings=self.settings, cwd=self.folder)
        return done.stdout + done.stderr

    def at_terminal(self, *arguments: str, columns: int = 2000) -> str:
        given = environment(self.url, {**self.settings, "COLUMNS": ""})
        command = [str(ADMSYNC), *arguments]
        _, seen = run_at_terminal(command, given, str(self.folder), columns)
        return seen.decode(errors="surrogateescape").replace("\r\n", "\n")

    def called(self, arguments: tuple[str, ...]) -> tuple[str, ...]:
        """The arguments with what only this company knows."""
        known = {"port": self.sandbox.url.rpartition(":")[2], **self.runs}
        return tuple(
            re.sub(r"^\{(\w+)\}$", lambda found: known[found[1]], one) for one in arguments
        )


def workbooks(folder: Path) -> None:
    """One that can be imported, one of mistakes, and two that are refused whole."""
    write_rows(folder / BOOK, [an_own_event("GOOD"), an_own_session("GOOD")], columns=COLUMNS)
    wrong = [
        an_own_event(f"A{CELL}"),
        *(an_own_event(f"B-{key}", **{key: CELL}) for key in ("code", "location", "venue", "day")),
        an_own_event("C", instructor=CELL, administrator=MARKS, event_url=CELL),
        an_own_event("D", sitting=CELL, deadline=date(2025, 9, 1), session_title=CELL),
    ]
    write_rows(folder / MIXED, wrong, columns=COLUMNS, remarks=CELL)
    write_grid(folder / SHEET, [["Course template code"]], title="Zq\u202e\u200b\x9b\u2028")
    write_grid(folder / HEADER, [["Course template code", CELL, CELL]])


def rename(url: str, sandbox: RunningSandbox) -> None:
    """Has both sides use hostile names: of pairs that are linked, and of records that are not."""
    for kind in ("Location", "Venue", "CourseTemplate", "PriceLevel", "Region", "Account"):
        records = [
            one
            for one in sandbox.control.dump(kind)
            if (one.get("name") or "").casefold() != KEPT.casefold()
        ]
        for record in [*records[:4], *(one for one in records[4:] if one.get("name") == UNLINKED)]:
            hostile = f"{record.get('name') or ''}{NAME}"
            sandbox.control.edit(record["id"], **{"name": hostile} if "name" in record else {})
    for number, record in enumerate(sandbox.control.dump("Contact")[-4:]):
        sandbox.control.edit(record["id"], firstName=NAME if number else MARKS, lastName=NAME)
    for field in sandbox.control.dump("StandardCustomFieldDefinition")[-2:]:
        sandbox.control.edit(field["id"], label=NAME)
    with psycopg.connect(url) as connection:
        for table, column in (
            ("locations", "name"),
            ("venues", "name"),
            ("course_templates", "title"),
        ):
            statement = f"UPDATE acted.tutorial_{table} SET {column} = {column} || %s"
            chosen = f"WHERE (id < 6 OR {column} = %s) AND lower({column}) <> %s"
            values = [NAME, UNMATCHED, KEPT.casefold()]
            connection.execute(f"{statement} {chosen}".encode(), values)
        connection.execute(
            b"UPDATE public.auth_user SET first_name = 'Zebedee', last_name = %s WHERE id ="
            b" (SELECT max(user_id) FROM acted.staff)",
            [NAME],
        )


def tampered(folder: Path) -> None:
    """A second audit pack, whose parts are made up."""
    with (
        zipfile.ZipFile(folder / PACK) as whole,
        zipfile.ZipFile(folder / f"{PACK}-forged.zip", "w") as made,
    ):
        for part in whole.namelist():
            content = whole.read(part)
            if part.endswith("jsonl"):
                lines = [json.loads(line) for line in content.splitlines()]
                for line in lines:
                    line[NAME] = NAME
                    line.update(
                        dict.fromkeys(("type", "actor"), f"{NAME}\ud800") if "type" in line else {}
                    )
                content = "\n".join(map(json.dumps, lines)).encode()
            made.writestr(part, content)
        made.writestr(NAME, NAME)


def for_programs(line: str) -> bool:
    """Whether a line is of the log, or what a shell or PostgreSQL reads."""
    return line.startswith(('{"', "export ", "ALTER TABLE "))


def too_wide(printed: str, width: int) -> list[str]:
    """The lines that are wider than there is room, but for what cannot be broken: an id, a path, a
    command."""
    return [
        line
        for line in printed.splitlines()
        if columns_of(line) > width
        and " " in line.strip()
        and not line.strip(" ('“").startswith("admsync ")
        and not for_programs(line)
    ]


@contextmanager
def hostile_company(databases: Databases, template: str, folder: Path) -> Iterator[Hostile]:
    """The company after a sync, decisions, an import, and a sync that Administrate ended."""
    workbooks(folder)
    with start_sandbox(folder / "sandbox") as sandbox, databases.fresh(template) as url:
        fill_tutorial_side(url)
        rename(url, sandbox)
        hostile = Hostile(url, sandbox, folder, {})
        hostile.piped("sync", "all", "--no-prompt")
        hostile.piped("discrepancies", "ignore", f"{UNMATCHED}{NAME}", *REASON)
        hostile.piped("import-events", BOOK, "--no-prompt")
        hostile.piped("export", "last", "--audit", PACK)
        tampered(folder)
        with failing() as more:
            evolve(hostile, more=more).piped("sync", "venues")
        runs, _ = json.JSONDecoder().raw_decode(hostile.piped("runs", "--json"))
        # An import that was not made would leave the commands nothing of it to print.
        assert [(run["command"], run["state"]) for run in runs] == MADE, runs
        assert runs[1]["counts"]["events"] == 1, runs
        ids = {"failed": runs[0]["run_id"], "sync": runs[-1]["run_id"]}
        yield evolve(hostile, runs=ids)


class failing:  # noqa: N801 - used as a function is
    """Settings of an Administrate that refuses everything in hostile words."""

    def __enter__(self) -> dict[str, str]:
        said = json.dumps(
            {"message": f"denied {NAME}\ud800", "path": [NAME], "extensions": {NAME: NAME}}
        )
        self.server = ScriptedServer().__enter__()
        self.server.script.extend([Answer(f'{{"data": null, "errors": [{said}]}}'.encode())] * 40)
        return {f"ADMINISTRATE_{one}_URL": self.server.url for one in ("API", "AUTH", "INSTANCE")}

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()
