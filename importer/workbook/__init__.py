"""The content of a workbook: files, sheets, cells, and groups of rows."""
