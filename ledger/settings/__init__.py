"""Settings: where they are read, which files are trusted, and the declared ones."""
