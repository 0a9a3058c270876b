"""The database: its settings, connections, and the PostgreSQL that comes with the program."""
