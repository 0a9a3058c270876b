"""The settings there are: the process's environment, and behind it a file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from attrs import field, frozen

from ledger.errors import SettingsError
from ledger.settings.declared import switched_on
from ledger.settings.env_file import read_env_file

PROCESS = "the environment"
_FILE = "ADMSYNC_ENV_FILE"
_MIXED = "ADMSYNC_ALLOW_MIXED_SOURCES"


@frozen
class Environment(Mapping[str, str]):
    """What is set, and where: the process's environment goes before the file. Empty is unset."""

    process: Mapping[str, str] = field(repr=False)
    stored: Mapping[str, str] = field(factory=dict, repr=False)
    path: Path | None = None

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Environment:
        """An environment as it is, or any other settings as those of the process."""
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

    def source(self, name: str) -> str | None:
        """Where a setting comes from, in words; None where it is not set."""
        if self.process.get(name):
            return PROCESS
        return str(self.path) if self.stored.get(name) else None

    def require_one_source(self, secrets: Iterable[str], addresses: Iterable[str]) -> None:
        """Raises ``SettingsError`` where a secret would go to an address of another source.

        Whoever may write the one (a ``.env`` in some directory) is not always who may have the
        other. The owner's word to the contrary counts from the process's environment alone.
        """
        if switched_on(self.process, _MIXED):
            return
        given = [name for name in addresses if self.source(name)]
        for secret in filter(self.source, secrets):
            for address in given:
                if self.source(secret) != self.source(address):
                    raise SettingsError(
                        f"{address} is from {self.source(address)}, {secret} from"
                        f" {self.source(secret)}: a secret goes to no address of another source;"
                        f" set both in one place, or {_MIXED}=1 in the environment"
                    )


def environment() -> Environment:
    """What is set: in the process's environment, and behind it in ``.env`` of the working
    directory or in the file that ``ADMSYNC_ENV_FILE`` names.

    Raises ``SettingsError`` where there is such a file and it is not to be read.
    """
    named = os.environ.get(_FILE)
    path = Path(named or ".env")
    return Environment(dict(os.environ), read_env_file(path, named=bool(named)), path.absolute())


def name_env_file(path: str) -> None:
    """Has ``environment`` read this file."""
    os.environ[_FILE] = path


def actor(environ: Mapping[str, str]) -> str:
    """Who acts: ``ADMSYNC_ACTOR`` (say ``cron``), or the user the program runs as."""
    import getpass  # noqa: PLC0415 - the help text does without it

    name = environ.get("ADMSYNC_ACTOR")
    if not name:
        try:
            name = getpass.getuser()
        except (KeyError, OSError):  # a user whom the system knows by number alone
            name = f"uid {os.getuid()}"
    # Bytes of the environment that are no UTF-8 come as lone surrogates, which no column holds.
    return name.encode("utf-8", "replace").decode()
