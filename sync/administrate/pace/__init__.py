"""When a call may start: Administrate's limit of 6,000 calls in any five minutes for an address."""

WINDOW = 300.0
"""The seconds over which calls are counted."""

MOST = 5_900
"""The calls that all processes of a database start in a window; the rest is for those that are late
on their way."""
