"""The sync's commands."""
