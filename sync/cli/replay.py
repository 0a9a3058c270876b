"""``replay``: the tables rebuilt, a stopped run's progress, or links decided by today's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ledger.cli.command import command, json_option, opened_ledger
from ledger.output.documents import print_json
from ledger.output.lines import answer
from ledger.output.words import counted, local_time

if TYPE_CHECKING:
    from ledger.history.descriptions import Names
    from sync.decide.replay_rules import Decided, ExplainedChange


@command("replay")
@click.argument("run", required=False)
@json_option
@click.option("--apply", "mending", is_flag=True, help="Set what differs to what the ledger says.")
@click.option("--at", metavar="POSITION|TIME", help="Show the tables as they were then.")
@click.option("--table", metavar="TABLE", help="With --at: only this table, say adm.venues.")
@click.option("--rules", is_flag=True, help="Decide recorded fetches again by today's rules.")
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
) -> None:
    """Rebuild the tables from the ledger and compare.

    Prints the differences to the database; exit 1 if there are any. With --apply the tables are set
    to what the ledger says, in a run of its own. With --at they are shown as of a position or a
    time, and nothing is compared.

    With RUN: what a stopped run did and would do next, without calling anything. With --rules: each
    entity's newest fetch, or RUN's, is matched again by today's rules, and the links that would
    appear, go or move are shown with both explanations. Neither writes anything.
    """
    from ledger.cli.replay import compare_tables, print_state

    if sum((mending, at is not None, rules)) > 1:
        raise click.UsageError("--apply, --at and --rules are three different questions")
    if table is not None and at is None:
        raise click.UsageError("--table goes with --at")
    if run is not None and (mending or at is not None):
        raise click.UsageError("RUN goes alone, or with --rules")
    if rules:
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
    from sync.decide.replay_rules import decide_again, explained_changes

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
