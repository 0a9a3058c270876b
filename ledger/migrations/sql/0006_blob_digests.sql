-- A digest of what is stored beside each blob: its name covers the bytes before compression alone, and
-- a compressed stream has bits that mean nothing. Those that are there are taken as they are; made
-- as a generated column first, since the guard lets nobody update a blob.
ALTER TABLE ledger.blobs
    ADD COLUMN IF NOT EXISTS content_digest bytea NOT NULL GENERATED ALWAYS AS (sha256(content)) STORED;
ALTER TABLE ledger.blobs ALTER COLUMN content_digest DROP EXPRESSION IF EXISTS;
COMMENT ON COLUMN ledger.blobs.content_digest IS 'SHA-256 of content, as it is stored.';
