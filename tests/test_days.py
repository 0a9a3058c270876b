"""Three people's days at a terminal of 80 columns: each types what the screen told them to."""

from __future__ import annotations

import re
import shlex
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import define, field
from openpyxl import load_workbook

from importer.workbook.template import COLUMNS
from sync.sandbox.process import RunningSandbox, start_sandbox
from tests.databases import Databases
from tests.forked_program import run_at_terminal
from tests.importer.company import an_own_event, an_own_session
from tests.importer.rows import TypedRow
from tests.importer.workbooks import write_rows
from tests.program import ADMSYNC, admsync, environment
from tests.sync.company import fill_tutorial_side
from tests.terminal import at_terminal

COLUMNS_OF_SCREEN = 80
WHERE = {"TERM": "dumb", "COLUMNS": str(COLUMNS_OF_SCREEN)}


@define
class Person:
    """Somebody at a terminal, in a folder, with the settings that somebody gave them."""

    folder: Path
    url: str | None = None
    settings: dict[str, str] = field(factory=dict)
    screen: str = ""

    def types(self, line: str, *answers: tuple[str, str], code: int = 0) -> None:
        """Types a command, and an answer to each question; ``screen`` is what is seen of it."""
        name, *arguments = shlex.split(line)
        assert name == "admsync", line
        if answers:
            ended = self._answering(arguments, answers)
        else:
            given = environment(self.url, {**WHERE, **self.settings})
            called = [str(ADMSYNC), *arguments]
            ended, seen = run_at_terminal(called, given, str(self.folder), COLUMNS_OF_SCREEN)
            self.screen = seen.decode().replace("\r\n", "\n")
        assert ended == code, self.screen

    def _answering(self, arguments: list[str], answers: tuple[tuple[str, str], ...]) -> int:
        with at_terminal(
            *arguments,
            url=self.url,
            settings=self.settings,
            elsewhere="",
            columns=COLUMNS_OF_SCREEN,
            folder=self.folder,
        ) as terminal:
            for question, typed in answers:
                terminal.answers(question, typed)
            code, _ = terminal.ends()
        self.screen = terminal.seen
        return code

    def reads(self, *texts: str) -> None:
        """Each text is on the screen, however its lines are broken."""
        seen = " ".join(self.screen.split())
        for text in texts:
            assert text in seen, f"{text!r} is not on the screen:\n{self.screen}"

    def told_to(self, pattern: str) -> str:
        """The command on the screen that has the pattern in it: whole on one line."""
        found = re.findall(rf"admsync [^\n]*?{pattern}[^\n(),;]*", self.screen)
        assert found, (pattern, self.screen)
        return str(found[0]).split("  ")[0].strip()

    def run_of(self, command: str) -> str:
        """The id of the newest run of a command that is done, in the list on the screen."""
        listed = re.findall(rf"^(\S{{36}}) +done +{command}", self.screen, re.MULTILINE)
        return str(listed[0])


def test_a_newcomer_comes_from_the_demonstration_to_a_decided_discrepancy(tmp_path: Path) -> None:
    person = Person(tmp_path, settings={"ADMSYNC_DATA_DIR": str(tmp_path)})
    with at_terminal(
        "demo",
        "--keep",
        url=None,
        settings=person.settings,
        elsewhere="",
        columns=COLUMNS_OF_SCREEN,
        folder=tmp_path,
    ) as demo:
        demo.shows("Ready; Ctrl-C stops the company.")
        try:
            to_do = demo.seen
            # What is pasted into the other terminal.
            [folder] = re.findall(r"^  cd (\S+); export ADMSYNC_DATA_DIR=", to_do, re.MULTILINE)
            exported = dict(re.findall(r"^  export (ADMINISTRATE_\w+)=(\S+)$", to_do, re.MULTILINE))
            assert len(exported) == 5
            person = Person(Path(folder), settings={"ADMSYNC_DATA_DIR": folder, **exported})

            person.screen = to_do
            accept = person.told_to("discrepancies accept")
            person.types(person.told_to("discrepancies  "))
            person.reads("Notingham", "one letter less: Notingham / Nottingham")
            told = person.told_to("accept acted.tutorial_locations/[0-9]+ .* --reason")
            assert told.startswith("admsync discrepancies accept ")
            person.types(accept)
            person.reads("(Nottingham)", "(Notingham)")
            person.types("admsync sync locations --no-prompt")
            assert "Notingham" not in person.screen
            person.types("admsync history Notingham")
            person.reads("linked with adm.locations/", "accepted by a person", "misspelt")
            person.types("admsync discrepancies decisions")
            person.reads("Notingham", "misspelt")
            assert admsync("verify", settings=person.settings, cwd=person.folder).returncode == 0
        finally:
            demo.process.send_signal(signal.SIGINT)
            code, _ = demo.ends()
        assert code == 0


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start_sandbox(tmp_path_factory.mktemp("administrate")) as running:
        yield running


