"""A list fetched while calls fail and records come and go: whole, or the truth about why not."""

from __future__ import annotations

from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.administrate.client import Administrate
from sync.administrate.reads.pages import Completeness, Page, Paging, Restarted, fetch_pages
from sync.administrate.reads.queries import VENUES
from sync.sandbox.faults.kinds import KINDS, FaultKind
from sync.sandbox.process import RunningSandbox
from sync.sandbox.reply import Delivery
from tests.sync.against_sandbox.connecting import TRIED_ONCE, Connections

TRIES = 6


def _strikes_a_read(kind: FaultKind) -> bool:
    """Leaves out what disturbs the set, and what only waiting or starting anew brings out."""
    slow = kind.delivery in {Delivery.SILENCE, Delivery.EXIT}
    return not (slow or kind.disturbance)


READ_FAULTS = sorted(name for name, kind in KINDS.items() if _strikes_a_read(kind))
# A call's token is renewed once, so of these one call survives one.
OF_TOKENS = ["401", "token-revoked"]
OTHERS = sorted(set(READ_FAULTS) - {*OF_TOKENS, *TRIED_ONCE})
PAGINGS = st.builds(Paging, st.integers(2, 8), st.integers(1, 3))
DISTURBANCES = sorted(name for name, kind in KINDS.items() if kind.disturbance)
CALLS = st.integers(1, 12)


@define
class Fetched:
    """What a caller has in hand at the end."""

    end: Completeness
    ids: list[str] = field(factory=list)


def fetch(client: Administrate, paging: Paging) -> Fetched:
    ids: list[str] = []
    for item in fetch_pages(client, VENUES, None, paging):
        match item:
            case Page():
                ids += item.ids
            case Restarted():
                ids.clear()
            case Completeness():
                return Fetched(item, ids)
    raise AssertionError("the stream ended without a Completeness")


def there(sandbox: RunningSandbox) -> list[str]:
    """The ids of the venues there are, in the order the client asks for."""
    return [venue["id"] for venue in sandbox.control.dump("Venue")]


@settings(max_examples=25)
@given(
    faults=st.lists(st.tuples(st.sampled_from(OTHERS), CALLS), max_size=TRIES - 2),
    of_tokens=st.lists(st.tuples(st.sampled_from(OF_TOKENS), CALLS), max_size=1),
    paging=PAGINGS,
)
def test_faults_that_fit_into_the_budget_change_nothing(
    connections: Connections,
    faults: list[tuple[str, int]],
    of_tokens: list[tuple[str, int]],
    paging: Paging,
) -> None:
    struck = [f"{kind}:Venues:{call}" for kind, call in (*faults, *of_tokens)]
    connections.sandbox.control.set_faults(*struck)
    fetched = fetch(connections.client(TRIES), paging)
    assert fetched.end.complete
    assert fetched.ids == there(connections.sandbox)


@settings(max_examples=25)
@given(kind=st.sampled_from(READ_FAULTS), first=CALLS, paging=PAGINGS)
def test_a_fault_past_the_budget_is_told_with_what_was_fetched_before(
    connections: Connections, kind: str, first: int, paging: Paging
) -> None:
    connections.sandbox.control.set_faults(f"{kind}:Venues:{first}-")
    fetched = fetch(connections.client(TRIES), paging)
    before = there(connections.sandbox)
    assert fetched.ids == before[: len(fetched.ids)]
    if fetched.end.complete:
        # All there is came before the fault, or in spite of it.
        assert fetched.ids == before
    else:
        assert fetched.end.error is not None
        assert fetched.end.why == str(fetched.end.error)
        assert fetched.end.fetched == len(fetched.ids)


@settings(max_examples=40)
@given(
    faults=st.lists(st.tuples(st.sampled_from(DISTURBANCES), CALLS), min_size=1, max_size=4),
    gone=st.sets(st.integers(0, 20), max_size=3),
    paging=PAGINGS,
)
def test_of_a_set_that_changes_no_list_is_called_whole_that_lacks_or_repeats_a_record(
    connections: Connections, faults: list[tuple[str, int]], gone: set[int], paging: Paging
) -> None:
    sandbox = connections.sandbox
    sandbox.control.reset()
    before = there(sandbox)
    sandbox.control.set_faults(*(f"{kind}:Venues:{call}" for kind, call in faults))
    ids: list[str] = []
    removed = [before[place] for place in gone]
    for item in fetch_pages(connections.client(), VENUES, None, paging):
        match item:
            case Page():
                ids += item.ids
                # Beside what is done to the first record, some go in the middle.
                if removed:
                    _remove(sandbox, removed.pop())
            case Restarted():
                ids.clear()
            case Completeness() as end:
                assert len(ids) == len(set(ids))
                if end.complete:
                    assert set(before) & set(there(sandbox)) <= set(ids)
                else:
                    assert end.why


def _remove(sandbox: RunningSandbox, venue: str) -> None:
    if venue in there(sandbox):
        sandbox.control.remove(venue)


def test_a_token_revoked_in_the_middle_of_a_list_is_replaced(connections: Connections) -> None:
    connections.sandbox.control.set_faults("token-revoked:Venues:3")
    fetched = fetch(connections.client(), Paging(page_size=4, workers=1))
    assert fetched.end.complete
    assert connections.sandbox.control.count("oauth.token") == 2


def test_a_token_that_grows_old_in_the_middle_of_a_list_is_replaced_before_it_is_refused(
    connections: Connections,
) -> None:
    client, control = connections.client(), connections.sandbox.control
    pages = fetch_pages(client, VENUES, None, Paging(page_size=4, workers=1))
    next(pages)
    connections.time.sleep(3400)
    end = list(pages)[-1]
    assert isinstance(end, Completeness)
    assert end.complete
    assert control.count("oauth.token") == 2
    assert {attempt.status for attempt in connections.attempts} == {200}


def test_workers_whose_token_is_revoked_together_renew_it_together(
    connections: Connections,
) -> None:
    connections.sandbox.control.set_faults("latency:Venues:*:0.05", "token-revoked:Venues:2")
    fetched = fetch(connections.client(), Paging(page_size=3, workers=4))
    assert fetched.end.complete
    assert connections.sandbox.control.count("oauth.token") == 2
