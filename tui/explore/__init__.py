"""The explore place: listeners, and what is recommended to them."""
