-- Appends a batch of events: all of it, in order, at the next positions, or nothing.
--
-- Each of the first eight arguments is one column of the batch: its values in order, separated by
-- U+001F, which no value may hold (a batch travels faster so than as arrays, which the driver
-- would have to encode item by item). ordinals are each event's place, from 1, among the events of
-- its stream in the batch; subjects are separated within an event by U+001E. expected_versions are
-- the versions that expected_streams must stand at; 0: must not exist yet.
--
-- What ledger.refusal names, and a cause that is no position before the batch, is refused: this is
-- the only door, and whoever may call it need not be this program.
--
-- The batch stands at first_position and following, or, where it was known, at positions.
--
-- The lock makes positions dense and visible in order: it is held until the batch is visible, and
-- the tip is read after it was taken, which needs a fresh snapshot, hence READ COMMITTED.
CREATE OR REPLACE FUNCTION ledger.append(
    event_ids text,
    streams text,
    ordinals text,
    subjects text,
    types text,
    schema_versions text,
    causes text,
    payloads text,
    actor text,
    run_id uuid,
    expected_streams text[] DEFAULT '{}',
    expected_versions integer[] DEFAULT '{}',
    OUT first_position bigint,
    OUT positions bigint[],
    OUT recorded_at timestamptz,
    OUT known boolean
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- A plan made for the very values would be made anew for every batch, and cost more than it saves.
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    separator CONSTANT text := chr(31);
    ids       CONSTANT uuid[] := string_to_array(append.event_ids, separator)::uuid[];
    size      CONSTANT integer := cardinality(ids);
    -- Split once, and of their types: what is hashed is what reads back.
    batch_streams  CONSTANT text[] := string_to_array(append.streams, separator);
    batch_ordinals CONSTANT integer[] := string_to_array(append.ordinals, separator);
    batch_subjects CONSTANT text[] := string_to_array(append.subjects, separator);
    batch_types    CONSTANT text[] := string_to_array(append.types, separator);
    batch_versions CONSTANT smallint[] := string_to_array(append.schema_versions, separator);
    batch_causes   CONSTANT bigint[] := string_to_array(append.causes, separator, '');
    batch_payloads CONSTANT json[] := string_to_array(append.payloads, separator);
    refused   text;
    tip       bigint;
    tip_link  bytea;
    stamp     timestamptz;
    signed    text;
    versions  jsonb;  -- what the batch's streams stand at, of those begun
    inserted  integer;
    stale     text;
    violated  text;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'ledger.append needs READ COMMITTED, not %',
            upper(current_setting('transaction_isolation')) USING ERRCODE = 'AL003';
    END IF;
    IF size IS NULL OR size = 0 THEN
        RAISE EXCEPTION 'ledger.append was given no events' USING ERRCODE = 'AL004';
    END IF;

    refused := ledger.refusal(
        batch_streams, batch_ordinals, batch_subjects, batch_types, batch_versions, batch_payloads,
        append.actor
    );
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION 'ledger.append refuses the batch: %', refused USING ERRCODE = 'AL004';
    END IF;

    PERFORM pg_advisory_xact_lock(4701961204418127873);

    SELECT a.first_position + a.count - 1, a.link INTO tip, tip_link
    FROM ledger.appends a ORDER BY a.first_position DESC LIMIT 1;
    tip := coalesce(tip, 0);
    tip_link := coalesce(tip_link, decode(repeat('00', 32), 'hex'));
    SELECT format('event %s follows from position %s, and the last is %s', n, cause, tip)
    INTO refused
    FROM unnest(batch_causes) WITH ORDINALITY AS b (cause, n)
    WHERE cause NOT BETWEEN 1 AND tip ORDER BY n LIMIT 1;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION 'ledger.append refuses the batch: %', refused USING ERRCODE = 'AL004';
    END IF;
    -- A clock that was set back does not put a later event before an earlier one.
    SELECT greatest(clock_timestamp(), max(e.recorded_at)) INTO stamp
    FROM ledger.events e WHERE e.position = tip;
    signed := concat_ws(
        separator, trunc(extract(epoch FROM stamp) * 1000000)::bigint, append.actor,
        coalesce(append.run_id::text, '')
    );

    IF cardinality(append.expected_streams) > 0 THEN
        SELECT format('stream %s stands at version %s, not %s', stream, actual, version) INTO stale
        FROM (
            SELECT stream, version, coalesce((
                SELECT e.version FROM ledger.events e
                WHERE e.stream = expected.stream ORDER BY e.version DESC LIMIT 1
            ), 0) AS actual
            FROM unnest(append.expected_streams, append.expected_versions)
                AS expected (stream, version)
        ) AS expected
        WHERE actual <> version LIMIT 1;
    END IF;

    IF stale IS NULL THEN
        BEGIN
            -- A map, not a join: after that the rows would come in the order of a hash table, which
            -- costs every index dear.
            SELECT jsonb_object_agg(stream, version) INTO versions
            FROM (
                SELECT stream, (
                    SELECT e.version FROM ledger.events e
                    WHERE e.stream = named.stream ORDER BY e.version DESC LIMIT 1
                ) AS version
                FROM (
                    SELECT DISTINCT unnest(batch_streams)
                ) AS named (stream)
            ) AS begun WHERE version IS NOT NULL;

            WITH batch AS (
                SELECT tip + n AS position, event_id, stream,
                    ordinal + coalesce((versions ->> stream)::integer, 0) AS version,
                    -- A column of nothing but one empty value splits into none.
                    coalesce(subjects, '') AS subjects, type, schema_version, cause, payload
                FROM unnest(
                    ids, batch_streams, batch_ordinals, batch_subjects, batch_types, batch_versions,
                    batch_causes, batch_payloads
                ) WITH ORDINALITY AS b (
                    event_id, stream, ordinal, subjects, type, schema_version, cause, payload, n
                )
            ), events AS (
                INSERT INTO ledger.events
                SELECT position, event_id, stream, version, string_to_array(subjects, chr(30)),
                    type, schema_version, stamp, append.actor, append.run_id, cause, payload,
                    sha256(convert_to(concat_ws(
                        separator, position, event_id, stream, version, subjects, type,
                        schema_version, signed, coalesce(cause::text, ''), payload
                    ), 'UTF8'))
                FROM batch
                RETURNING position, hash
            )
            INSERT INTO ledger.appends
            SELECT tip + 1, count, root, sha256(tip_link || root)
            FROM (
                SELECT count(*), sha256(string_agg(hash, ''::bytea ORDER BY position)) AS root
                FROM events
            ) AS appended
            RETURNING count INTO inserted;
        EXCEPTION WHEN unique_violation THEN
            GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
            IF violated <> 'events_event_id_key' THEN
                RAISE;
            END IF;
        END;
    END IF;

    known := inserted IS NULL;
    IF known THEN
        SELECT array_agg(e.position ORDER BY n), max(e.recorded_at) INTO positions, recorded_at
        FROM unnest(ids) WITH ORDINALITY AS b (event_id, n) JOIN ledger.events e USING (event_id);
        IF cardinality(positions) = size
            AND size = (SELECT count(DISTINCT event_id) FROM unnest(ids) AS b (event_id))
        THEN
            RETURN;
        ELSIF positions IS NOT NULL OR stale IS NULL THEN
            RAISE EXCEPTION '% of % events are in the ledger already, or repeat in the batch',
                coalesce(cardinality(positions), 0), size USING ERRCODE = 'AL002';
        END IF;
        RAISE EXCEPTION '%', stale USING ERRCODE = 'AL001';
    ELSIF inserted <> size THEN
        RAISE EXCEPTION 'the columns of the batch differ in length, or a stream is missing'
            USING ERRCODE = 'AL004';
    END IF;

    first_position := tip + 1;
    recorded_at := stamp;
    PERFORM pg_notify('admsync_ledger', (tip + size)::text);
END
$$;

REVOKE ALL ON FUNCTION ledger.append FROM PUBLIC;
