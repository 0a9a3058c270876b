"""The schema's history, run by ``admsync migrate``."""
