"""The review: its data, its decisions, its seals."""
