CREATE SCHEMA IF NOT EXISTS ledger;

-- Names are compared byte by byte: faster than in a language's order, and no index goes wrong where
-- an upgrade of the system changes that order.
CREATE TABLE ledger.events (
    position       bigint      PRIMARY KEY,
    event_id       uuid        NOT NULL CONSTRAINT events_event_id_key UNIQUE,
    stream         text        COLLATE "C" NOT NULL,
    version        integer     NOT NULL,
    subjects       text[]      COLLATE "C" NOT NULL,
    type           text        COLLATE "C" NOT NULL,
    schema_version smallint    NOT NULL,
    recorded_at    timestamptz NOT NULL,
    actor          text        NOT NULL,
    run_id         uuid,
    cause          bigint,
    payload        json        NOT NULL,
    hash           bytea       NOT NULL,
    CONSTRAINT events_stream_version_key UNIQUE (stream, version)
);
-- Without a list of pending entries: it took 7 KB for each page of 100 reaffirmed records, and
-- appending is no slower without.
CREATE INDEX events_subjects_idx ON ledger.events USING gin (subjects) WITH (fastupdate = off);
CREATE INDEX events_run_idx ON ledger.events (run_id, position) WHERE run_id IS NOT NULL;
CREATE INDEX events_type_idx ON ledger.events (type, position);

-- One row an append. root = SHA-256 of the event hashes in order; link = SHA-256 of the link before
-- it and root, the first one's before being 32 zero bytes.
CREATE TABLE ledger.appends (
    first_position bigint  PRIMARY KEY,
    count          integer NOT NULL CHECK (count > 0),
    root           bytea   NOT NULL,
    link           bytea   NOT NULL
);
CREATE INDEX appends_link_idx ON ledger.appends (link);

-- Raw answers and workbooks, each once, by the SHA-256 of the bytes before compression.
CREATE TABLE ledger.blobs (
    digest  bytea PRIMARY KEY,
    content bytea NOT NULL
);
ALTER TABLE ledger.blobs ALTER COLUMN content SET STORAGE EXTERNAL;

-- What names or reaches a person, by the SHA-256 of salt and value that stands in the events.
CREATE TABLE ledger.personal (
    digest bytea PRIMARY KEY,
    salt   bytea NOT NULL,
    value  text  NOT NULL
);
-- The planner's statistics would keep samples of the values beyond their erasure.
ALTER TABLE ledger.personal ALTER COLUMN value SET STATISTICS 0;
