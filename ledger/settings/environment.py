"""Settings: their declaration, and their values in the environment and in a file behind it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path

from attrs import evolve, field, frozen

from ledger.blank import is_blank
from ledger.errors import SettingsError
from ledger.masking import keep_passwords, keep_secret
from ledger.settings.env_file import read_env_file, read_secret_file
from ledger.typed import as_typed

PROCESS = "the environment"
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class Kind(Enum):
    """The kind of a setting's value, in the words of an error message."""

    TEXT = "a text"
    # Never printed, and never sent to an address of another source.
    SECRET = "a secret"  # noqa: S105 - not one
    ADDRESS = "an address"
    PORT = "a number"
    SWITCH = "1 or 0"
    LOG = "json, text or off"
    DURATION = "minutes, or a duration like 90s, 10m or 2h, of at most a day"


@frozen
class Setting:
    """A variable that the program reads. ``default`` is the value in effect where it is not set, or
    a description of it; settings with the same ``meaning`` are one row of the README's table."""

    name: str
    meaning: str
    kind: Kind = Kind.TEXT
    default: str = ""

    @property
    def of_file(self) -> str:
        """The variable that names a file with a secret in it."""
        return f"{self.name}_FILE"

    def wrong(self, value: str) -> SettingsError:
        """The error for a value that is not of the setting's kind."""
        return SettingsError(f"{self.name} is {value!r}; expected {self.kind.value}")

    def text(self, environ: Mapping[str, str]) -> str:
        """The value as text, UTF-8 whatever the locale; empty where it is not set. SettingsError,
        which quotes nothing of it, where its bytes are none."""
        value = as_typed(environ.get(self.name, ""))
        try:
            value.encode()
        except UnicodeError:
            raise SettingsError(f"{self.name} is not UTF-8 text; set it anew in UTF-8") from None
        return value

    def choice(self, environ: Mapping[str, str]) -> str:
        """The word that is set, of those in its kind's words, or the default. SettingsError where
        it is none of them."""
        given = environ.get(self.name, "") or self.default
        value = given.strip().lower()
        if value not in self.kind.value.replace(",", "").split():
            raise self.wrong(given)
        return value

    def is_on(self, environ: Mapping[str, str]) -> bool:
        """Whether a switch is on (unset: off). SettingsError where it is neither."""
        given = environ.get(self.name, "")
        value = given.strip().lower()
        if value not in (*_YES, *_NO, ""):
            raise self.wrong(given)
        return value in _YES


ALLOW_MIXED = Setting(
    "ADMSYNC_ALLOW_MIXED_SOURCES",
    "`1`, in the environment: a secret and an address may come from different sources",
    Kind.SWITCH,
)
ACTOR = Setting("ADMSYNC_ACTOR", "who acts, say `cron`", default="the user's name")
ANCHORS = Setting(
    "ADMSYNC_ANCHORS",
    "where the end of each run notes the chain's head: a file (a line each), or an `http(s)` URL"
    " (posted); `verify` and `doctor` compare the ledger with the file",
)
ENV_FILE = Setting("ADMSYNC_ENV_FILE", "the file of settings, as `--env-file`", default=".env")
LOG = Setting(
    "ADMSYNC_LOG",
    "the log, a line an entry: `json`, or `text` (logfmt), in the file of `--log-file`, or else on"
    " standard error, where nothing but entries stands then; with `--log-file` it is `json` unless"
    " this says `text`",
    Kind.LOG,
    default="off",
)
NOTIFY = Setting(
    "ADMSYNC_NOTIFY",
    "whom to tell of a sync that failed, of the first that is done after it, and of new"
    " discrepancies: addresses as the library Apprise takes them (`mailto://…`, `slack://…`,"
    " `json://…`), separated by commas",
    Kind.SECRET,
)
PAGER = Setting(
    "ADMSYNC_PAGER",
    "in the environment: what shows what is longer than the terminal, in the place of `PAGER`;"
    " `cat` for none, as `--no-pager`",
    default="less",
)
# Read before every other: they name the source of the others.
SETTINGS = (ACTOR, ALLOW_MIXED, ANCHORS, ENV_FILE, LOG, NOTIFY, PAGER)


