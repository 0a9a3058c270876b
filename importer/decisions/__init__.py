"""Decisions in a spreadsheet: open discrepancies exported to a workbook, typed decisions read
back."""
