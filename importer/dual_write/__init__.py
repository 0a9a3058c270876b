"""Executes the plan in both systems, event by event, and reports the result."""
