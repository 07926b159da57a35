"""A request as its history makes it."""
