"""The fictional company: its entries, the records and the tutorial rows made from them."""
