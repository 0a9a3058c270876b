"""Administrate's side of a rollback."""
