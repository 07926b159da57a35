"""The governance review as a committee reads it."""
