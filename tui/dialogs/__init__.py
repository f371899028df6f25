"""The dialogs, which stand over any place."""
