-- Rows as the events make them up to a position, so that they need not be read from the first event
-- on. Derived from events alone, and made anew from them where it is empty.
CREATE TABLE IF NOT EXISTS ledger.known_tables (
    table_name text   PRIMARY KEY,
    position   bigint NOT NULL,
    columns    text[] NOT NULL
);
COMMENT ON TABLE ledger.known_tables IS
    'A row a table of adm or acted whose rows are in known_rows: derived from the events, may be emptied.';
COMMENT ON COLUMN ledger.known_tables.table_name IS 'The table: adm.events.';
COMMENT ON COLUMN ledger.known_tables.position IS 'Of the last event that its rows in known_rows follow from.';
COMMENT ON COLUMN ledger.known_tables.columns IS 'The shape and the columns that the table had then; with others its rows are made anew.';

CREATE TABLE IF NOT EXISTS ledger.known_rows (
    table_name text   NOT NULL,
    row_id     bigint NOT NULL,
    columns    jsonb  NOT NULL,
    PRIMARY KEY (table_name, row_id)
);
COMMENT ON TABLE ledger.known_rows IS
    'Rows of adm and acted as the events make them, up to the position in known_tables.';
COMMENT ON COLUMN ledger.known_rows.table_name IS 'The table: adm.events.';
COMMENT ON COLUMN ledger.known_rows.row_id IS 'Its primary key.';
COMMENT ON COLUMN ledger.known_rows.columns IS 'Its columns by name.';

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
        EXECUTE format('GRANT %s ON ledger.known_tables, ledger.known_rows TO %s', granted.privilege,
            granted.grantee);
    END LOOP;
END $$;
