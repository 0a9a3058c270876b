"""What every command with a plan does with it: it is shown, kept or compared, and agreed to."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from attrs import frozen

from ledger.cli.command import force_option, require_agreement
from ledger.output.lines import answer_lines, report, report_lines
from ledger.output.plans import ShownPlan, plan_lines

if TYPE_CHECKING:
    from ledger.database.connection import Database
    from ledger.runs.kept_plan import KeptPlan

_F = TypeVar("_F", bound=Callable[..., Any])


@frozen
class Judging:
    """How a person judges a plan.

    ``full``: every line of it is shown. ``save`` is the file to keep it in, ``kept`` the one whose
    plan is carried out.
    """

    dry_run: bool = False
    yes: bool = False
    full: bool = False
    save: Path | None = None
    kept: Path | None = None
    force: bool = False

    @property
    def rehearsed(self) -> bool:
        """Whether nothing is to be carried out."""
        return self.dry_run or self.save is not None

    def show(self, plan: ShownPlan) -> None:
        """Shows a plan, as the answer where it is all that was asked for."""
        say = answer_lines if self.rehearsed else report_lines
        say(plan_lines(plan, full=self.full))

    def settle(self, database: Database, plan: KeptPlan) -> None:
        """Keeps the plan, or checks that it is the one that was kept.

        Raises what ``check_kept`` and ``NewFile`` raise.
        """
        from ledger.files import NewFile
        from ledger.runs.kept_plan import check_kept, keep_plan

        with database.driver_transaction() as connection:
            if self.kept is not None:
                check_kept(self.kept, connection, plan)
            if self.save is not None:
                keep_plan(NewFile(self.save, self.force), connection, plan)

    def say_kept(self) -> None:
        """Says where the plan is kept, and how it is carried out."""
        if self.save is not None:
            report(f"The plan is kept in {self.save}; the same with --plan carries it out.")

    def agree(self, question: str) -> None:
        """Asks whether to carry the plan out; raises where that is not agreed to."""
        require_agreement(question, yes=self.yes)


def judging_options(*, yes: str, dry_run: str, force: bool = True) -> Callable[[_F], _F]:
    """The options of a command with a plan, handed to it as ``judging``.

    ``yes`` and ``dry_run`` are the help of these two; without ``force`` the command has that option
    itself.
    """
    path = click.Path(path_type=Path, dir_okay=False)

    def add(function: _F) -> _F:
        @wraps(function)
        def judged(**given: Any) -> Any:
            names = ("dry_run", "yes", "full", "save", "kept")
            judging = Judging(**{name: given.pop(name) for name in names}, force=given["force"])
            if force:
                del given["force"]
            if judging.save and judging.kept:
                raise click.UsageError("either --save-plan or --plan")
            return function(judging=judging, **given)

        found: Any = judged
        for option in (
            *((force_option,) if force else ()),
            click.option(
                "--plan",
                "kept",
                metavar="FILE",
                type=path,
                help="Carry out the plan in FILE, or nothing where it would be another by now.",
            ),
            click.option(
                "--save-plan",
                "save",
                metavar="FILE",
                type=path,
                help="Keep the plan in FILE and change nothing.",
            ),
            click.option("--full", is_flag=True, help="Show every line of the plan."),
            click.option("--yes", is_flag=True, help=yes),
            click.option("--dry-run", is_flag=True, help=dry_run),
        ):
            found = option(found)
        return found  # type: ignore[no-any-return]  # of the same parameters, but for the options

    return add
