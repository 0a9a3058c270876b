"""Alembic's environment: a connection of the caller's, inside its transaction."""

from alembic import context

from ledger.database.connection import driver

context.configure(
    connection=context.config.attributes["connection"],
    version_table="schema_versions",
    version_table_schema="ledger",
)
# A script of several statements cannot be prepared, as a low prepare_threshold of the URL's asks.
reached = driver(context.config.attributes["connection"])
threshold, reached.prepare_threshold = reached.prepare_threshold, None
try:
    context.run_migrations()
finally:
    reached.prepare_threshold = threshold
