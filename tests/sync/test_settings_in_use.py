"""The settings as companies have them, from the first command to the last, each in its own form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from attrs import frozen

from importer.output.sample import write_sample
from importer.reference.read import read_local_reference
from ledger.files import NewFile
from sync.sandbox.process import RunningSandbox
from tests.databases import Databases, opened
from tests.deployed import SHAPES, deploy
from tests.ledger.test_naming_a_server import application, libpq
from tests.program import admsync


@frozen
class Form:
    """How a company writes its settings, with the sandbox's host in the vendor's place."""

    instance: str
    auth: str
    api: str
    database: Callable[[str], Mapping[str, str]]
    place: str  # the environment, .env, or another file

    def settings(self, host: str, url: str, sandbox: RunningSandbox) -> dict[str, str]:
        return {
            "ADMINISTRATE_INSTANCE_URL": self.instance.format(host=host),
            "ADMINISTRATE_AUTH_URL": self.auth.format(host=host),
            "ADMINISTRATE_API_URL": self.api.format(host=host),
            "ADMINISTRATE_API_KEY": sandbox.api_key,
            "ADMINISTRATE_API_SECRET": sandbox.api_secret,
            **self.database(url),
        }


def by_url(url: str) -> dict[str, str]:
    return {"DATABASE_URL": f"{url}&prepare_threshold=0"}


FORMS = {
    "bare hosts, the application's database": Form(
        "{host}", "{host}", "{host}", application, "environment"
    ),
    "addresses with slashes, libpq's database": Form(
        "http://{host}/", "http://{host}/oauth/", "http://{host}/graphql/", libpq, ".env"
    ),
    "the vendor's forms, a database by URL": Form(
        "{host}/", "http://{host}/oauth", "http://{host}/graphql", by_url, ".env.uat"
    ),
}
# Which tables are there has nothing to do with how settings are written: each is met once.
MET = tuple(zip(FORMS, ("empty", *SHAPES), strict=True))


@contextmanager
def starting(databases: Databases, kind: str) -> Iterator[str]:
    """The URL of a starting database: with the company's rows, and none of ours."""
    with databases.fresh() as url:
        if kind != "empty":
            with psycopg.connect(url) as connection:
                deploy(connection, "may" if kind == "may" else "february")
        yield url


@pytest.mark.parametrize(("written", "kind"), MET)
def test_everything_works_with_the_settings_as_they_are(
    databases: Databases, sandbox: RunningSandbox, tmp_path: Path, kind: str, written: str
) -> None:
    form = FORMS[written]
    host = sandbox.url.removeprefix("http://")
    with starting(databases, kind) as url:
        given = form.settings(host, url, sandbox)
        options: list[str] = []
        if form.place != "environment":
            lines = "".join(f"{name}={value}\n" for name, value in given.items())
            (tmp_path / form.place).write_text(lines)
            given = {}
        if form.place == ".env.uat":
            options = ["--env-file", str(tmp_path / form.place)]

        def run(*arguments: str, code: int = 0) -> str:
            done = admsync(*arguments, *options, settings=given, cwd=tmp_path)
            assert done.returncode == code, (arguments, done.stdout, done.stderr)
            return done.stdout

        run("migrate")
        assert "✗" not in run("doctor")
        # The older tool's events are not in this Administrate: too many to be gone at once.
        run("sync", "all", "--no-prompt", code=4 if kind == "may" else 0)
        if kind != "empty":
            with opened(url) as database:
                workbook = NewFile(tmp_path / "sitting.xlsx")
                assert write_sample(workbook, read_local_reference(database), events=3)
            printed = run("import-events", "sitting.xlsx", "--no-prompt")
            assert "3 events" in printed
        assert "✗" not in run("verify")
        assert "✗" not in run("doctor")


def test_the_file_may_be_named_before_the_command_or_in_the_environment(
    databases: Databases, tmp_path: Path
) -> None:
    with databases.fresh() as url:
        (tmp_path / ".env").write_text("DATABASE_URL=nonsense\n")
        (tmp_path / "of-uat").write_text(f"DATABASE_URL={url}\n")
        for arguments, settings in (
            (("--env-file", "of-uat", "migrate"), {}),
            (("migrate", "--env-file=of-uat"), {}),
            (("discrepancies", "--env-file", "of-uat"), {}),
            (("migrate",), {"ADMSYNC_ENV_FILE": "of-uat"}),
        ):
            done = admsync(*arguments, settings=settings, cwd=tmp_path)
            assert (done.returncode, done.stderr) == (0, ""), arguments
        missing = admsync("migrate", "--env-file", "of-nobody", cwd=tmp_path)
        assert missing.returncode == 1
        [line] = missing.stderr.splitlines()
        assert f"{tmp_path / 'of-nobody'} cannot be read: No such file or directory" in line
