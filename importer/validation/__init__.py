"""From a workbook's rows to events that can be made, or to what is wrong with them."""
