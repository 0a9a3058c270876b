"""Where alembic starts: it is always given a connection, inside a transaction of the caller's."""

from alembic import context

from ledger.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table="schema_versions",
    version_table_schema="ledger",
)
context.run_migrations()
