-- What both sides of linked events and sessions last agreed on, field by field.
CREATE TABLE IF NOT EXISTS ledger.field_bases (
    record     text   PRIMARY KEY,
    tutorial   text   NOT NULL,
    pairs      jsonb  NOT NULL,
    taken_back jsonb  NOT NULL,
    decided    jsonb  NOT NULL,
    listed     jsonb  NOT NULL,
    position   bigint NOT NULL
);
COMMENT ON TABLE ledger.field_bases IS
    'A row a linked event or session: its fields as both sides last agreed on them, projected from FieldsAgreed, FieldsDiffer and FieldDecided.';
COMMENT ON COLUMN ledger.field_bases.record IS 'The bridge record: adm.events/KEY.';
COMMENT ON COLUMN ledger.field_bases.tutorial IS 'The tutorial record that it is linked with.';
COMMENT ON COLUMN ledger.field_bases.pairs IS 'What each side held of a field when they last agreed.';
COMMENT ON COLUMN ledger.field_bases.taken_back IS
    'Values of Administrate''s that a rollback took back; not applied again until they change.';
COMMENT ON COLUMN ledger.field_bases.decided IS
    'A person''s decision about a field, for the two values that it was about.';
COMMENT ON COLUMN ledger.field_bases.listed IS 'Fields out of step; field_discrepancies shows them.';
COMMENT ON COLUMN ledger.field_bases.position IS 'Of the event that changed it last.';

CREATE OR REPLACE VIEW ledger.field_discrepancies WITH (security_invoker = true) AS
SELECT b.record, l.field, split_part(b.record, '/', 1) AS bridge_table, b.tutorial,
    l.said ->> 'kind' AS kind, nullif(l.said -> 'base', 'null') AS base,
    l.said -> 'administrate' AS administrate, l.said -> 'tutorial' AS tutorial_value,
    (l.said ->> 'since')::timestamptz AS since, (l.said ->> 'run')::uuid AS run_id,
    (l.said ->> 'position')::bigint AS position
FROM ledger.field_bases b CROSS JOIN LATERAL jsonb_each(b.listed) AS l (field, said);
COMMENT ON VIEW ledger.field_discrepancies IS
    'A row a record and field out of step between the two systems: what was last agreed on, what each side holds, and since when.';

-- Whoever may read or write the discrepancies may do the same here, as if this had been there.
DO $$
DECLARE granted record;
BEGIN
    FOR granted IN
        SELECT a.privilege_type AS privilege,
            CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
                AS grantee
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
        WHERE c.oid = 'ledger.discrepancies'::regclass AND a.grantee <> c.relowner
            AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    LOOP
        EXECUTE format('GRANT %s ON ledger.field_bases TO %s', granted.privilege, granted.grantee);
        IF granted.privilege = 'SELECT' THEN
            EXECUTE format('GRANT SELECT ON ledger.field_discrepancies TO %s', granted.grantee);
        END IF;
    END LOOP;
END $$;
