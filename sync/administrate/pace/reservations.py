"""Calls reserved ahead, in a table that every process of a database shares.

Administrate counts 6,000 calls in any five minutes for the address, whichever run made them. So a
process reserves its calls before it makes them, some at a time. The table is no part of the ledger:
what it holds decides how fast calls go, and nothing else.
"""

from __future__ import annotations

from attrs import frozen
from sqlalchemy import Connection, text

from ledger.database.connection import Database
from sync.administrate.pace import MOST, WINDOW

USABLE = 10.0
"""The seconds for which a reservation may be used. The calls of one made so long before the window
may fall into it, so that the sum goes back that much further."""

_COUNTING = 7_263_550_149_120_386_611  # the advisory lock of the process that reserves
_FORGOTTEN = 2 * WINDOW

_RESERVE = text(
    "INSERT INTO ledger.call_reservations (calls)"
    " SELECT least(:wanted, :most - sum(calls)) FROM ("
    "   SELECT calls FROM ledger.call_reservations"
    "   WHERE reserved_at > clock_timestamp() - make_interval(secs => :span)"
    "   UNION ALL SELECT 0) AS counted"
    " HAVING sum(calls) < :most RETURNING id, calls"
)
_UNTIL_ONE_ENDS = text(
    "SELECT extract(epoch FROM min(reserved_at) - clock_timestamp())::float8 + :span"
    " FROM ledger.call_reservations"
    " WHERE calls > 0 AND reserved_at > clock_timestamp() - make_interval(secs => :span)"
)
_GIVE_BACK = text(
    "UPDATE ledger.call_reservations SET calls = calls - :unused"
    " WHERE id = :id AND calls >= :unused"
)
_FORGET = text(
    "DELETE FROM ledger.call_reservations"
    " WHERE reserved_at < clock_timestamp() - make_interval(secs => :seconds)"
)


@frozen
class Reservation:
    """Calls that may be made within ``USABLE`` seconds of their request."""

    id: int
    calls: int


@frozen
class NoneLeft:
    """The window is full; ``seconds`` until the oldest reservation in it ends."""

    seconds: float


@frozen
class CallReservations:
    """The reservations of a database. Every method raises ``DatabaseError`` where the table is
    missing, cannot be written or cannot be reached."""

    database: Database
    most: int = MOST

    def reserve(self, wanted: int) -> Reservation | NoneLeft:
        """So many calls, or as many as the window still holds."""
        span = WINDOW + USABLE
        with self.database.transaction() as connection:
            # The sum has to see what another process reserves at this moment.
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_COUNTING})"))
            connection.execute(_FORGET, {"seconds": _FORGOTTEN})
            limits = {"wanted": wanted, "most": self.most, "span": span}
            row = connection.execute(_RESERVE, limits).one_or_none()
            if row is not None:
                return Reservation(row.id, row.calls)
            return NoneLeft(self._until_one_ends(connection, span))

    def give_back(self, reservation: Reservation, unused: int) -> None:
        """Stops counting calls that were not made."""
        with self.database.transaction() as connection:
            connection.execute(_GIVE_BACK, {"id": reservation.id, "unused": unused})

    @staticmethod
    def _until_one_ends(connection: Connection, span: float) -> float:
        seconds: float | None = connection.execute(_UNTIL_ONE_ENDS, {"span": span}).scalar()
        return max(seconds or 0.0, 0.0)
