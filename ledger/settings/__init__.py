"""Settings: where they are looked for, whose word they are, and what there is to set."""
