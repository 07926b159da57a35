"""The review in each format."""
