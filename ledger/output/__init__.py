"""The one way out: every line, table, document, question and log entry that the program prints.

What comes from outside (names, messages of servers, reasons, file names) passes ``visible`` here:
no character of it acts on a terminal or hides in a log.
"""
