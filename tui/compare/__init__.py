"""The compare place: two runs on one listener."""
