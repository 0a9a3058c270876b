-- The comments on ledger.runs, with the states that came later.
COMMENT ON COLUMN ledger.runs.state IS
    'running, stopped, done, failed, undone (rolled back) or set aside; a killed run stays running.';
COMMENT ON COLUMN ledger.runs.reason IS
    'Why it stopped, failed, was rolled back or was set aside.';