@pytest.fixture(scope="module")
def somebody(
    databases: Databases,
    template: str,
    sandbox: RunningSandbox,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Person]:
    """Whoever works at the company, after its first sync."""
    with databases.fresh(template) as url:
        fill_tutorial_side(url)
        person = Person(tmp_path_factory.mktemp("day"), url, {**sandbox.settings})
        person.types("admsync sync all --no-prompt")
        yield person


# What is wrong with an event each, by the column and what is told of it.
ERRORS: dict[str, tuple[TypedRow, str]] = {
    "code": ({"code": "CB1_L0_3"}, "course template 'CB1_L0_3', row 4"),
    "location": ({"location": "Live onlin"}, "'Live onlin', row 5: nearest 'Live online'"),
    "venue": ({"venue": "Live"}, "venue 'Live', row 6: nearest 'Live online'"),
    "instructor": ({"instructor": "Callum Jesop"}, "row 7: nearest 'Callum Jessop'"),
    "classroom_start_date": ({"classroom_start_date": "31/02/2026"}, "Classroom start date"),
    "classroom_end_time": ({"classroom_end_time": "08:00"}, "Classroom end time"),
    "max_places": ({"max_places": "a dozen"}, "Max places 'a dozen'"),
    "web_sale": ({"web_sale": "perhaps"}, "Web sale 'perhaps'"),
    "event_url": ({"event_url": "example"}, "Event url 'example'"),
    "day": ({"day": 0}, "Day '0'"),
    "sitting": ({"sitting": "2026X"}, "Sitting '2026X'"),
}


def test_operations_come_from_a_workbook_of_errors_to_an_import_that_is_undone(
    somebody: Person, sandbox: RunningSandbox
) -> None:
    before = len(sandbox.control.dump("Event"))
    rows = [an_own_event("RIGHT"), an_own_session("RIGHT", 2)]
    rows += [an_own_event(f"WRONG-{column}", **wrong) for column, (wrong, _) in ERRORS.items()]
    write_rows(somebody.folder / "sitting.xlsx", rows, columns=COLUMNS)

    somebody.types("admsync import-events sitting.xlsx --dry-run", code=4)
    somebody.reads("1 event with 2 sessions to make in both systems")
    somebody.reads(*(told for _, told in ERRORS.values()))
    assert len(sandbox.control.dump("Event")) == before

    asked = ("Import them? [y/N]: ", "y")
    somebody.types("admsync import-events sitting.xlsx --report receipt.xlsx", asked, code=4)
    somebody.reads("Imported: 1 event, 2 sessions", "Receipt: ")
    assert len(sandbox.control.dump("Event")) == before + 1

    corrected(somebody.folder / "receipt.xlsx")
    somebody.types("admsync import-events receipt.xlsx --report again.xlsx", asked)
    somebody.reads(f"Imported: {len(ERRORS)} events")
    assert len(sandbox.control.dump("Event")) == before + 1 + len(ERRORS)

    somebody.types("admsync rollback last --dry-run")
    somebody.reads(f"In Administrate: {len(ERRORS)} draft events deleted")
    for _ in range(2):
        somebody.types("admsync runs")
        run = somebody.run_of("import-events")
        undo = f'admsync rollback {run} --reason "the wrong sitting"'
        somebody.types(undo, ("Roll back? [y/N]: ", "y"))
    assert len(sandbox.control.dump("Event")) == before
    somebody.types("admsync verify")
    somebody.reads("The tables equal the ledger")


def corrected(receipt: Path) -> None:
    """Each wrong cell of the receipt is put right, as its message says."""
    right = an_own_event("")
    book = load_workbook(receipt)
    sheet = book["Import"]
    headers = [str(cell.value) for cell in sheet[1]]
    for cells in sheet.iter_rows(min_row=2):
        row = dict(zip(headers, cells, strict=True))
        column = str(row["Event title"].value).removeprefix("WRONG-")
        if column in ERRORS:
            [header] = [one.header for one in COLUMNS if one.key == column]
            row[header].value = right.get(column)  # type: ignore[assignment]
    book.save(receipt)


def test_an_auditor_comes_from_a_name_to_the_stored_answer(somebody: Person) -> None:
    somebody.types('admsync history "Waverley Hall"')
    somebody.reads("linked with acted.tutorial_venues/", "equal, and the only one on both sides")
    somebody.types('admsync history "Waverley Hall" --raw')
    somebody.reads('"Waverley Hall"')
    somebody.types("admsync runs")
    run = somebody.run_of("sync all")
    somebody.types(f"admsync show {run} --record 'Waverley Hall'")
    somebody.reads("First seen", "Linked with")
    somebody.types(f"admsync export {run} --audit proof.zip")
    somebody.types("admsync verify proof.zip")
    somebody.reads("are whole")
