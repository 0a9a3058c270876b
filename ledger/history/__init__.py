"""What happened to a record, and why."""
