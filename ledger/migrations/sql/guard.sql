-- Whoever reaches the ledger by hand is told what to do instead. Erasure alone may delete, and says
-- so in its own transaction.
CREATE OR REPLACE FUNCTION ledger.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME IN ('blobs', 'personal')
        AND current_setting('ledger.erasing', true) = 'yes' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% on ledger.% is refused: the ledger is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'AL005', HINT = CASE
            WHEN TG_TABLE_NAME IN ('blobs', 'personal')
                THEN 'to forget a person use: admsync erase RECORD --reason TEXT'
            ELSE 'to undo a run use: admsync rollback RUN; to forget a person: admsync erase RECORD'
        END;
END
$$;

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['events', 'appends', 'blobs', 'personal'] LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE'
            ' ON ledger.%I FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', guarded);
        -- Replication roles would pass by an ordinary trigger.
        EXECUTE format('ALTER TABLE ledger.%I ENABLE ALWAYS TRIGGER append_only', guarded);
    END LOOP;
END
$$;
