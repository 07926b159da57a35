"""The governance review, computed from the history."""
