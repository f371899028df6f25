"""What the records look like as tables: the same columns for the terminal and for CSV."""
