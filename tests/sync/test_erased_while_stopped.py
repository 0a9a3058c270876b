"""A person who is erased while a sync is stopped is not brought back by its stored pages."""

from __future__ import annotations

import pytest

from ledger.errors import StoppedResumably
from tests.sync.company import Company


@pytest.mark.parametrize("last_page", [3, 5], ids=["in the middle", "before the last"])
def test_a_person_erased_while_a_sync_is_stopped_stays_so(synced: Company, last_page: int) -> None:
    [person] = [one for one in synced.control.dump("Contact") if one["name"] == "Callum Jessop"]
    synced.control.set_faults(f"not-json:Contacts:{last_page}-")
    with pytest.raises(StoppedResumably):
        synced.sync("instructors", page_size=10)
    synced.control.clear_faults()
    synced.control.remove(person["id"])
    synced.change("UPDATE public.auth_user SET last_name = 'X' WHERE last_name = 'Jessop'")
    synced.admsync("erase", person["id"], "--reason", "asked to, letter of 3 May", "--yes")
    synced.sync(resume=True)
    assert (
        synced.values("SELECT state FROM ledger.runs WHERE starts_with(command, 'sync')")[-1]
        == "done"
    )
    restarts = [payload["reason"] for _, payload in synced.events("FetchRestarted")]
    assert restarts == ["a person on the pages was erased since"]
    assert (
        synced.values("SELECT value FROM ledger.personal WHERE position('Jessop' IN value) > 0")
        == []
    )
    assert synced.values("SELECT id FROM adm.instructors WHERE last_name = 'Jessop'") == []
    synced.admsync("verify")


def test_a_person_who_is_still_in_administrate_is_fetched_anew(synced: Company) -> None:
    [person] = [one for one in synced.control.dump("Contact") if one["name"] == "Callum Jessop"]
    synced.control.set_faults("not-json:Contacts:3-")
    with pytest.raises(StoppedResumably):
        synced.sync("instructors", page_size=10)
    synced.control.clear_faults()
    synced.admsync("erase", person["id"], "--reason", "asked to, letter of 3 May", "--yes")
    synced.sync(resume=True)
    assert synced.values("SELECT first_name FROM adm.instructors WHERE last_name = 'Jessop'") == [
        "Callum"
    ]
    synced.admsync("verify")
