-- Calls to Administrate that a process has reserved, by the server's clock: a count kept beside the
-- ledger and no part of its chain. See sync/administrate/reservations.py.
CREATE TABLE ledger.call_reservations (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reserved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    calls       integer     NOT NULL CHECK (calls >= 0)
);
CREATE INDEX call_reservations_reserved_at_idx ON ledger.call_reservations (reserved_at);
