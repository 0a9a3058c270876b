"""Decisions in a spreadsheet: what is open written to a workbook, and what people decided read."""
