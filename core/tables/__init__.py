"""The tables of a dataset: every file format and every line of SQL."""
