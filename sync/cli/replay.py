"""``replay``: the tables rebuilt, a stopped run's progress, or links decided by today's rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ledger.cli import completion
from ledger.cli.command import command, json_option, opened_ledger
from ledger.output.documents import print_json
from ledger.output.lines import answer
from ledger.output.words import counted, local_time

if TYPE_CHECKING:
    from ledger.history.descriptions import Names
    from sync.replay.changed_forms import ChangedSuggestions
    from sync.replay.replay_rules import Decided, ExplainedChange


@command(
    "replay",
    "admsync replay",
    "admsync replay --at 616 --table adm.pricelevels",
    "admsync replay last",
    "admsync replay --rules",
)
@click.argument("run", required=False, shell_complete=completion.runs)
@json_option
@click.option("--apply", "mending", is_flag=True, help="Set what differs to what the ledger says.")
@click.option("--at", metavar="POSITION|TIME", help="Show the tables as they were then.")
@click.option("--table", metavar="TABLE", help="With --at: only this table, say adm.venues.")
@click.option("--rules", is_flag=True, help="Decide recorded fetches again by today's rules.")
@click.option(
    "--forms",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --rules: a changed table of forms of words.",
)
@click.pass_context
def replay(
    ctx: click.Context,
    run: str | None,
    *,
    as_json: bool,
    mending: bool,
    at: str | None,
    table: str | None,
    rules: bool,
    forms: Path | None,
) -> None:
    """Rebuild the tables from the ledger and compare.

    Prints the differences to the database; exit 1 if there are any. With --apply the tables are set
    to what the ledger says, in a run of its own. With --at they are shown as of a position or a
    time, and nothing is compared.

    With RUN: what a stopped run did and would do next, without calling anything. With --rules: each
    entity's newest fetch, or RUN's, is matched again by today's rules, and the links that would
    appear, go or move are shown with both explanations. With --forms, too: which suggestions would
    come and go with that table in place of sync/matching/forms.toml, and what it would suggest of
    the pairs that people accepted and rejected. None of these writes anything.
    """
    from ledger.cli.replay import compare_tables, print_state

    if sum((mending, at is not None, rules)) > 1:
        raise click.UsageError("--apply, --at and --rules are three different questions")
    if table is not None and at is None:
        raise click.UsageError("--table goes with --at")
    if forms is not None and (not rules or run is not None):
        raise click.UsageError("--forms goes with --rules, and without RUN")
    if run is not None and (mending or at is not None):
        raise click.UsageError("RUN goes alone, or with --rules")
    if forms is not None:
        _print_forms(forms, as_json=as_json)
    elif rules:
        _print_rules(run, as_json=as_json)
    elif run is not None:
        _print_progress(run, as_json=as_json)
    elif at is not None:
        print_state(at, table, as_json=as_json)
    else:
        ctx.exit(0 if compare_tables(mending=mending, as_json=as_json) else 1)


def _print_progress(run: str, *, as_json: bool) -> None:
    from ledger.cli.history import print_run
    from ledger.runs.states import find_run
    from sync.run_progress import progress_of

    with opened_ledger(announcing=False) as ledger:
        state = find_run(ledger.database, run)
        progress = progress_of(ledger, state)
    if as_json:
        told = {"run_id": state.run_id, "state": state.state}
        print_json({"ok": True, **told, "did": progress.did, "would": progress.would})
        return
    print_run(state)
    for heading, lines in (("It did:", progress.did), ("Resumed, it would:", progress.would)):
        answer(heading)
        for line in lines or ("nothing",):
            answer(f"  {line}")


def _print_rules(run: str | None, *, as_json: bool) -> None:
    from ledger.database.connection import driver
    from ledger.history.display_names import Called
    from ledger.runs.states import find_run
    from sync.replay.replay_rules import decide_again, explained_changes

    with opened_ledger() as ledger, ledger.database.transaction() as connection:
        chosen = None if run is None else find_run(ledger.database, run).run_id
        called = Called(driver(connection))
        decided = [
            (one, explained_changes(driver(connection), one, called))
            for one in decide_again(ledger, chosen)
        ]
        if as_json:
            differences = [_rules_json(one, why) for one, each in decided for why in each]
            print_json({"ok": not differences, "differences": differences})
            return
        for one, each in decided:
            _print_decided(one, each, called)
    if not decided:
        answer("No recorded sync of anything that is matched.")


def _print_forms(path: Path, *, as_json: bool) -> None:
    from ledger.database.connection import driver
    from ledger.errors import UsageRefused
    from ledger.history.display_names import Called
    from sync.matching.forms import BadFormsError, Forms
    from sync.replay.changed_forms import changed_suggestions

    try:
        forms = Forms.read(path.read_text("utf-8"))
    except (BadFormsError, UnicodeDecodeError) as error:
        raise UsageRefused(
            f"{path}: {error}; see sync/matching/forms.toml for the shape of such a table"
        ) from error
    with opened_ledger() as ledger, ledger.database.transaction() as connection:
        found = list(changed_suggestions(driver(connection), forms))
        if as_json:
            print_json({"ok": True, "suggestions": [_forms_json(one) for one in found]})
            return
        called = Called(driver(connection))
        called.learn({name for one in found for pair in (*one.come, *one.go) for name in pair})
        for one in found:
            _print_changed(one, called)


def _print_changed(one: ChangedSuggestions, called: Names) -> None:
    if one.come or one.go:
        answer(f"⚠ {one.entity.title}: {len(one.come)} would be suggested, {len(one.go)} no longer")
    else:
        answer(f"✓ {one.entity.title}: every suggestion would be the same")
    for sign, pairs in (("+", one.come), ("-", one.go)):
        for mine, theirs in pairs:
            answer(f"  {sign} {called(mine)} and {called(theirs)}")
    for told, standing in (("accepted", one.accepted), ("rejected", one.rejected)):
        if standing.pairs:
            answer(
                f"  of {counted(standing.pairs, 'pair')} that people {told}, it would suggest"
                f" {standing.after}; today {standing.before}"
            )


def _forms_json(one: ChangedSuggestions) -> dict[str, object]:
    return {
        "entity": one.entity.name,
        "come": one.come,
        "go": one.go,
        "accepted": one.accepted,
        "rejected": one.rejected,
    }


def _print_decided(one: Decided, each: list[ExplainedChange], called: Names) -> None:
    told = f"{one.entity.title}, as run {str(one.run_id)[-12:]} fetched them"
    if one.erased:
        told += f" ({counted(one.erased, 'page')} erased since: their current records)"
    if not each:
        answer(f"✓ {told}: every link would be the same")
        return
    answer(f"⚠ {told}: {counted(len(each), 'link')} would differ")
    for why in each:
        other = why.link
        sides = [called(side) if side else "not linked" for side in (other.before, other.after)]
        answer(f"  {called(other.record)}: the link {other.change}: {' → '.join(sides)}")
        if other.was is not None:
            answer(f"    then ({local_time(other.was.recorded_at)}):")
            for line in why.then:
                answer(f"      {line}")
        answer("    by today's rules:")
        for line in why.today:
            answer(f"      {line}")


def _rules_json(one: Decided, why: ExplainedChange) -> dict[str, object]:
    return {
        "entity": one.entity.name,
        "run_id": one.run_id,
        "record": why.link.record,
        "change": why.link.change,
        "before": why.link.before,
        "after": why.link.after,
        "then": why.then,
        "today": why.today,
    }
