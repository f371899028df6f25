"""The songs place: the catalogue, and a song in full."""
