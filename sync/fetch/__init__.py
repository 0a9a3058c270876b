"""From Administrate's pages to observed records."""
