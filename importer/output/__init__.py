"""Workbooks that the program writes: the receipt, the empty template, the sample."""
