"""Validation: from a workbook's rows to planned events, or to their errors."""
