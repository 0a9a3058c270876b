"""What is read: each list declared, fetched whole or not at all, and searched."""
