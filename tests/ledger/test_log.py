"""The log: apart from the words for people, and every line of it an entry."""

from __future__ import annotations

import json
import logging
import re
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from ledger.errors import UsageRefused
from ledger.masking import forget_secrets, keep_secret
from ledger.output.lines import NOTICES, Notices, complain, notice_from_handler
from ledger.output.log import FORMS, LogFile, configure_log
from tests.program import admsync
from tests.terminal import at_terminal

SAID = "admsync: cannot\\ngo on\nstopping\n"
LOGFMT = re.compile(r'timestamp=\S+ level=\w+ event=("(?:[^"\\]|\\.)*"|\S+)( \w+=\S.*)?')


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    NOTICES.entry, NOTICES.on_stderr, NOTICES.bare = None, True, Notices.bare
    logging.captureWarnings(capture=False)
    forget_secrets()


def say_everything() -> None:
    """Entries of each origin: ours, an error's, a library's, a warning's, a notice's."""
    keep_secret("gooseberry fool")
    log = structlog.get_logger()
    log.info("decided", **{"gone but kept": 1, "why": "a\nb \x1b[2J"})
    log.debug("of no interest")
    try:
        raise ValueError("no way to gooseberry fool")
    except ValueError:
        log.exception("failed", path=Path("gooseberry fool"), inner={"a": [None, 1.5]})
    logging.getLogger("a.library").warning("%s\nsays so", "it")
    logging.getLogger("a.library").info("of no interest")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old\nways", DeprecationWarning, stacklevel=1)
    complain("cannot\ngo on", "error")
    notice_from_handler("stopping")


def parsed(form: str, lines: list[str]) -> list[str]:
    """What each line is about; fails where one is no entry."""
    if form == "json":
        return [json.loads(line)["event"] for line in lines]
    for line in lines:
        assert LOGFMT.fullmatch(line), line
    return lines


@pytest.mark.parametrize("form", ["json", "text"])
def test_on_standard_error_every_line_is_an_entry(
    form: str, capfd: pytest.CaptureFixture[str]
) -> None:
    configure_log(form)
    say_everything()
    printed = capfd.readouterr().err
    assert "gooseberry" not in printed
    said = parsed(form, printed.splitlines())
    assert len(said) == 6
    for one, about in zip(said, ("decided", "failed", "it", "old", "admsync", "stop"), strict=True):
        assert about in one


@pytest.mark.parametrize("form", ["json", "text"])
def test_in_a_file_it_is_the_same_and_words_are_on_standard_error(
    form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    configure_log(form, file=LogFile(tmp_path / "log"))
    say_everything()
    assert capfd.readouterr().err == SAID
    assert len(parsed(form, (tmp_path / "log").read_text().splitlines())) == 5
    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o600


def test_it_is_nowhere_unless_it_is_asked_for(capfd: pytest.CaptureFixture[str]) -> None:
    configure_log()
    say_everything()
    assert capfd.readouterr().err == SAID
    configure_log(debug=True)
    structlog.get_logger().debug("of interest")
    assert json.loads(capfd.readouterr().err)["event"] == "of interest"


def test_a_file_that_cannot_be_written_is_told_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageRefused, match=f"cannot be written to {tmp_path}: Is a directory"):
        LogFile(tmp_path)
    configure_log(file=LogFile(Path("/dev/full")))
    say_everything()
    assert capfd.readouterr().err.count("the log /dev/full cannot be written") == 1


def test_an_entry_after_one_that_was_cut_short_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "log").write_text('{"event": "cut')
    configure_log(file=LogFile(tmp_path / "log"))
    structlog.get_logger().info("whole")
    [_, line] = (tmp_path / "log").read_text().splitlines()
    assert json.loads(line)["event"] == "whole"


def test_an_error_of_a_command_is_an_entry(database_url: str, tmp_path: Path) -> None:
    for arguments in (("show", "none"), ("nothing",), ("resume", "--debug")):
        done = admsync(*arguments, url=database_url, settings={"ADMSYNC_LOG": "json"})
        assert done.returncode == 2
        assert [json.loads(line) for line in done.stderr.splitlines()][-1]["level"] == "error"
    (tmp_path / ".env").write_text(f"DATABASE_URL={database_url}\nADMSYNC_LOG=json\n")
    done = admsync("show", "none", "--log-file", "log", cwd=tmp_path)
    assert done.stderr.startswith("admsync: no run of id 'none'")
    [line] = (tmp_path / "log").read_text().splitlines()
    assert json.loads(line)["event"] == done.stderr.strip()
    wrong = admsync("runs", url=database_url, settings={"ADMSYNC_LOG": "xml"})
    assert (wrong.returncode, wrong.stderr) == (
        1,
        f"admsync: ADMSYNC_LOG is 'xml'; expected {', '.join(FORMS[:2])} or off\n",
    )


def test_at_a_terminal_there_is_none_of_it(database_url: str) -> None:
    failing = {
        **{f"ADMINISTRATE_{one}_URL": "http://127.0.0.1:9" for one in ("API", "AUTH", "INSTANCE")},
        "ADMINISTRATE_API_KEY": "key",
        "ADMINISTRATE_API_SECRET": "refused",
        "NO_PROXY": "*",
    }
    with at_terminal("erase", "nobody", "--reason", "x", url=database_url, settings=failing) as it:
        it.ends()
    assert "level" not in it.seen
    assert it.seen.count("admsync: ") == 1
