"""The comments on ``ledger.runs`` name every state that a run can have."""

from alembic import op

from ledger.migrations import sql_script

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(sql_script("0008_run_states.sql").replace("%", "%%"))
