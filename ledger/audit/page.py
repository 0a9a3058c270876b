"""The readable page of an audit pack, made of the run's events alone: it shows nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from html import escape

from ledger.audit.form import Manifest
from ledger.audit.summary import summary
from ledger.erasure import people
from ledger.events.catalogue import personal_digests
from ledger.events.recorded import Recorded
from ledger.history.descriptions import describe
from ledger.history.told_names import ToldNames
from ledger.output.visible import visible
from ledger.store.entries import StoredEvent
from ledger.store.read import recorded

WITHHELD = "(a person's, kept apart)"
_PROVEN = """Check this pack with <code>admsync verify FILE.zip</code>. It proves that these events
are all of the run's, from its first to the last one here, as they were appended, on the chain that
ends in the link above, and that this page shows them. Whose chain it is, a link noted elsewhere
proves: add <code>--anchor LINK</code>. Records have the names that these events tell, as of each
event."""
_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Audit of run {run_id}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; }}
body {{ max-width: 72rem; padding: 0 1rem; }}
h1 {{ font-size: 1.4rem; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }}
dt {{ opacity: .7; }}
dd {{ margin: 0; overflow-wrap: anywhere; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; vertical-align: top; padding: .35rem .6rem; }}
th {{ border-bottom: 2px solid; }}
td {{ border-bottom: 1px solid #8884; }}
td:last-child {{ overflow-wrap: anywhere; width: 100%; }}
td:first-child, time {{ font-variant-numeric: tabular-nums; white-space: nowrap; }}
code {{ font-size: .85em; }}
ul {{ margin: .2rem 0 0; padding-left: 1.2rem; }}
.record {{ opacity: .75; display: block; }}
@media (max-width: 40rem) {{
  thead {{ display: none; }}
  tr {{ display: block; border-bottom: 1px solid #8884; padding: .5rem 0; }}
  td {{ border: 0; display: inline; padding: 0 .6rem 0 0; }}
  td:last-child {{ display: block; }}
}}
</style>
</head>
<body>
"""


def page(manifest: Manifest, read: Callable[[], Iterable[StoredEvent]]) -> Iterator[str]:
    """The page, part by part. ``read`` gives the run's events in order, as often as it is asked."""
    names = ToldNames()
    yield _HEAD.format(run_id=_text(manifest.run_id))
    yield f"<h1>Audit of run {_text(manifest.run_id)}</h1>\n<dl>\n"
    for term, value in summary(manifest, map(decoded, read())):
        yield f"<dt>{_text(term)}</dt><dd>{_text(value)}</dd>\n"
    yield f"</dl>\n<p>{_PROVEN}</p>\n"
    yield '<table>\n<thead><tr><th scope="col">Position</th><th scope="col">When (UTC)</th>'
    yield '<th scope="col">Who</th><th scope="col">What</th></tr></thead>\n<tbody>\n'
    for one in map(decoded, read()):
        record = one.event.record()
        if record is not None and record.partition("/")[0] not in people.TABLES:
            names.take_in(one.event)
        description = describe(one.event, names)
        yield f'<tr id="p{one.position}"><td>{one.position}</td>'
        yield f"<td><time>{one.recorded_at:%Y-%m-%d %H:%M:%S}</time></td>"
        yield f"<td>{_text(one.actor)}</td><td>"
        if record is not None:
            yield f'<span class="record">{_text(names(record))}</span>'
        yield _text(description.sentence)
        if description.changes:
            lines = (f"<li>{_text(change)}</li>" for change in description.changes)
            yield f"<ul>{''.join(lines)}</ul>"
        yield "</td></tr>\n"
    yield "</tbody>\n</table>\n</body>\n</html>\n"


def _text(value: str) -> str:
    """A text from outside, as HTML: no markup in it, and no mark that turns the line around."""
    return escape(visible(value))


def decoded(event: StoredEvent) -> Recorded:
    """An event as a pack describes it, without personal values."""
    withheld = dict.fromkeys(personal_digests(event.payload), WITHHELD)
    return recorded(event, withheld, tolerant=True)
