"""What a workbook is judged against: linked records, the catalogue, what people decided."""
