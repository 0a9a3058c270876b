"""``verify`` and ``export``: the ledger's proof, and audit packs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ledger.cli import completion
from ledger.cli.command import command, force_option, json_option, opened_ledger
from ledger.cli.replay import print_differences
from ledger.files import NewFile
from ledger.output.documents import print_json
from ledger.output.lines import answer, report
from ledger.output.words import counted

if TYPE_CHECKING:
    from ledger.verify.anchors import Anchors
    from ledger.verify.verify import Verified


def _link(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", value):
        raise click.BadParameter("a link is 64 hexadecimal digits")
    return value and value.lower()


@command(
    "verify", "admsync verify", "admsync verify --anchors heads.jsonl", "admsync verify sitting.zip"
)
@click.argument(
    "pack", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@json_option
@click.option(
    "--anchor",
    metavar="LINK",
    callback=_link,
    help="A link noted elsewhere that must be on the chain.",
)
@click.option(
    "--anchors",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Links noted at the ends of runs, or a log with them.",
)
@click.option(
    "--page",
    metavar="OUT.html",
    type=click.Path(path_type=Path),
    help="With PACK: write its page anew, of the events.",
)
@force_option
@click.pass_context
def verify(
    ctx: click.Context,
    pack: Path | None,
    *,
    as_json: bool,
    anchor: str | None,
    anchors: Path | None,
    page: Path | None,
    force: bool,
) -> None:
    """Check the chain of hashes and the tables.

    Every event is hashed again, every append's link computed again, and the tables are rebuilt and
    compared. Exit 1 where anything differs. The link printed is the chain's head: noted where
    nobody with access to the database can change it, it proves with --anchor, later, that the
    ledger up to there is still the same. --anchors checks every line of a file of such heads; that
    of ADMSYNC_ANCHORS is checked unless another is given.

    With PACK, an audit pack of admsync export: checks that, without the database.
    """
    if pack is not None:
        if anchors is not None:
            raise click.UsageError("--anchors goes with no PACK; give --anchor LINK")
        anew = NewFile(page, force) if page is not None else None
        ctx.exit(0 if _verify_pack(pack, anchor, anew, as_json=as_json) else 1)
    if page is not None:
        raise click.UsageError("--page goes with a PACK")
    from ledger.replay.compare import replay as replayed
    from ledger.replay.rebuild import NotRebuilt
    from ledger.settings.environment import environment
    from ledger.verify.anchors import Anchors
    from ledger.verify.verify import verify_chain

    noted = Anchors(anchors) if anchors is not None else Anchors.of(environment())
    tables, why = None, "the ledger they would be rebuilt from is broken"
    with opened_ledger() as ledger:
        chain = verify_chain(ledger.database, anchor=anchor, anchors=noted)
        if chain.whole:
            try:
                tables = replayed(ledger.database)
            except NotRebuilt as problem:
                why = str(problem)
    ok = chain.ok and tables is not None and tables.ok
    if as_json:
        print_json(
            {
                "ok": ok,
                "chain": chain,
                "anchors": noted.checked if noted else None,
                "torn_anchors": noted.torn if noted else None,
                "differences": tables.differences if tables else None,
                "edited": tables.edited if tables else None,
                "others": tables.others if tables else None,
            }
        )
        ctx.exit(0 if ok else 1)
    _print_chain(chain, noted, anchored=anchor is not None)
    if tables is not None:
        print_differences(tables)
    else:
        answer(f"  The tables were not compared: {why}.")
    ctx.exit(0 if ok else 1)


def _print_chain(chain: Verified, noted: Anchors | None, *, anchored: bool) -> None:
    from ledger.settings.environment import environment
    from ledger.verify.anchors import UNPROVEN, why_none

    for finding in chain.findings:
        answer(f"✗ {finding.where}: {finding.what}")
    if chain.whole:
        answer(
            f"✓ The chain is whole: {counted(chain.events, 'event')} in"
            f" {counted(chain.appends, 'append')}, {counted(chain.blobs, 'stored answer')}"
        )
        if chain.events:
            answer(f"  Its head is position {chain.position}, with the link")
            answer(f"  {chain.link}")
        if noted is not None and not chain.findings:
            answer(f"✓ It has {counted(noted.checked, 'head')} that {noted.path} notes")
        elif noted is None and not anchored:
            what_to_do = f"{why_none(environment())}, or give --anchor LINK"
            answer(f"  {UNPROVEN[0].upper()}{UNPROVEN[1:]}: {what_to_do}")
        if noted is not None and (torn := noted.torn_in_words()):
            answer(f"⚠ {torn[0].upper()}{torn[1:]}")
    for finding in chain.unreadable:
        answer(f"✗ {finding.where}: {finding.what}")


def _verify_pack(path: Path, anchor: str | None, page: NewFile | None, *, as_json: bool) -> bool:
    from ledger.audit.check import check, write_page

    if page is not None:
        page.check(path)
    checked = check(path, anchor=anchor)
    if page is not None and checked.proven:
        write_page(path, page)
    manifest = checked.manifest
    if as_json:
        print_json({"ok": checked.ok, "manifest": manifest, "findings": checked.findings})
        return checked.ok
    for finding in checked.findings:
        answer(f"✗ {finding}")
    if page is not None and not checked.proven:
        answer("  No page was written: it would show what is not proven.")
    if checked.ok:
        answer(f"✓ The {counted(manifest.events, 'event')} of run {manifest.run_id} are whole,")
        answer(f"  on a chain of {counted(checked.appends, 'append')} that ends at position")
        answer(f"  {manifest.position} with the link {manifest.link}")
        if anchor is None:
            answer("  Whose chain it is, a link noted elsewhere proves: add --anchor LINK")
    return checked.ok


@command("export", "admsync export last --audit sitting.zip")
@click.argument("run", shell_complete=completion.runs)
@click.option(
    "--audit",
    "path",
    required=True,
    metavar="OUT.zip",
    type=click.Path(path_type=Path),
    help="The file to write.",
)
@force_option
@json_option
def export(run: str, path: Path, *, force: bool, as_json: bool) -> None:
    """Write one run's events and proof to a file.

    One file, which admsync verify OUT.zip checks without the database: the events as they were
    hashed, the chain from the first of them to its head, the plan of an import, and page.html. No
    name of a person is in it. RUN is as for admsync show.
    """
    from ledger.audit.pack import export as write_pack
    from ledger.runs.states import find_run

    with opened_ledger() as ledger:
        state = find_run(ledger.database, run)
        manifest = write_pack(ledger.database, state.run_id, NewFile(path, force))
    if as_json:
        print_json({"ok": True, "path": str(path), "manifest": manifest})
        return
    report(f"✓ {path}: {counted(manifest.events, 'event')} of run {manifest.run_id}")
    report(f"  Check it with: admsync verify {path}")
