"""What is left of a sandbox that is killed, and what of the state it is started over."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from sync.sandbox.company.generate import Size
from sync.sandbox.process import start_sandbox
from tests.sync.sandbox.builders import CREATE_EVENT, Asker


@pytest.mark.parametrize(("kind", "made"), [("exit-before", 0), ("exit-after", 1)])
def test_a_change_is_there_after_a_kill_if_and_only_if_it_was_made(
    tmp_path: Path, kind: str, made: int
) -> None:
    with start_sandbox(tmp_path) as running:
        asker = Asker(running)
        asker.authorize()
        given = asker.event_input()
        running.control.set_faults(f"{kind}:event.createBlended:1")
        with pytest.raises(requests.ConnectionError):
            asker.post(CREATE_EVENT, input=given)
        assert running.died()
        running.restart()
        assert len(running.control.changes("event.createBlended")) == made
        assert running.control.count("event.createBlended") == 1
        titles = [one["title"] for one in running.control.dump("Event")]
        assert titles.count("ELO-CB1-99-26A") == made
        asker.close()


def test_tokens_counts_and_faults_survive_a_kill(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, faults=["503:hello:3"]) as running:
        asker = Asker(running)
        asker.authorize()
        before = running.pid
        assert [asker.post("{ hello }").status_code for _ in range(2)] == [200, 200]
        running.kill()
        asker.close()
        running.restart()
        assert running.pid != before
        assert [asker.post("{ hello }").status_code for _ in range(2)] == [503, 200]
        assert running.control.count("hello") == 4
        asker.close()


def test_a_new_state_is_as_large_as_asked_and_an_old_one_stays(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, company=Size(locations=10, venues=120, instructors=5)) as running:
        venues = running.control.dump("Venue")
        assert len(venues) > 120
    with start_sandbox(tmp_path) as running:
        assert running.control.dump("Venue") == venues


def test_the_secret_is_in_no_repr(tmp_path: Path) -> None:
    with start_sandbox(tmp_path) as running:
        assert running.api_secret not in repr(running)
