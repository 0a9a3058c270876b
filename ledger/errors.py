"""The errors a person sees: what happened, where, and what to do next, in one line.

Each ends a command with its class's exit code and no traceback (``--debug`` shows it). Exit codes:
1 failed, 2 wrong usage, 3 stopped where it can go on, 4 done but rows or records were refused.
"""

from __future__ import annotations

from collections.abc import Iterable

from ledger.masking import without_secrets


class AdmsyncError(Exception):
    """A failure with a message for the person at the keyboard; the command exits 1."""

    exit_code = 1

    def __str__(self) -> str:
        """The message, wherever it goes; what it quotes of others may repeat a secret."""
        return without_secrets(self.words())

    def words(self) -> str:
        """The message as it was made."""
        return super().__str__()


class UsageRefused(AdmsyncError):
    """Invalid usage: a flag, a name or a number that is not valid; exits 2."""

    exit_code = 2


class StoppedResumably(AdmsyncError):
    """The run stopped at a point that ``admsync resume`` goes on from; exits 3."""

    exit_code = 3


class SettingsError(AdmsyncError):
    """A setting is missing or cannot be used; the message names it."""


class DatabaseError(AdmsyncError):
    """The database cannot be reached, is too old, or refuses what the program needs."""


class NotMigrated(DatabaseError):
    """The database's schema is not the program's; the message says which of the two to upgrade."""


class DatabaseUnavailable(DatabaseError):
    """The database does not do now what it may do later; a run that meets this can be resumed."""


class DatabaseBusy(DatabaseUnavailable):
    """A lock, lack of space or a cancellation stopped the statement; nothing was done."""


class LockNotGiven(DatabaseBusy):
    """A lock was not given in time, or two sessions waited for each other.

    ``holders`` are those who held it, as far as that was seen, ``said`` the server's words.
    """

    happened = "the database could not do it now"

    def __init__(self, said: str, holders: Iterable[str] = ()) -> None:
        self.said, self.holders = said, tuple(holders)
        why = said
        if self.holders:
            why = f"a lock that it needs is held by {'; '.join(self.holders)}. Wait for its end, or"
            why += " end it with SELECT pg_terminate_backend(PROCESS), then do the same again"
        super().__init__(f"{self.happened}: {why}")


class DatabaseUnreachable(DatabaseUnavailable):
    """The connection could not be made, or was lost; what was asked may or may not be done."""


class AppendRefused(AdmsyncError):
    """The ledger refused a batch of events; none of it is in."""


class UnreadableEvent(AdmsyncError):
    """A stored event is not of a type and shape that this version of the program knows."""


class VersionConflict(AppendRefused):
    """A stream is not at the version the append expected: another append came first."""


class PartlyKnown(AppendRefused):
    """Some events of a batch are in the ledger already, and some are not."""
