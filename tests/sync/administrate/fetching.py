"""What a caller has in hand after fetching the venues of a server."""

from __future__ import annotations

from attrs import define

from sync.administrate.client import Administrate
from sync.administrate.reads.pages import Completeness, Page, Paging, Restarted, fetch_pages
from sync.administrate.reads.passes import Progress
from sync.administrate.reads.queries import VENUES
from tests.sync.administrate.changing_set import ChangingSet, venue
from tests.sync.administrate.scripted_server import ScriptedServer

PAGING = Paging()


@define
class Fetched:
    """What a caller has in hand at the end."""

    ids: list[str]
    restarts: list[str]
    end: Completeness
    pages: list[Page]


def fetch(
    client: Administrate, paging: Paging = PAGING, progress: Progress | None = None
) -> Fetched:
    ids = list(progress.ids) if progress else []
    restarts: list[str] = []
    pages: list[Page] = []
    for item in fetch_pages(client, VENUES, None, paging, progress):
        match item:
            case Page():
                assert item.offset == len(ids)
                assert tuple(record["id"] for record in item.records) == item.ids
                ids += item.ids
                pages.append(item)
            case Restarted():
                restarts.append(item.why)
                ids.clear()
                pages.clear()
            case Completeness():
                assert item.fetched == len(ids)
                return Fetched(ids, restarts, item, pages)
    raise AssertionError("the stream ended without a Completeness")


def serve(server: ScriptedServer, count: int) -> list[str]:
    server.obey = ChangingSet(set(range(count))).answer
    return [str(venue(number)["id"]) for number in range(count)]
