"""Output files of commands: written whole or not at all; an existing file is replaced only on
request."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from attrs import frozen

from ledger.errors import AdmsyncError


class NotWritten(AdmsyncError):
    """A file could not be written; an existing one is unchanged."""


@frozen
class NewFile:
    """A file to write. ``replaces`` says that it may take the place of one that is there."""

    path: Path
    replaces: bool = False

    def check(self, *inputs: Path) -> None:
        """Raises ``NotWritten`` where it could not be written, or would be one of the inputs.

        Asked before the work whose outcome it holds, so that none is done in vain.
        """
        path = self.path
        for given in inputs:
            if path.exists() and given.exists() and path.samefile(given):
                raise NotWritten(f"{path} is the file to read; name another to write")
        if path.is_symlink() and path.lstat().st_uid not in (os.geteuid(), 0):
            raise NotWritten(f"{path} is a link that another user made; name another file")
        if path.is_dir():
            raise NotWritten(f"{path} is a folder; name a file in it")
        if not self.replaces and os.path.lexists(path):
            raise self._is_there()
        if not path.parent.is_dir():
            raise NotWritten(f"{path} cannot be written: there is no folder {path.parent}")
        if not os.access(path.parent, os.W_OK):
            raise NotWritten(f"{path} cannot be written: nothing may be written in {path.parent}")

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """What to write into; put in its place at the end, removed where anything is raised.

        Only its owner may read it: names of people may be in it.
        """
        self.check()
        target = self.path.resolve() if self.replaces else self.path
        part: Path | None = None
        try:
            # In the same directory, so that a rename publishes it whole.
            number, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
            part = Path(name)
            with os.fdopen(number, "w+b") as into:
                yield into
            self._place(part, target)
        except FileExistsError as problem:
            raise self._is_there() from problem
        except OSError as problem:
            why = problem.strerror or problem
            raise NotWritten(f"{self.path} cannot be written: {why}") from problem
        finally:
            if part is not None:
                part.unlink(missing_ok=True)

    def _is_there(self) -> NotWritten:
        return NotWritten(f"{self.path} is there already; name another file, or add --force")

    def _place(self, part: Path, target: Path) -> None:
        if self.replaces:
            part.replace(target)
            return
        try:
            # Unlike a rename, this fails where the file was created meanwhile.
            target.hardlink_to(part)
        except FileExistsError:
            raise
        except OSError:
            # A file system without such links: the name is claimed, then taken.
            target.open("xb").close()
            part.replace(target)
