"""Administrate's limit of calls: 6,000 in any five minutes, for the address they come from."""

WINDOW = 300.0
"""The seconds over which calls are counted."""

MOST = 5_900
"""The calls that all processes of a database start in a window; the rest is for those that are late
on their way."""
