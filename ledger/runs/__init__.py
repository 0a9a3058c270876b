"""A run from start to end: its states, its locks, its interrupts."""
