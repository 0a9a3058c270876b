"""A run of the program: every error in one line, and the exit code."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
import traceback
from typing import Any, NoReturn

import click

from ledger.cli.log import DEBUG, begin_log, debugging
from ledger.errors import AdmsyncError
from ledger.masking import without_secrets
from ledger.output.lines import complain, notice, notices_verbatim
from ledger.output.streams import STDOUT, OutputLost, occupy_descriptors
from ledger.output.visible import visible

LONGEST_ARGUMENT = 4_096  # characters, as of a path


def run_program(program: click.Command) -> NoReturn:
    """Runs the program on the given arguments and exits with its code.

    Every error is one line on standard error; ``--debug`` shows the traceback.
    """
    occupy_descriptors()
    _take_strays()
    signal.signal(signal.SIGTERM, _interrupt)
    code, why = _code_of(program)
    if why and "--json" in sys.argv and not STDOUT.used:
        from ledger.output.documents import print_json

        # A program that reads it need not look elsewhere.
        print_json({"error": {"message": why, "exit_code": code}})
    if STDOUT.owed:
        code = code or OutputLost.exit_code
        if not STDOUT.reader_has_gone:
            complain(f"the output cannot be written: {STDOUT.why_lost}", "error")
    sys.exit(code)


def _refuse_large_arguments() -> None:
    """No id, name, path or reason is that long, and messages repeat what was typed."""
    for argument in sys.argv[1:]:
        if len(argument) > LONGEST_ARGUMENT:
            raise click.UsageError(
                f"the argument that begins with {argument[:40]!r} has {len(argument):,} characters;"
                f" more than {LONGEST_ARGUMENT:,} are not taken"
            )


def _code_of(program: click.Command) -> tuple[int, str]:
    """The exit code, and what went wrong."""
    try:
        _refuse_large_arguments()
        if os.environ.get("ADMSYNC_LOG"):  # nothing is loaded for it otherwise
            begin_log(os.environ)
        # A command's own exit code is returned from here.
        code: int | None = program.main(standalone_mode=False)
    except click.ClickException as problem:
        _show_usage(problem)
        return problem.exit_code, problem.format_message()
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted", "error")
        return 130, "interrupted"
    except OutputLost as problem:
        return problem.exit_code, ""  # said at the very end
    except Exception as problem:  # noqa: BLE001 - whatever it was, the person gets one line
        return _explained(problem)
    return code or 0, ""


def _explained(problem: BaseException) -> tuple[int, str]:
    """Prints what failed; gives the exit code, and what it printed."""
    if debugging():
        notices_verbatim("".join(traceback.format_exception(problem)).rstrip("\n"))
    code, why = 1, f"unexpected {type(problem).__name__}: {problem}; {DEBUG} shows where"
    if isinstance(problem, AdmsyncError):
        code, why = problem.exit_code, str(problem)
    complain(why, "error")
    return code, without_secrets(why)


def _take_strays() -> None:
    """Has an error that no command sees, of a thread or of what is thrown away, go the same way."""

    def explain(stray: Any) -> None:
        _explained(stray.exc_value or stray.exc_type())

    sys.excepthook = lambda _kind, problem, _trace: _explained(problem)
    threading.excepthook = sys.unraisablehook = explain


def _show_usage(problem: click.ClickException) -> None:
    text = io.StringIO()
    # Its message is one line, whatever was typed.
    message = visible(problem.format_message())
    click.UsageError(message, getattr(problem, "ctx", None)).show(text)
    for line in text.getvalue().splitlines():
        notice(line, "error")


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