@frozen
class Environment(Mapping[str, str]):
    """The settings and their sources: the process's environment goes before the file. Empty is
    unset."""

    process: Mapping[str, str] = field(repr=False)
    stored: Mapping[str, str] = field(factory=dict, repr=False)
    path: Path | None = None

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Environment:
        """An environment as it is, or other settings as those of the process."""
        return environ if isinstance(environ, Environment) else cls(environ)

    def __getitem__(self, name: str) -> str:
        value = self.process.get(name) or self.stored.get(name)
        if not value:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return (name for name in {**self.stored, **self.process} if self.source(name))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def with_secrets(self, settings: Iterable[Setting]) -> Environment:
        """The environment with the secrets among these settings that stand in files of their own:
        ``DB_PASSWORD_FILE`` names one. Each is of the source that names its file.

        Raises ``SettingsError`` where such a file is not to be used, or one source gives both.
        """
        settings = list(settings)
        secrets = [one for one in settings if one.kind is Kind.SECRET]
        process = _with_files(self.process, secrets)
        hidden = [one for one in secrets if not process.get(one.name)]
        found = evolve(self, process=process, stored=_with_files(self.stored, hidden))
        openly = [found.get(one.name, "") for one in settings if one.kind is not Kind.SECRET]
        for secret in secrets:
            keep_secret(found.get(secret.name, "").strip(), openly)
        for one in settings:
            if one.kind is Kind.ADDRESS:
                keep_passwords(found.get(one.name, "").strip())
        return found

    def source(self, name: str) -> str | None:
        """The source of a setting, in words; None where it is not set."""
        if self.process.get(name):
            return PROCESS
        return str(self.path) if self.stored.get(name) else None

    def require_one_source(self, secrets: Iterable[str], addresses: Iterable[str]) -> None:
        """Raises ``SettingsError`` where a secret would go to an address of another source.

        The writer of the one (a ``.env`` in some directory) may not be entitled to the other.
        ``ADMSYNC_ALLOW_MIXED_SOURCES`` counts from the process's environment alone.
        """
        if ALLOW_MIXED.is_on(self.process):
            return
        given = [name for name in addresses if self.source(name)]
        for secret in filter(self.source, secrets):
            for address in given:
                if self.source(secret) != self.source(address):
                    raise SettingsError(
                        f"{address} is from {self.source(address)}, {secret} from"
                        f" {self.source(secret)}: a secret goes to no address of another source;"
                        f" set both in one place, or {ALLOW_MIXED.name}=1 in the environment"
                    )


def _with_files(given: Mapping[str, str], secrets: Iterable[Setting]) -> Mapping[str, str]:
    """The settings with the secrets, as text, that stand in them or in files that they name."""
    found = dict(given)
    for secret in secrets:
        if found.get(secret.name):
            found[secret.name] = secret.text(found)
        if not (file := found.pop(secret.of_file, "")):
            continue
        if found.get(secret.name):
            raise SettingsError(f"{secret.name} and {secret.of_file} are both set; unset one")
        found[secret.name] = read_secret_file(secret.of_file, Path(file))
    return found


def environment() -> Environment:
    """The settings of the process's environment, and behind it of ``.env`` in the working directory
    or of the file that ``ADMSYNC_ENV_FILE`` names.

    Raises ``SettingsError`` where there is such a file and it is not to be read.
    """
    _keep_passwords_of(os.environ)
    named = os.environ.get(ENV_FILE.name)
    path = Path(named or ".env")
    stored = read_env_file(path, named=bool(named))
    _keep_passwords_of(stored)
    return Environment(dict(os.environ), stored, path.absolute())


def _keep_passwords_of(given: Mapping[str, str]) -> None:
    """Keeps the passwords in addresses, whatever each is set for: an error may quote any."""
    for value in (as_typed(one).strip() for one in given.values()):
        if "//" in value:
            keep_passwords(value)


def name_env_file(path: str) -> None:
    """Has ``environment`` read this file."""
    os.environ[ENV_FILE.name] = path


def actor(environ: Mapping[str, str]) -> str:
    """``ADMSYNC_ACTOR`` (say ``cron``), or the user that the program runs as."""
    import getpass  # noqa: PLC0415 - the help text does without it

    name = as_typed(environ.get(ACTOR.name, "")).strip()
    if is_blank(name):
        try:
            name = as_typed(getpass.getuser())
        except (KeyError, OSError):  # a user whom the system knows by number alone
            name = f"uid {os.getuid()}"
    # Bytes of the environment that are no UTF-8 come as lone surrogates, which no column holds.
    return name.encode("utf-8", "replace").decode()
