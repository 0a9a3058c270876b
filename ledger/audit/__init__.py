"""The audit pack: one run in one file, verifiable without the database."""
