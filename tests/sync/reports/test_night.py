"""The night: a sync that says in one line that nothing changed, or what did and what to type."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator

import pytest

from ledger.masking import forget_secrets, without_secrets
from sync import doctor
from sync.reports import notifications
from sync.reports.notifications import Notification, notify, services_of
from tests.receiver import receiving
from tests.sync.company import Company

# Of a plugin of Apprise, which reads pictures.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")

QUIET = ("sync", "all", "--quiet")


def test_a_night_without_changes_is_one_line(synced: Company) -> None:
    done = synced.admsync(*QUIET)
    assert re.fullmatch(r"Nothing changed: 9 entities, 362 records, \d+ calls\.\n", done.stdout), (
        done.stdout
    )
    assert done.stderr == ""
    # What people have to decide about is there all the same.
    assert synced.admsync(*QUIET, "--strict", code=5).stdout == done.stdout


def test_a_night_with_changes_says_what_they_are_and_what_to_type(synced: Company) -> None:
    leeds = synced.location("Leeds")
    for name in ("Zinc Works", "Quarry House"):
        synced.control.insert("Venue", name=name, description="", locationId=leeds)
    [location] = synced.values("SELECT id FROM acted.tutorial_locations WHERE name = 'Leeds'")
    synced.change(
        "INSERT INTO acted.tutorial_venues (name, description, location_id, created_at, updated_at)"
        " VALUES ('Quarry House', '', %s, now(), now())",
        location,
    )
    synced.control.edit(synced.location("Belfast"), code="BFS")
    done = synced.admsync(*QUIET)
    assert re.sub(r"[0-9a-f-]{36}", "RUN", done.stdout).splitlines() == [
        "Synced: 9 entities, 364 records, 26 calls.",
        "New: 2 venues",
        "Changed: 1 location",
        "Decided for you: 1 venue linked: Quarry House",
        "Waiting for you:",
        "  12 locations to decide about: admsync discrepancies --entity locations",
        "  19 venues to decide about, 1 of them new: admsync discrepancies --entity venues --new",
        "  23 instructors to decide about: admsync discrepancies --entity instructors",
        "  10 course templates to decide about: admsync discrepancies --entity course-templates",
        "Every change, with why: admsync show RUN",
    ]


def test_a_stopped_night_is_resumed_as_quietly(synced: Company) -> None:
    wrong = {"ADMINISTRATE_API_SECRET": "not-the-secret"}
    synced.admsync("sync", "venues", "--quiet", settings=wrong, code=3)
    done = synced.admsync("resume", "--quiet", "--strict", code=5)
    assert re.fullmatch(r"Nothing changed: 1 entity, \d+ records, \d+ calls?\.\n", done.stdout)
    assert done.stderr == ""


@pytest.fixture
def chat() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """An address of Apprise's, and what came there; it refuses what is sent to /full."""
    said: list[dict[str, str]] = []

    def take(path: str, body: bytes) -> int:
        said.append(json.loads(body))
        return 507 if path.startswith("/full") else 200

    with receiving(take) as address:
        yield address.replace("http://", "json://night:gooseberryfool@"), said


def test_a_failure_a_recovery_and_new_discrepancies_are_told(
    synced: Company, chat: tuple[str, list[dict[str, str]]]
) -> None:
    address, said = chat
    told = {"ADMSYNC_NOTIFY": f"{address}/a, {address}/b"}
    synced.admsync("sync", "venues", "--quiet", settings=told)
    assert said == []  # nothing to tell of
    wrong = {"ADMINISTRATE_API_SECRET": "not-the-secret", **told}
    synced.admsync("sync", "venues", "--quiet", settings=wrong, code=3)
    leeds = synced.location("Leeds")
    synced.control.insert("Venue", name="Zinc Works", description="", locationId=leeds)
    synced.admsync("sync", "venues", "--quiet", settings=told)
    titles = [one["title"].partition(": ")[2] for one in said]
    assert titles == [
        *["sync venues failed"] * 2,
        *["sync venues is done again", "1 new discrepancy"] * 2,
    ]
    assert "go on with: admsync resume" in said[0]["message"]
    assert "1 in a row, since " in said[2]["message"]
    assert "Zinc Works" not in str(said)


TOLD = [Notification(failure=True, title="sync all failed", text="the text")]


def test_what_cannot_be_sent_is_told_without_a_secret_and_in_time(
    chat: tuple[str, list[dict[str, str]]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(notifications, "_LONGEST", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        nobody = f"json://127.0.0.1:{silent.getsockname()[1]}/gooseberryfool"
        monkeypatch.setenv("ADMSYNC_NOTIFY", f"{chat[0]}/full,{nobody},{chat[0]}/good")
        notify(TOLD)
    said = " ".join(capsys.readouterr().err.split())
    assert "not sent to address 1 of ADMSYNC_NOTIFY (JSON): " in said
    assert "not sent to address 2 of ADMSYNC_NOTIFY (JSON): no answer within" in said
    assert "address 3" not in said
    assert "gooseberry" not in said
    assert [one["message"] for one in chat[1]] == ["the text"] * 2


def test_an_address_that_is_none_is_told_by_its_number(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ADMSYNC_NOTIFY", "json://localhost,gooseberry://fool")
    notify(TOLD)
    said = " ".join(capsys.readouterr().err.split())
    assert "no notification was sent: ADMSYNC_NOTIFY: its address 2 is none" in said
    assert "gooseberry" not in said


def test_the_doctor_says_what_an_address_is() -> None:
    given = {"ADMSYNC_NOTIFY": "json://localhost,xml://localhost", "DATABASE_URL": "no"}
    *_, last = doctor.examine(given)
    assert (last.name, last.ok) == ("notifications", True), last
    *_, last = doctor.examine({**given, "ADMSYNC_NOTIFY": "gooseberry://fool"})
    assert (last.ok, "gooseberry" in last.said) == (False, False)


def test_every_part_of_a_service_s_address_is_masked() -> None:
    parts = ("T1JJ3T3L2xx", "A1BRTD4JDxx", "TIiajkdnlazkcOXrIdevi7FQ")
    services_of({"ADMSYNC_NOTIFY": f"slack://{'/'.join(parts)}"})
    assert without_secrets(" ".join(parts)) == "[secret] [secret] [secret]"
    assert without_secrets("a@example.com at localhost") == "a@example.com at localhost"
    forget_secrets()
