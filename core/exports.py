"""Files of what is shown."""
