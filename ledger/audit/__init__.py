"""The audit pack: one run in one file, which proves itself without the database."""
