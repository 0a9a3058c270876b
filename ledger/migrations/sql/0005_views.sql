-- For people who read the ledger with SQL. Who reads a view needs the privileges on the tables behind
-- it: security_invoker. The program reads none of them.
CREATE VIEW ledger.run_summaries WITH (security_invoker = true) AS
SELECT r.run_id, r.command, r.actor, r.state, r.reason, r.started_at, r.ended_at,
    r.ended_at - r.started_at AS took, r.refused, r.counts, r.software,
    (SELECT count(*) FROM ledger.events e WHERE e.run_id = r.run_id) AS events,
    (SELECT count(*) FROM ledger.open_writes w WHERE w.run_id = r.run_id) AS open_writes
FROM ledger.runs r;
COMMENT ON VIEW ledger.run_summaries IS
    'A row a run, with how many events it has and how many of its writes have no known outcome. A run whose process was killed stays running here; admsync runs tells it apart.';

CREATE VIEW ledger.readable_events WITH (security_invoker = true) AS
SELECT e.position, e.recorded_at, e.actor, r.command, e.run_id, e.type, e.schema_version,
    split_part(e.stream, '/', 1) AS record_table,
    substr(e.stream, strpos(e.stream, '/') + 1) AS record_key,
    array_remove(e.subjects, e.stream) AS others, e.cause, e.payload::jsonb AS payload
FROM ledger.events e LEFT JOIN ledger.runs r USING (run_id);
COMMENT ON VIEW ledger.readable_events IS
    'A row an event: when, by whom, in which run, about which record. The payload is as it is stored: names of people are digests of ledger.personal. ledger/events/CATALOGUE.md lists the types and their fields.';

CREATE VIEW ledger.open_discrepancies WITH (security_invoker = true) AS
SELECT d.record, split_part(d.record, '/', 1) AS record_table,
    substr(d.record, strpos(d.record, '/') + 1) AS record_key, d.bridge_table, d.outcome, d.reason,
    d.candidates, d.first_seen, d.last_seen, d.last_run, r.command AS last_command, d.position
FROM ledger.discrepancies d LEFT JOIN ledger.runs r ON r.run_id = d.last_run;
COMMENT ON VIEW ledger.open_discrepancies IS
    'A row a record, of either side, without a settled counterpart, with the run that last saw it so.';

-- Whoever may read every table of the schema may read these, as if they had been there at the time.
DO $$
DECLARE reader text;
BEGIN
    FOR reader IN
        SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
        WHERE c.oid IN ('ledger.events'::regclass, 'ledger.runs'::regclass,
                'ledger.discrepancies'::regclass, 'ledger.open_writes'::regclass)
            AND a.privilege_type = 'SELECT' AND a.grantee <> c.relowner
        GROUP BY a.grantee HAVING count(DISTINCT c.oid) = 4
    LOOP
        EXECUTE 'GRANT SELECT ON ledger.run_summaries, ledger.readable_events, '
            || 'ledger.open_discrepancies TO ' || reader;
    END LOOP;
END $$;
