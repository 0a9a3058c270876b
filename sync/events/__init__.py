"""Events and sessions after their import: what both sides agreed on, and what changed since."""
