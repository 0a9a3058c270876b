"""The commands of the importer, and those that take both syncs and imports."""
