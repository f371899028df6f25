"""The runs place: every run in full, and trainings."""
