"""Workbooks that were dropped and commands that were started, kept in files and cleared."""
