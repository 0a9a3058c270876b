-- What people see of schema ledger in psql (\d+) and in tools.
DO $$
BEGIN
    -- It may have been made beforehand, by an administrator.
    IF pg_has_role((SELECT nspowner FROM pg_namespace WHERE nspname = 'ledger'), 'USAGE') THEN
        COMMENT ON SCHEMA ledger IS
            'The append-only record of admsync. Events, appends, blobs and personal are the record; the other tables follow from it. Change nothing here by hand; begin with run_summaries, readable_events and open_discrepancies.';
    END IF;
END $$;

COMMENT ON TABLE ledger.events IS 'What happened, in order; appended by ledger.append, never changed.';
COMMENT ON COLUMN ledger.events.position IS 'Dense, in the order of commits.';
COMMENT ON COLUMN ledger.events.stream IS 'The record whose history it is a step of, TABLE/KEY, or run/ID.';
COMMENT ON COLUMN ledger.events.version IS 'Its number within the stream, from 1.';
COMMENT ON COLUMN ledger.events.subjects IS 'Every record it is about, the stream among them.';
COMMENT ON COLUMN ledger.events.type IS 'See ledger/events/CATALOGUE.md.';
COMMENT ON COLUMN ledger.events.schema_version IS 'Of the payload of this type.';
COMMENT ON COLUMN ledger.events.actor IS 'Who acted: ADMSYNC_ACTOR, or the user''s name.';
COMMENT ON COLUMN ledger.events.run_id IS 'The run it is of: ledger.runs.';
COMMENT ON COLUMN ledger.events.cause IS 'Position of the event it follows from.';
COMMENT ON COLUMN ledger.events.payload IS 'Canonical JSON (RFC 8785); "$personal" holds a digest of ledger.personal.';
COMMENT ON COLUMN ledger.events.hash IS 'SHA-256 of all the other columns.';

COMMENT ON TABLE ledger.appends IS 'A row an append: the chain of hashes that admsync verify computes again.';
COMMENT ON COLUMN ledger.appends.root IS 'SHA-256 of the hashes of its events in order.';
COMMENT ON COLUMN ledger.appends.link IS 'SHA-256 of the link before it and root.';
COMMENT ON TABLE ledger.blobs IS 'Stored answers of Administrate and workbooks, each once, compressed.';
COMMENT ON COLUMN ledger.blobs.digest IS 'SHA-256 of the bytes before compression.';
COMMENT ON TABLE ledger.personal IS 'What names or reaches a person, apart from the events, so that admsync erase can delete it.';
COMMENT ON COLUMN ledger.personal.digest IS 'SHA-256 of salt and value; the events hold it.';
COMMENT ON TABLE ledger.call_reservations IS 'Calls to Administrate that processes have reserved, to keep under its limit together; no part of the record.';

COMMENT ON TABLE ledger.schema_versions IS 'The last migration that was run: admsync migrate.';

COMMENT ON TABLE ledger.runs IS 'A row a run, projected from its events.';
COMMENT ON COLUMN ledger.runs.state IS 'running, done, stopped, failed or undone; a killed run stays running.';
COMMENT ON COLUMN ledger.runs.reason IS 'Why it stopped or failed.';
COMMENT ON COLUMN ledger.runs.counts IS 'What it did, in numbers.';
COMMENT ON COLUMN ledger.runs.refused IS 'Records or rows that it refused.';
COMMENT ON COLUMN ledger.runs.first_position IS 'Position of its first event.';

COMMENT ON TABLE ledger.discrepancies IS 'A row a record whose counterpart is not settled, projected from the last decision about it.';
COMMENT ON COLUMN ledger.discrepancies.record IS 'TABLE/KEY, of either side.';
COMMENT ON COLUMN ledger.discrepancies.bridge_table IS 'The table of adm that it belongs to, or was looked for in.';
COMMENT ON COLUMN ledger.discrepancies.outcome IS 'unmatched, ambiguous, or linked: a link that a person should look at.';
COMMENT ON COLUMN ledger.discrepancies.candidates IS 'Records it might belong to.';
COMMENT ON COLUMN ledger.discrepancies.position IS 'Of the event that decided it so.';

COMMENT ON TABLE ledger.open_writes IS 'A row a write to Administrate whose outcome is not known, projected.';
COMMENT ON COLUMN ledger.open_writes.about IS 'The record that it is for.';
COMMENT ON COLUMN ledger.open_writes.slot IS 'Names the write within its run.';
COMMENT ON COLUMN ledger.open_writes.state IS 'requested, unanswered or disputed.';
