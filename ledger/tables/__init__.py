"""The tables that a database has: their columns, keys to come, the shape of ``acted``."""
