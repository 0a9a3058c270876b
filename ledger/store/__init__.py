"""The append-only record: appending, reading, following, blobs."""
