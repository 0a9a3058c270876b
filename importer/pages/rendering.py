"""Pages as HTML and as JSON. Everything that a template prints is escaped, and made visible first.

Templates print values; what they print is worked out before.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from importer.pages.addresses import STATIC, record_address, run_address
from ledger.output.visible import visible
from ledger.output.words import counted, counts_in_words, duration, in_words, local_time, shown
from ledger.runs.states import short_id

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@cache
def static_files() -> Mapping[str, tuple[bytes, str]]:
    """The files that pages load, with their types, by name: nothing else is ever read for an
    address."""
    found = {}
    for file in files("importer.pages").joinpath("static").iterdir():
        kind = _TYPES.get("." + file.name.rpartition(".")[2])
        if kind is not None:
            found[file.name] = (file.read_bytes(), kind)
    return found


def static_address(name: str) -> str:
    """A file's address, which changes with its content."""
    digest = sha256(static_files()[name][0]).hexdigest()[:12]
    return f"{STATIC}{name}?{digest}"


def _printed(value: Any) -> Any:
    """What a template prints of a value; jinja escapes it afterwards."""
    if isinstance(value, Markup):
        return value
    return "" if value is None else visible(str(value))


def _exact(value: object) -> Markup:
    """A value that a form sends back as it is."""
    return escape(value)


@cache
def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("importer.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "counts": counts_in_words,
        "duration": duration,
        "exact": _exact,
        "in_words": in_words,
        "local_time": local_time,
        "shown": shown,
        "record_address": record_address,
        "run_address": run_address,
        "short_id": short_id,
    }
    made.globals |= {"static": static_address, "counted": counted}
    return made


def as_html(template: str, content: Mapping[str, object]) -> str:
    """A template filled in."""
    return environment().get_template(f"{template}.html").render(content)
