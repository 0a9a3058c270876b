"""The history of a record, with the reasons of its links."""
