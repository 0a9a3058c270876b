"""Pages of Administrate to observed records."""
