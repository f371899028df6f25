"""The What if place: edited and new listeners."""
