"""The reference data for validating a workbook: linked records, the catalogue, people's choices."""
