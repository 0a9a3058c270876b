"""Administrate's records in one SQLite file: kinds, global ids, times, what an event derives."""
