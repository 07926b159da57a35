"""Another version of the declaration: what it would have changed, and what running requests become under it."""
