"""Rollback: what a run did is undone by events that compensate for it; nothing is deleted."""
