"""The audit pages: what the commands do, in a browser."""
