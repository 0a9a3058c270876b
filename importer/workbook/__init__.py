"""What a workbook holds: files, sheets, cells, and which rows belong together."""
