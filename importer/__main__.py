"""``python -m importer``: the program, for a process that starts it again."""

from importer.program import main

main()
