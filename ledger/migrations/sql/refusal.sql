-- Whether a payload is an object of which no key repeats, where PostgreSQL can tell at once: from 16
-- on. A nested object may repeat its keys, so what is not so is still to be looked at.
DO $$
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION ledger.is_object_of_unique_keys(payload json) RETURNS boolean'
        || ' LANGUAGE sql IMMUTABLE RETURN %s',
        CASE WHEN current_setting('server_version_num')::integer < 160000 THEN 'false'
            ELSE 'payload IS JSON OBJECT WITH UNIQUE KEYS' END
    );
END $$;
REVOKE ALL ON FUNCTION ledger.is_object_of_unique_keys FROM PUBLIC;

-- Why ledger.append refuses a batch; NULL where it takes it. The arguments are its columns, split.
--
-- Bounds, in bytes: a stream's and each subject's name 2,000 (an index row holds no more than 2,704),
-- a type 200, the actor 1,000, an event's subjects together 4 MiB, its payload 16 MiB. Types and
-- versions that this program does not know may pass: a later one appends them.
CREATE OR REPLACE FUNCTION ledger.refusal(
    streams text[],
    ordinals integer[],
    subjects text[],
    types text[],
    schema_versions smallint[],
    payloads json[],
    actor text
)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    found text;
BEGIN
    IF actor ~ '[\x1e\x1f]' THEN
        RETURN 'the actor holds a separator, U+001E or U+001F';
    ELSIF octet_length(actor) NOT BETWEEN 1 AND 1000 THEN
        RETURN 'the actor has no name, or one of more than 1,000 bytes';
    END IF;
    SELECT format('event %s of the batch has %s', n, fault) INTO found
    FROM (
        SELECT n, CASE
            WHEN num_nulls(stream, ordinal, type, schema_version, payload) > 0
                THEN 'no value in a column: the columns differ in length'
            WHEN octet_length(stream) NOT BETWEEN 1 AND 2000
                THEN 'no stream, or one of more than 2,000 bytes'
            WHEN octet_length(type) NOT BETWEEN 1 AND 200
                THEN 'no type, or one of more than 200 bytes'
            WHEN schema_version < 1 THEN 'a schema version below 1'
            WHEN octet_length(subjects) > 4194304 THEN 'subjects of more than 4 MiB'
            -- Of few bytes in all, none has too many.
            WHEN octet_length(subjects) > 2000 AND EXISTS (
                SELECT FROM unnest(string_to_array(subjects, chr(30))) AS s (name)
                WHERE octet_length(name) > 2000
            ) THEN 'a subject of more than 2,000 bytes'
            WHEN pg_column_size(payload) > 16777220 THEN 'a payload of more than 16 MiB'
            WHEN ledger.is_object_of_unique_keys(payload) THEN NULL
            WHEN json_typeof(payload) <> 'object' THEN 'a payload that is no JSON object'
            WHEN (
                SELECT count(*) > count(DISTINCT key) FROM json_object_keys(payload) AS k (key)
            ) THEN 'a payload that repeats a key'
        END AS fault
        FROM unnest(
            refusal.streams, refusal.ordinals, refusal.subjects, refusal.types,
            refusal.schema_versions, refusal.payloads
        ) WITH ORDINALITY
            AS b (stream, ordinal, subjects, type, schema_version, payload, n)
    ) AS judged
    WHERE fault IS NOT NULL ORDER BY n LIMIT 1;
    IF found IS NULL THEN
        -- By itself: sorting by stream would carry the payloads along.
        SELECT format('event %s of the batch has an ordinal that is not its place in its stream', n)
        INTO found
        FROM (
            SELECT n, ordinal, row_number() OVER (PARTITION BY stream ORDER BY n) AS place
            FROM unnest(refusal.streams, refusal.ordinals) WITH ORDINALITY AS b (stream, ordinal, n)
        ) AS placed
        WHERE ordinal <> place ORDER BY n LIMIT 1;
    END IF;
    RETURN found;
END
$$;

REVOKE ALL ON FUNCTION ledger.refusal FROM PUBLIC;
