"""The addresses of pages: stable, to be sent to a colleague, whatever is in a record's name."""

from __future__ import annotations

from urllib.parse import quote, urlencode

STATIC = "/static/"
JSON = ".json"


def record_address(record: str, at: int | None = None) -> str:
    """The page of a record, or of the record as of a position."""
    table, _, key = record.partition("/")
    as_of = f"?at={at}" if at is not None else ""
    return f"/records/{quote(table, safe='')}/{quote(key, safe='')}{as_of}"


def run_address(run_id: object) -> str:
    """The page of a run."""
    return f"/runs/{run_id}"


def with_query(path: str, **parameters: object) -> str:
    """A path with those parameters that are there; one of several values stands there as often."""
    given = {name: value for name, value in parameters.items() if value not in (None, "", ())}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


def entrance(path: str, query: str = "") -> str:
    """Where the token is asked for, to go on to a page from there."""
    return with_query("/enter", next=f"{path}?{query}" if query else path)


def is_local(address: str) -> bool:
    """Whether an address leads to a page of this server, whatever a browser makes of it."""
    return (
        address.startswith("/")
        and not address.startswith(("//", "/\\"))
        and address.isprintable()
        and "\\" not in address
    )
